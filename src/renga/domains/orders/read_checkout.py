"""Use case: read a checkout, with the quote that was shown last or, if that is over, a new one."""

from renga.domains.cart.contract import Cart, CartAlreadyCompleted
from renga.domains.orders.access import cart_of, found_checkout
from renga.domains.orders.change_checkout import show
from renga.domains.orders.close_checkouts import abandon_one
from renga.domains.orders.contract import Checkout, CheckoutBusy
from renga.domains.orders.dependencies import CheckoutDependencies
from renga.domains.orders.make_quote import quote_with_kept_option
from renga.domains.orders.model.checkout_record import CheckoutRecord
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.domains.orders.model.viewing import state_at
from renga.domains.orders.showing import CART_ENDED, TRIES_MAX, shown
from renga.kernel.caller import Caller
from renga.kernel.errors import Unavailable


async def read_checkout(dependencies: CheckoutDependencies, caller: Caller, checkout_id: str) -> Checkout:
    """Raises CheckoutNotFound, CheckoutBusy (only after many changes in between), what pricing's ``quote`` raises."""
    for _ in range(TRIES_MAX):
        record = await found_checkout(dependencies, caller, checkout_id)
        frozen = await _last(dependencies, record)
        if state_at(record, dependencies.clock.now_ms()) != "open":
            return shown(dependencies, record, frozen)
        try:
            cart = await cart_of(dependencies, caller, record)
        except CART_ENDED:
            await abandon_one(dependencies.checkouts, dependencies.clock, dependencies.new_id, record.id)
            continue
        except CartAlreadyCompleted:
            return shown(dependencies, record, frozen)  # who completed it is about to say so here, too
        except Unavailable:
            if record.customer is None or frozen is None:
                raise  # the cart could have become a customer's
            return shown(dependencies, record, frozen)
        made = await _current(dependencies, record, cart, frozen)
        if made is not None:
            return made
    raise CheckoutBusy("other changes came in between; try again")


async def _last(dependencies: CheckoutDependencies, record: CheckoutRecord) -> FrozenQuote | None:
    return None if record.quote_id is None else await dependencies.checkouts.quote(record.quote_id)


async def _current(
    dependencies: CheckoutDependencies, record: CheckoutRecord, cart: Cart, frozen: FrozenQuote | None
) -> Checkout | None:
    """None: another change came in between."""
    if frozen is not None and _holds(frozen, cart, dependencies.clock.now_ms()):
        return shown(dependencies, record, frozen)
    frozen, details = await quote_with_kept_option(dependencies, record.id, cart, record.details)
    return await show(dependencies, record, details, frozen)


def _holds(frozen: FrozenQuote, cart: Cart, now_ms: int) -> bool:
    """A cart that was claimed has other terms. The start of a checkout is a version in which nothing changed."""
    same = frozen.cart_version == cart.version or (cart.state == "checkout" and frozen.cart_version == cart.version - 1)
    return frozen.live_at(now_ms) and same and frozen.customer == cart.customer
