"""Use case: the checkout of a cart, a new one or its live one. The cart is told that its checkout has started."""

import contextlib

import msgspec

from renga.domains.cart.contract import Cart, CartAlreadyCompleted, Write
from renga.domains.orders.access import cart_caller
from renga.domains.orders.change_checkout import change_once, check_version, quote_changed
from renga.domains.orders.close_checkouts import expire_one
from renga.domains.orders.contract import Checkout, CheckoutBusy, CheckoutRequest
from renga.domains.orders.dependencies import CheckoutDependencies
from renga.domains.orders.model.checkout_record import NO_DETAILS, CheckoutRecord, new_record
from renga.domains.orders.model.viewing import state_at
from renga.domains.orders.read_checkout import read_checkout
from renga.domains.orders.recording import opened
from renga.domains.orders.showing import CART_GONE, TRIES_MAX, check_open, shown
from renga.kernel.caller import Caller
from renga.kernel.once import Once


async def start_checkout(
    dependencies: CheckoutDependencies,
    caller: Caller,
    request: CheckoutRequest,
    language: str = "",
    once: Once | None = None,
) -> tuple[Checkout, bool]:
    """The checkout, and whether nobody has seen it before. Raises what ``contract.Checkouts.start`` says."""
    async with dependencies.turns.turn(request.cart_id.lower()):
        for _ in range(TRIES_MAX):
            made = await _start_once(dependencies, caller, request, language, once)
            if made is not None:
                # last, so that a refusal has told nobody anything
                await _tell_cart(dependencies, caller, request.cart_id)
                return made
    raise CheckoutBusy("other changes came in between; try again")


async def _start_once(
    dependencies: CheckoutDependencies, caller: Caller, request: CheckoutRequest, language: str, once: Once | None
) -> tuple[Checkout, bool] | None:
    """None: another change came in between."""
    if once is not None and (earlier := await dependencies.checkouts.started(once)) is not None:
        return await read_checkout(dependencies, caller, earlier.checkout_id), earlier.fresh
    cart = await dependencies.carts.read(cart_caller(caller), request.cart_id)
    if cart.state == "completed":
        raise CartAlreadyCompleted()
    check_version(cart, request)
    live = await _live(dependencies, cart.id)
    if live is None:
        made = await _create(dependencies, cart, request, language, once)
    else:
        check_open(live, dependencies.clock.now_ms())
        made = await change_once(dependencies, live, cart, request, language, once)
    return None if made is None else (made, live is None or live.quote_id is None)


async def _tell_cart(dependencies: CheckoutDependencies, caller: Caller, cart_id: str) -> None:
    """Once, also if the call that started the checkout ended before it came to this. The start changes no line."""
    who = cart_caller(caller)
    with contextlib.suppress(*CART_GONE):  # since it was quoted: there is nothing to tell any more
        cart = await dependencies.carts.read(who, cart_id)
        if cart.state == "open" and cart.lines:
            await dependencies.carts.start_checkout(who, cart.id, Write(whole=False))


async def _live(dependencies: CheckoutDependencies, cart_id: str) -> CheckoutRecord | None:
    live = await dependencies.checkouts.live(cart_id)
    if live is not None and state_at(live, dependencies.clock.now_ms()) == "expired":
        await expire_one(dependencies.checkouts, dependencies.clock, dependencies.new_id, live.id)
        return None
    return live


async def _create(
    dependencies: CheckoutDependencies, cart: Cart, request: CheckoutRequest, language: str, once: Once | None
) -> Checkout | None:
    """None: the cart has a live checkout by now, or another call had the key."""
    checkout_id, now_ms = dependencies.new_id(), dependencies.clock.now_ms()
    details, frozen = await quote_changed(dependencies, checkout_id, NO_DETAILS, cart, request, language)
    record = msgspec.structs.replace(
        new_record(checkout_id, cart.id, cart.customer, now_ms, dependencies.settings.checkout_life_s),
        details=details,
        quote_id=frozen.id,
    )
    event = opened(record, dependencies.clock, dependencies.new_id)
    if not await dependencies.checkouts.start(record, frozen, [event], once):
        return None
    return shown(dependencies, record, frozen)
