"""Use case: change a checkout and quote again."""

import msgspec
from msgspec import UNSET

from renga.domains.cart.contract import Cart, VersionConflict
from renga.domains.orders.access import cart_of, found_checkout
from renga.domains.orders.contract import CartEmpty, Checkout, CheckoutBusy, CheckoutChange
from renga.domains.orders.dependencies import CheckoutDependencies
from renga.domains.orders.make_quote import make_quote, quote_with_kept_option
from renga.domains.orders.model.changing import changed
from renga.domains.orders.model.checkout_record import CheckoutDetails, CheckoutRecord
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.domains.orders.showing import TRIES_MAX, check_open, shown
from renga.kernel.caller import Caller
from renga.kernel.once import Once


async def change_checkout(
    dependencies: CheckoutDependencies, caller: Caller, checkout_id: str, change: CheckoutChange, language: str = ""
) -> Checkout:
    """Raises what ``contract.Checkouts.change`` says."""
    record = await found_checkout(dependencies, caller, checkout_id)
    async with dependencies.turns.turn(record.cart_id) as stale:
        for _ in range(TRIES_MAX):
            if stale:
                record = await found_checkout(dependencies, caller, checkout_id)
            check_open(record, dependencies.clock.now_ms())
            cart = await cart_of(dependencies, caller, record)
            check_version(cart, change)
            made = await change_once(dependencies, record, cart, change, language)
            if made is not None:
                return made
            stale = True
    raise CheckoutBusy("other changes came in between; try again")


async def change_once(
    dependencies: CheckoutDependencies,
    record: CheckoutRecord,
    cart: Cart,
    change: CheckoutChange,
    language: str = "",
    once: Once | None = None,
) -> Checkout | None:
    """None: another change came in between, or another call with the key; nothing was changed."""
    details, frozen = await quote_changed(dependencies, record.id, record.details, cart, change, language)
    return await show(dependencies, record, details, frozen, once)


async def quote_changed(
    dependencies: CheckoutDependencies,
    checkout_id: str,
    before: CheckoutDetails,
    cart: Cart,
    change: CheckoutChange,
    language: str,
) -> tuple[CheckoutDetails, FrozenQuote]:
    """The details after a change, and their quote. An option that the change itself names must be there. Raises CartEmpty."""
    if not cart.lines:
        raise CartEmpty()
    details = changed(before, change, language)
    if change.shipping_option is UNSET:
        frozen, details = await quote_with_kept_option(dependencies, checkout_id, cart, details)
        return details, frozen
    return details, await make_quote(dependencies, checkout_id, cart, details)


async def show(
    dependencies: CheckoutDependencies,
    record: CheckoutRecord,
    details: CheckoutDetails,
    frozen: FrozenQuote,
    once: Once | None = None,
) -> Checkout | None:
    """Keep details and quote as what was shown last; None: the checkout is not as it was read."""
    now_ms = dependencies.clock.now_ms()
    async with dependencies.checkouts.unit(record.id) as unit:
        if unit.checkout.version != record.version:
            return None
        check_open(unit.checkout, now_ms)
        if once is not None and not await unit.keep_key(once, now_ms, fresh=record.quote_id is None):
            return None
        await unit.show(frozen)
        saved = await unit.save(
            msgspec.structs.replace(
                unit.checkout,
                details=details,
                customer=frozen.customer,
                quote_id=frozen.id,
                expires_ms=now_ms + dependencies.settings.checkout_life_s * 1000,
            )
        )
    return shown(dependencies, saved, frozen)


def check_version(cart: Cart, change: CheckoutChange) -> None:
    """The start of a checkout counts as a version of the cart, but changes nothing in it. Raises VersionConflict."""
    if change.cart_version is UNSET or change.cart_version is None or change.cart_version == cart.version:
        return
    if cart.state == "checkout" and change.cart_version == cart.version - 1:
        return
    raise VersionConflict(f"the cart is at version {cart.version}", field="cart_version", version=cart.version)
