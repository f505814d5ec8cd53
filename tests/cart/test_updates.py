"""A consumer of CartUpdated alone gets every change of a cart's contents or terms, once and in order."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from renga.domains.cart.contract import NewLine
from renga.domains.cart.contract.events import CartUpdated, ItemAddedToCart
from renga.domains.cart.erase_customer import erase_customer
from renga.domains.cart.opening import CartModule
from renga.kernel.caller import ANONYMOUS, Caller
from renga.platform.bus.subscribing import Heard, subscribe
from tests.faults.shop import GUEST, SERVICE, add, create, open_cart, waiting, working
from tests.support import eventually

ANA = Caller("ana", frozenset({"cart"}))
SPECIFIC = {"added", "removed", "merged", "completed"}


class Updates:
    """A consumer of CartUpdated and of nothing else."""

    def __init__(self, *also: Any) -> None:
        self.heard: list[Heard[Any]] = []
        self.consumer = subscribe((CartUpdated, *also), self._hear, name="test.updates")

    async def _hear(self, news: Sequence[Heard[Any]]) -> None:
        self.heard += news

    def of(self, cart_id: str) -> list[tuple[int, str, str | None]]:
        facts = [heard.fact for heard in self.heard if heard.fact.cart_id == cart_id]
        return [(fact.version, fact.change, fact.line) for fact in facts if isinstance(fact, CartUpdated)]


@pytest.fixture
async def rooms(valkey_url: str, database_url: str) -> AsyncIterator[CartModule]:
    async with open_cart(valkey_url, database_url) as opened:
        yield opened


async def _settled(rooms: CartModule, updates: Updates, cart_id: str, last: int) -> None:
    async def heard() -> bool:
        return any(version == last for version, _, _ in updates.of(cart_id)) and not await waiting(rooms)

    await eventually(heard)


async def _is_known(rooms: CartModule, cart_id: str, customer: str) -> bool:
    return cart_id in await rooms.dependencies.snapshots.owned_by(customer, 10)


async def _line(rooms: CartModule, cart_id: str, sku: str) -> str:
    cart = await rooms.carts.read(SERVICE, cart_id)
    return next(line.line for line in (*cart.lines, *cart.saved) if line.sku == sku)


async def test_every_operation_that_changes_contents_or_terms_is_heard_once_and_in_order(
    rooms: CartModule, bus_url: str
) -> None:
    carts, updates = rooms.carts, Updates()
    async with working(rooms, bus_url, updates.consumer):
        cart_id, source = await create(rooms), await create(rooms)
        await add(rooms, cart_id, "A", "key-1")
        await add(rooms, cart_id, "A", "key-1")  # a replay is no change
        await add(rooms, cart_id, "B", quantity=2)
        a, b = await _line(rooms, cart_id, "A"), await _line(rooms, cart_id, "B")
        await carts.set_quantity(ANONYMOUS, cart_id, a, 3, GUEST)
        await carts.remove_line(ANONYMOUS, cart_id, a, GUEST)
        await carts.save_for_later(ANONYMOUS, cart_id, b, GUEST)
        await carts.restore_saved(ANONYMOUS, cart_id, b, GUEST)
        await carts.save_for_later(ANONYMOUS, cart_id, b, GUEST)
        await carts.remove_saved(ANONYMOUS, cart_id, b, GUEST)
        await carts.replace_lines(ANONYMOUS, cart_id, [NewLine(sku="C", quantity=4), NewLine(sku="D")], GUEST)
        await carts.apply_coupon(ANONYMOUS, cart_id, "SPRING", GUEST)
        await carts.remove_coupon(ANONYMOUS, cart_id, "SPRING", GUEST)
        await carts.set_note(ANONYMOUS, cart_id, "oi", GUEST)
        await add(rooms, source, "E")
        await carts.merge(ANONYMOUS, cart_id, source, GUEST)
        await carts.claim(ANA, cart_id, GUEST)
        await carts.claim(ANA, cart_id, GUEST)  # already the owner: no change
        await carts.start_checkout(ANA, cart_id, GUEST)  # neither contents nor terms
        c = await _line(rooms, cart_id, "C")
        await carts.complete(SERVICE, cart_id, {c: 1}, GUEST, order_id="o-1")
        await carts.complete(SERVICE, cart_id, {c: 1}, GUEST, order_id="o-1")  # taken away already
        await eventually(lambda: _is_known(rooms, cart_id, "ana"))
        await erase_customer(rooms.dependencies, "ana")
        last = (await carts.clear(ANONYMOUS, cart_id, GUEST)).version
        await _settled(rooms, updates, cart_id, last)
    assert updates.of(cart_id) == [
        (2, "added", a), (3, "added", b), (4, "quantity", a), (5, "removed", a), (6, "saved", b), (7, "restored", b),
        (8, "saved", b), (9, "saved_removed", b), (10, "replaced", None), (11, "coupon_applied", None),
        (12, "coupon_removed", None), (13, "note", None), (14, "merged", None), (15, "claimed", None),
        (17, "completed", None), (18, "erased", None), (19, "cleared", None),
    ]  # fmt: skip
    assert [(version, change) for version, change, _ in updates.of(source)] == [(2, "added"), (3, "merged_away")]
    ids = [heard.event.id for heard in updates.heard]
    assert len(set(ids)) == len(ids)
    for heard in updates.heard:
        assert heard.event.id.endswith(":updated") == (heard.fact.change in SPECIFIC)


async def test_who_listens_to_both_hears_the_specific_event_and_then_the_update_of_one_record(
    rooms: CartModule, bus_url: str
) -> None:
    updates = Updates(ItemAddedToCart)
    async with working(rooms, bus_url, updates.consumer):
        cart_id = await create(rooms)
        for sku in ("A", "B"):
            await add(rooms, cart_id, sku)
        await rooms.carts.set_note(ANONYMOUS, cart_id, "oi", GUEST)
        await _settled(rooms, updates, cart_id, 4)
    assert [heard.event.id for heard in updates.heard] == [
        f"{cart_id}:2:ItemAddedToCart", f"{cart_id}:2:ItemAddedToCart:updated",
        f"{cart_id}:3:ItemAddedToCart", f"{cart_id}:3:ItemAddedToCart:updated",
        f"{cart_id}:4:CartUpdated",
    ]  # fmt: skip


async def test_one_record_waits_in_the_outbox_for_each_change(rooms: CartModule) -> None:
    cart_id = await create(rooms)
    await add(rooms, cart_id, "A")
    await rooms.carts.complete(SERVICE, cart_id, {await _line(rooms, cart_id, "A"): 1}, GUEST)
    found = [(event.name, event.also.data if event.also else None) for event in await waiting(rooms)]
    line = (await waiting(rooms))[1].data["line"]
    assert found == [
        ("CartCreated", None),
        ("ItemAddedToCart", {"cart_id": cart_id, "version": 2, "line": line, "change": "added"}),
        ("CartCompleted", {"cart_id": cart_id, "version": 3, "change": "completed"}),
    ]
