"""Redis loses everything: carts come back from their snapshots as they were, what was over stays over."""

import asyncio
from typing import Any

import pytest

from renga.domains.cart.contract import (
    Cart,
    CartAlreadyCompleted,
    CartHasExpired,
    CartMergedAway,
    CartNotFound,
    NewLine,
    VersionConflict,
    Write,
)
from renga.domains.cart.jobs import reconcile
from renga.domains.cart.opening import CartModule
from renga.domains.cart.ports import Snapshot
from renga.domains.cart.take_snapshots import take_snapshots
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.clock import SystemClock
from tests.engines import resp
from tests.faults.shop import (
    GUEST,
    SERVICE,
    Hearing,
    add,
    create,
    deadlines_of,
    open_cart,
    ports_of,
    quantities,
    waiting,
    working,
)
from tests.support import eventually

DAY_MS = 86_400_000


def empty(url: str) -> None:
    """FLUSHALL on every master."""
    for port in ports_of(url):
        if resp.info(port, "replication")["role"] == "master":
            resp.command(port, "FLUSHALL")


async def kept(rooms: CartModule, *cart_ids: str) -> bool:
    """Whether the snapshots say what the store says."""
    dumped = await rooms.dependencies.recovery.dump(cart_ids)
    for cart_id in cart_ids:
        snapshot = await rooms.dependencies.snapshots.find(cart_id)
        if snapshot is None or snapshot.fields != dumped[cart_id]:
            return False
    return True


async def seen(rooms: CartModule, cart_id: str, caller: Caller = ANONYMOUS) -> Cart:
    return await rooms.carts.read(caller, cart_id)


def same(before: Cart, after: Cart) -> bool:
    """Equal in everything but the mark of the restore."""
    return {f: getattr(before, f) for f in before.__struct_fields__ if f != "etag"} == {
        f: getattr(after, f) for f in after.__struct_fields__ if f != "etag"
    }


async def _rich(rooms: CartModule) -> str:
    """A customer's cart with a hundred long lines, saved ones, coupons and a note."""
    cart_id = await create(rooms)
    options = {"gravação": "É" * 60}
    for n in range(100):
        line = NewLine(sku=f"sku-{n:03}", quantity=n + 1, options=options)
        await rooms.carts.add_line(ANONYMOUS, cart_id, line, Write(whole=False, key=f"add-{n}"))
    lines = (await rooms.carts.read(ANONYMOUS, cart_id)).lines
    for kept_line in lines[:30]:
        await rooms.carts.save_for_later(ANONYMOUS, cart_id, kept_line.line, GUEST)
    await rooms.carts.apply_coupon(ANONYMOUS, cart_id, "PRIMAVERA", GUEST)
    await rooms.carts.set_note(ANONYMOUS, cart_id, "Deixar na portaria\n — obrigado", GUEST)
    await rooms.carts.claim(Caller("ana"), cart_id, Write(whole=False))
    return cart_id


async def test_an_emptied_redis_gives_the_carts_back_on_the_next_read_and_writes_go_on(
    redis_url: str, start_engine: Any, database_url: str
) -> None:
    bus = start_engine("valkey").url
    async with open_cart(redis_url, database_url) as rooms, working(rooms, bus):
        rich, plain = await _rich(rooms), await create(rooms)
        version = await add(rooms, plain, "a", "key", 2)
        untouched = await create(rooms)
        before = {i: await seen(rooms, i, Caller("ana")) for i in (rich, plain, untouched)}

        async def caught_up() -> bool:
            return await kept(rooms, rich, plain, untouched)

        await eventually(caught_up)
        empty(redis_url)
        after = {i: await seen(rooms, i, Caller("ana")) for i in (rich, plain)}
        for cart_id, cart in after.items():
            assert same(before[cart_id], cart)
            assert cart.etag == f"{before[cart_id].etag}-1"
        with pytest.raises(CartNotFound):
            await rooms.carts.read(ANONYMOUS, rich)  # still Ana's only
        assert await add(rooms, plain, "a", "key", 2) == version  # the key is still known
        with pytest.raises(VersionConflict):
            await rooms.carts.set_note(ANONYMOUS, plain, "x", Write(if_match=(before[plain].etag,)))
        await rooms.carts.set_note(ANONYMOUS, plain, "x", Write(if_match=(after[plain].etag,), whole=False))
        assert await add(rooms, plain, "a") == version + 2
        assert await add(rooms, untouched, "b") == 2  # a write brings a cart back as well as a read
        assert await quantities(rooms, plain) == {"a": 3}
        assert await quantities(rooms, untouched) == {"b": 1}
        assert len((await seen(rooms, rich, Caller("ana"))).saved) == 30


