"""Use cases: what carts tell. A started checkout is known even where nobody asked for a quote; a cart that ends, ends it."""

from renga.domains.orders.access import SYSTEM
from renga.domains.orders.close_checkouts import abandon_one
from renga.domains.orders.dependencies import CheckoutKeeping
from renga.domains.orders.model.checkout_record import CheckoutRecord, new_record
from renga.domains.orders.recording import opened
from renga.domains.orders.showing import CART_GONE
from renga.kernel.events import Event


async def hear_started(dependencies: CheckoutKeeping, event: Event) -> bool:
    """Whether this event made a checkout. The event may come twice, late, and beside a call of the API."""
    record = await _record(dependencies, event.subject)
    events = [] if record is None else [opened(record, dependencies.clock, dependencies.new_id)]
    return await dependencies.checkouts.start_heard(event, record, events)


async def _record(dependencies: CheckoutKeeping, cart_id: str) -> CheckoutRecord | None:
    """None: the buyer has gone on shopping, or has bought."""
    try:
        cart = await dependencies.carts.read(SYSTEM, cart_id)
    except CART_GONE:
        return None
    if cart.state != "checkout" or not cart.lines:
        return None
    now_ms = dependencies.clock.now_ms()
    return new_record(dependencies.new_id(), cart.id, cart.customer, now_ms, dependencies.settings.checkout_life_s)


async def hear_ended(dependencies: CheckoutKeeping, cart_id: str) -> bool:
    """A cart has expired or was merged into another one."""
    live = await dependencies.checkouts.live(cart_id)
    if live is None:
        return False
    return await abandon_one(dependencies.checkouts, dependencies.clock, dependencies.new_id, live.id)
