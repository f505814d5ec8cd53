"""An erased account leaves the carts: owner, note, options, snapshots, the current cart; also with late events."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest

from renga.domains.cart.contract import Cart, CartNotFound, NewLine
from renga.domains.cart.erase_customer import erase_customer
from renga.domains.cart.jobs import KEEP_OVER_MS, reconcile
from renga.domains.cart.opening import CartModule
from renga.domains.cart.reactions import erasure_consumer
from renga.domains.cart.take_snapshots import take_snapshots
from renga.domains.identity.contract.events import AccountErased
from renga.kernel.caller import Caller
from renga.kernel.clock import SystemClock
from renga.kernel.events import Event
from tests.engines import resp
from tests.faults.shop import GUEST, SERVICE, create, open_cart, port_of, working
from tests.support import eventually


@pytest.fixture
async def rooms(valkey_url: str, database_url: str) -> AsyncIterator[CartModule]:
    async with open_cart(valkey_url, database_url) as opened:
        yield opened


async def cart_of(rooms: CartModule, customer: str = "ana", *, snapshot: bool = True) -> str:
    """A customer's cart: a lamp, an engraved ring, a note; the snapshot taken."""
    who = Caller(customer, frozenset({"cart"}))
    cart_id = (await rooms.carts.create(who, "BRL", write=GUEST)).cart_id
    await rooms.carts.add_line(who, cart_id, NewLine(sku="LAMP", quantity=2), GUEST)
    await rooms.carts.add_line(who, cart_id, NewLine(sku="RING", options={"engraving": "Ana e Bia"}), GUEST)
    await rooms.carts.set_note(who, cart_id, "tocar a campainha da Ana", GUEST)
    if snapshot:
        await take_snapshots(rooms.dependencies, [cart_id])
    return cart_id


async def read(rooms: CartModule, cart_id: str) -> Cart:
    return await rooms.carts.read(SERVICE, cart_id)


async def assert_forgotten(rooms: CartModule, cart_id: str) -> None:
    """Neither the store nor a snapshot has the customer, and a snapshot taken now does not either."""
    cart = await read(rooms, cart_id)
    assert (cart.customer, cart.note, [(x.sku, x.quantity) for x in cart.lines]) == (None, "", [("LAMP", 2)])
    assert await rooms.dependencies.snapshots.owned_by("ana", 10) == []
    await take_snapshots(rooms.dependencies, [cart_id])
    snapshot = await rooms.dependencies.snapshots.find(cart_id)
    assert snapshot is not None
    assert not {"owner", "note"} & snapshot.fields.keys()
    assert "Ana" not in str(snapshot.fields)


def erased(customer: str) -> Event:
    return Event(
        id=f"erased-{customer}", source="renga/identity", type=AccountErased.TYPE, subject=customer,
        time="2026-11-22T16:00:00Z", sequence=7, data={"account_id": customer},
    )  # fmt: skip


async def test_the_news_of_an_erased_account_empties_her_carts_of_her(rooms: CartModule, bus_url: str) -> None:
    async with working(rooms, bus_url) as bus:
        carts = [await cart_of(rooms) for _ in range(3)]
        bias = await cart_of(rooms, "bia")
        assert (await rooms.carts.take_over(Caller("ana"), carts[0])).cart_id == carts[0]
        await bus.publish([erased("ana")])
        await bus.publish([erased("ana")])  # at least once

        async def gone() -> bool:
            return await rooms.dependencies.current.find(
                "ana"
            ) is None and not await rooms.dependencies.snapshots.owned_by("ana", 1)

        await eventually(gone)
        for cart_id in carts:

            async def free(cart_id: str = cart_id) -> bool:
                return (await read(rooms, cart_id)).customer is None

            await eventually(free)
            await assert_forgotten(rooms, cart_id)
        kept = await rooms.carts.read(Caller("bia"), bias)
        assert (kept.customer, kept.counts.lines, kept.note) == ("bia", 2, "tocar a campainha da Ana")
        assert await rooms.dependencies.snapshots.owned_by("bia", 10) == [bias]
        assert await bus.dead_letters("cart.erasures") == []


async def test_erasing_again_changes_nothing_and_a_stranger_is_no_error(rooms: CartModule) -> None:
    cart_id = await cart_of(rooms)
    await erase_customer(rooms.dependencies, "ana")
    before = await rooms.dependencies.recovery.dump([cart_id])
    await erase_customer(rooms.dependencies, "ana")
    await erase_customer(rooms.dependencies, "nobody")
    assert await rooms.dependencies.recovery.dump([cart_id]) == before
    await assert_forgotten(rooms, cart_id)