async def test_what_was_over_does_not_come_back_to_life_however_often_redis_is_emptied(
    redis_url: str, start_engine: Any, database_url: str
) -> None:
    bus, hearing = start_engine("valkey").url, Hearing()
    async with open_cart(redis_url, database_url) as rooms, working(rooms, bus, hearing.consumer):
        completed, target, source, short = [await create(rooms) for _ in range(4)]
        for cart_id in (completed, target, source, short):
            await add(rooms, cart_id, "sku", quantity=2)
        line = (await rooms.carts.read(ANONYMOUS, completed)).lines[0].line
        await rooms.carts.complete(SERVICE, completed, {line: 2}, GUEST)
        await rooms.carts.merge(ANONYMOUS, target, source, GUEST)
        expiring = (await rooms.carts.create(ANONYMOUS, "BRL", expires_in_s=1, write=GUEST)).cart_id

        async def over(loss: int) -> bool:
            if loss == 0 and hearing.count("CartExpired")[expiring] == 0:
                return False
            states = [await rooms.dependencies.snapshots.find(i) for i in (completed, source, expiring)]
            if loss == 0 and not await kept(rooms, target):
                return False
            return [s and s.state for s in states] == ["completed", "merged", "expired"]

        for loss in range(3):

            async def settled(loss: int = loss) -> bool:
                return await over(loss)

            await eventually(settled)
            empty(redis_url)
            with pytest.raises(CartHasExpired):
                await rooms.carts.read(ANONYMOUS, expiring)
            with pytest.raises(CartMergedAway):
                await rooms.carts.read(ANONYMOUS, source)
            with pytest.raises(CartMergedAway):
                await add(rooms, source, "sku")
            assert (await rooms.carts.read(ANONYMOUS, completed)).state == "completed"
            with pytest.raises(CartAlreadyCompleted):
                await add(rooms, completed, "sku")
            await rooms.carts.merge(ANONYMOUS, target, source, GUEST)  # done long ago: says so, changes nothing
            assert await quantities(rooms, target) == {"sku": 4}
        assert hearing.count("CartExpired") == {expiring: 1}


async def test_carts_that_nobody_reads_again_still_expire_exactly_once(
    redis_url: str, start_engine: Any, database_url: str
) -> None:
    bus, hearing = start_engine("valkey").url, Hearing()
    async with open_cart(redis_url, database_url) as rooms:
        async with working(rooms, bus, hearing.consumer):
            ids = [(await rooms.carts.create(ANONYMOUS, "BRL", expires_in_s=2, write=GUEST)).cart_id for _ in range(50)]
            lasting = await create(rooms)

            async def caught_up() -> bool:
                return await kept(rooms, *ids, lasting)

            await eventually(caught_up)
            empty(redis_url)
        now_ms = SystemClock().now_ms() + 60_000
        assert await reconcile(rooms.dependencies, now_ms) == 50
        assert await reconcile(rooms.dependencies, now_ms) == 0
        async with working(rooms, bus, hearing.consumer):

            async def expired() -> bool:
                states = [await rooms.dependencies.snapshots.find(cart_id) for cart_id in ids]
                return {s and s.state for s in states} == {"expired"}

            await eventually(expired)
            assert await reconcile(rooms.dependencies, now_ms) == 0
            empty(redis_url)
            for cart_id in ids[:5]:
                with pytest.raises(CartHasExpired):
                    await rooms.carts.read(ANONYMOUS, cart_id)
            assert await reconcile(rooms.dependencies, now_ms) == 0
            assert (await rooms.carts.read(ANONYMOUS, lasting)).version == 1
        assert hearing.count("CartExpired") == dict.fromkeys(ids, 1)


async def test_a_cart_that_was_lost_for_longer_than_the_safety_net_expires_and_blocks_nobody(
    valkey_url: str, database_url: str
) -> None:
    now_ms = SystemClock().now_ms()
    async with open_cart(valkey_url, database_url) as rooms:
        old, new = await create(rooms), await create(rooms)
        dumped = await rooms.dependencies.recovery.dump([old, new])
        await rooms.dependencies.snapshots.save(
            [
                _overdue(old, dumped[old], now_ms - 30 * DAY_MS),
                _overdue(new, dumped[new], now_ms - DAY_MS // 2),
            ]
        )
        empty(valkey_url)
        with pytest.raises(CartHasExpired):
            await rooms.carts.read(ANONYMOUS, old)
        empty(valkey_url)
        assert await reconcile(rooms.dependencies, now_ms) == 2
        for shard in range(deadlines_of(rooms).shards):
            await deadlines_of(rooms).sweep(shard, 100)
        events = [(e.subject, e.name) for e in await waiting(rooms)]
        assert sorted(events) == sorted([(old, "CartExpired"), (new, "CartExpired")])


def _overdue(cart_id: str, fields: dict[str, str], expires_ms: int) -> Snapshot:
    return Snapshot(
        cart_id=cart_id, version=1, restores=0, state="open", expires_ms=expires_ms,
        fields=fields | {"expires": str(expires_ms)},
    )  # fmt: skip


async def _keep(rooms: CartModule, *cart_ids: str) -> None:

    await take_snapshots(rooms.dependencies, cart_ids)


async def test_news_after_a_restore_is_not_taken_for_news_of_the_life_that_was_lost(
    valkey_url: str, database_url: str
) -> None:
    async with open_cart(valkey_url, database_url) as rooms:
        cart_id = await create(rooms)
        await _keep(rooms, cart_id)
        await add(rooms, cart_id, "lost")
        lost = {event.id for event in await waiting(rooms)}
        empty(valkey_url)
        assert await add(rooms, cart_id, "new") == 2
        (event,) = await waiting(rooms)
        assert event.sequence == 2
        assert event.id not in lost
        assert await quantities(rooms, cart_id) == {"new": 1}
        await asyncio.gather(*(rooms.carts.read(ANONYMOUS, cart_id) for _ in range(20)))
