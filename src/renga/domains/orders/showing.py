"""Shared by the use cases of checkouts: what a buyer sees, the state that allows a change, how often races are run again."""

from renga.domains.cart.contract import CartAlreadyCompleted, CartBusy, CartHasExpired, CartMergedAway, CartNotFound
from renga.domains.orders.contract import (
    Checkout,
    CheckoutBusy,
    CheckoutEnded,
    CheckoutHasExpired,
)
from renga.domains.orders.dependencies import CheckoutDependencies
from renga.domains.orders.model.checkout_record import CheckoutRecord
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.domains.orders.model.requirements import requirements_of
from renga.domains.orders.model.viewing import state_at, view_of

#: How often a change is made again because another one came in between.
TRIES_MAX = 5
#: The cart is gone for good, and its checkout with it.
CART_ENDED = (CartHasExpired, CartMergedAway)
#: Nothing can be told to the cart any more, or is told by who merges or orders it.
CART_GONE = (*CART_ENDED, CartNotFound, CartAlreadyCompleted, CartBusy)


def shown(dependencies: CheckoutDependencies, record: CheckoutRecord, frozen: FrozenQuote | None) -> Checkout:
    """A checkout as its buyer sees it."""
    settings = dependencies.settings
    requirements = requirements_of(
        record.details, frozen, tax_id_required=settings.tax_id_required, consents=settings.consents_required
    )
    return view_of(
        record,
        frozen,
        requirements,
        now_ms=dependencies.clock.now_ms(),
        continue_url=f"{dependencies.public_url}/cart?checkout={record.id}",
    )


def check_open(record: CheckoutRecord, now_ms: int) -> None:
    """Raises CheckoutHasExpired, CheckoutEnded, CheckoutBusy."""
    state = state_at(record, now_ms)
    if state == "expired":
        raise CheckoutHasExpired()
    if state == "placing":
        raise CheckoutBusy("an order is being placed")
    if state != "open":
        raise CheckoutEnded(f"it is {state}", state=state)