class _Between:
    """An adapter that lets something happen between one call's answer and whatever its caller does with it."""

    def __init__(self, real: Any, method: str, happens: Callable[[], Awaitable[None]]) -> None:
        self._real, self._method, self._happens = real, method, happens

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name != self._method:
            return found

        async def call(*args: Any, **more: Any) -> Any:
            answer = await found(*args, **more)
            self._method = ""  # once
            await self._happens()
            return answer

        return call


async def test_a_snapshot_that_was_read_before_the_erasure_and_kept_after_it_does_not_bring_her_back(
    rooms: CartModule,
) -> None:
    dependencies = rooms.dependencies
    for seen_before in (True, False):
        cart_id = await cart_of(rooms, snapshot=seen_before)
        late = _Between(dependencies.recovery, "dump", lambda: erase_customer(dependencies, "ana"))
        await take_snapshots(msgspec.structs.replace(dependencies, recovery=late), [cart_id])
        await assert_forgotten(rooms, cart_id)


async def test_news_of_a_cart_that_no_snapshot_knew_when_she_was_erased_empties_it(rooms: CartModule) -> None:
    cart_id = await cart_of(rooms, snapshot=False)
    await erase_customer(rooms.dependencies, "ana")
    assert (await read(rooms, cart_id)).customer == "ana"  # nobody could know
    await take_snapshots(rooms.dependencies, [cart_id])
    await assert_forgotten(rooms, cart_id)


async def test_a_cart_that_is_claimed_with_a_token_that_outlived_the_account_is_emptied_by_its_news(
    rooms: CartModule,
) -> None:
    await erase_customer(rooms.dependencies, "ana")
    cart_id = await cart_of(rooms)
    await assert_forgotten(rooms, cart_id)


async def test_a_restore_that_crosses_the_erasure_does_not_bring_her_back(rooms: CartModule, valkey_url: str) -> None:
    dependencies, cart_id = rooms.dependencies, await cart_of(rooms)
    resp.command(port_of(valkey_url), "FLUSHALL")
    late = _Between(dependencies.snapshots, "find", lambda: erase_customer(dependencies, "ana"))
    rooms.carts._dependencies = msgspec.structs.replace(dependencies, snapshots=late)  # type: ignore[attr-defined]  # the moment is inside
    cart = await rooms.carts.read(Caller("ana"), cart_id)
    assert (cart.customer, cart.note, cart.counts.lines) == (None, "", 1)
    await assert_forgotten(rooms, cart_id)


async def test_a_cart_that_only_its_snapshot_knew_is_gone(rooms: CartModule, valkey_url: str) -> None:
    cart_id = await cart_of(rooms)
    resp.command(port_of(valkey_url), "FLUSHALL")
    await erase_customer(rooms.dependencies, "ana")
    with pytest.raises(CartNotFound):
        await read(rooms, cart_id)


async def test_which_cart_is_hers_is_not_kept_of_a_customer_who_is_to_be_forgotten(rooms: CartModule) -> None:
    cart_id = await create(rooms)
    await erase_customer(rooms.dependencies, "ana")
    assert await rooms.dependencies.current.put("ana", cart_id, instead_of=None) == cart_id
    assert await rooms.dependencies.current.find("ana") is None
    assert await rooms.dependencies.current.put("bia", cart_id, instead_of=None) == cart_id
    assert await rooms.dependencies.current.find("bia") == cart_id


async def test_a_crash_in_the_middle_is_mended_by_the_news_that_comes_again(rooms: CartModule) -> None:
    cart_ids = [await cart_of(rooms) for _ in range(2)]

    class Crash(Exception):
        pass

    async def crash() -> None:
        raise Crash

    for port, method in (("erased", "record"), ("erasure", "erase"), ("snapshots", "drop")):
        dying = _Between(getattr(rooms.dependencies, port), method, crash)
        with pytest.raises(Crash):
            await erase_customer(msgspec.structs.replace(rooms.dependencies, **{port: dying}), "ana")
    await erasure_consumer(rooms.dependencies).handler([erased("ana")])
    for cart_id in cart_ids:
        await assert_forgotten(rooms, cart_id)


async def test_who_was_to_be_forgotten_is_forgotten_herself_when_no_cart_can_know_her(rooms: CartModule) -> None:
    await erase_customer(rooms.dependencies, "ana")
    now_ms = SystemClock().now_ms()
    limits = rooms.dependencies.limits
    longest_ms = limits.life_ms + limits.safety_net_ms + KEEP_OVER_MS
    await reconcile(rooms.dependencies, now_ms + longest_ms - 60_000)
    assert await rooms.dependencies.erased.among(["ana", "bia"]) == {"ana"}
    await reconcile(rooms.dependencies, now_ms + longest_ms + 60_000)
    assert await rooms.dependencies.erased.among(["ana", "bia"]) == frozenset()
