"""What the scripts write as events is exactly what ``cart/events.py`` says: each member, no other."""

from typing import Any

import msgspec

from renga.domains.cart.contract import events
from renga.domains.cart.ports import CartLimits, Guard, LineArgument, MergeLoad
from renga.domains.cart.stores.redis import RedisCartStore
from renga.domains.cart.stores.redis_outbox import RedisOutbox
from renga.kernel.clock import ManualClock
from renga.kernel.events import Event, encode
from renga.kernel.ids import uuid7
from renga.platform.redis.client import HotRedis
from tests.platform.asyncapi_tools import errors_of_event

NOW_MS = 4_000_000_000_000
GUEST = Guard(whole=False)


def argument(line: str = "l1", sku: str = 'SKU "1" \\ ☕') -> LineArgument:
    return LineArgument(line=line, quantity=2, sku=sku, title="Título", options={}, prices={"BRL": 990})


async def every_event(url: str) -> list[Event]:
    """A cart's life in which each event happens at least once."""
    clock, redis = ManualClock(NOW_MS), HotRedis(url)
    store = RedisCartStore(redis, shards=1, limits=CartLimits(life_ms=60_000, abandoned_after_ms=20_000), clock=clock)
    first, second, third = (uuid7(NOW_MS, n) for n in range(3))
    for cart_id in (first, second, third):
        await store.create(cart_id, "BRL", 60_000, GUEST)
    for line in ("l1", "l2"):
        await store.add(first, argument(line), GUEST)
    await store.set_quantity(first, "l1", 3, GUEST)
    await store.remove(first, "l2", GUEST)
    await store.saved(first, "l1", "save", GUEST)
    await store.saved(first, "l1", "restore", GUEST)
    await store.coupon(first, "A", "apply", GUEST)
    await store.coupon(first, "A", "remove", GUEST)
    await store.note(first, "oi", GUEST)
    await store.replace(first, [argument("l3")], GUEST)
    await store.begin_merge(second, first, "")
    await store.merge(first, second, MergeLoad(lines=(argument("l4"),)), GUEST)
    await store.end_merge(second, first, done=True)
    await store.claim(first, "ana", GUEST)
    ana = Guard(caller="ana", whole=False)
    await store.checkout(first, ana)
    await store.complete(first, {"l3": 2}, ana)
    await store.replace(third, [], GUEST)
    clock.advance(seconds=30)
    await store.sweep(0, 100)
    clock.advance(seconds=60)
    await store.sweep(0, 100)
    found = [pending.event for pending in await RedisOutbox(redis, 0).read(1000)]
    await redis.close()
    return found


async def test_every_event_of_the_scripts_has_the_shape_that_is_declared(valkey_url: str) -> None:
    found = await every_event(valkey_url)
    declared: dict[str, Any] = {
        name: kind
        for name, kind in vars(events).items()
        if isinstance(kind, type) and kind.__module__ == events.__name__ and kind is not events.CartFact
    }
    assert {event.name for event in found} == set(declared)
    for event in found:
        kind = declared[event.name]
        data = msgspec.convert(event.data, kind)
        assert set(event.data) <= set(kind.__struct_fields__), event
        assert (data.cart_id, data.version) == (event.subject, event.sequence)
        assert errors_of_event(msgspec.json.decode(encode(event)), event.type) == [], event


async def test_the_changes_of_updates_are_named(valkey_url: str) -> None:
    updates = [event.data["change"] for event in await every_event(valkey_url) if event.name == "CartUpdated"]
    assert updates == [
        "quantity", "saved", "restored", "coupon_applied", "coupon_removed", "note", "replaced", "merged_away", "claimed",
        "cleared",
    ]  # fmt: skip


async def test_an_event_tells_a_sku_with_quotes_and_accents_as_it_is(valkey_url: str) -> None:
    added = next(event for event in await every_event(valkey_url) if event.name == "ItemAddedToCart")
    assert added.data["sku"] == 'SKU "1" \\ ☕'
    assert added.data["quantity"] == 2
    assert added.data["unit_price"] == 990
