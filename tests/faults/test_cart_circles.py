"""Carts that are merged into each other at once: one stays, with everything; nobody waits for the sweeper."""

import asyncio
import itertools
from collections import Counter

import pytest

from renga.domains.cart.contract import CartBusy, CartMergedAway, Change, LineLimit, Write
from renga.domains.cart.jobs import sweep_round
from renga.domains.cart.merging import move_into
from renga.domains.cart.opening import CartModule
from renga.domains.cart.ports import Guard
from renga.domains.cart.take_snapshots import take_snapshots
from renga.kernel.caller import ANONYMOUS
from renga.kernel.clock import ManualClock, SystemClock
from renga.kernel.errors import RengaError
from tests.faults.shop import GUEST, add, create, deadlines_of, open_cart, quantities
from tests.faults.test_cart_merging import Died, dying

CUTS = ("before begin_merge", "after begin_merge", "before merge", "after merge", "before end_merge", "after end_merge")


async def settled(rooms: CartModule, cart_ids: list[str]) -> list[str]:
    """Read each once. The carts that are left; none is busy afterwards."""
    left = []
    for cart_id in cart_ids:
        try:
            await rooms.carts.read(ANONYMOUS, cart_id)
        except CartMergedAway:
            continue
        left.append(cart_id)
    states = {one: fields["state"] for one, fields in (await rooms.dependencies.recovery.dump(cart_ids)).items()}
    assert {states[one] for one in left} <= {"open", "checkout"}
    assert {states[one] for one in cart_ids if one not in left} <= {"merged"}
    return left


async def total(rooms: CartModule, cart_ids: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for cart_id in cart_ids:
        found.update(await quantities(rooms, cart_id))
    return found


async def filled(rooms: CartModule, count: int) -> tuple[list[str], Counter[str]]:
    """Carts with a line that all have and one of their own; and what all hold together."""
    carts = [await create(rooms) for _ in range(count)]
    for n, cart_id in enumerate(carts):
        await add(rooms, cart_id, "common", quantity=n + 1)
        await add(rooms, cart_id, f"own-{n}", quantity=2 * n + 1)
    return carts, await total(rooms, carts)


@pytest.mark.parametrize("count", [2, 3, 5])
async def test_merges_in_a_circle_at_once_leave_one_cart_with_everything(
    redis_url: str, database_url: str, count: int
) -> None:
    async with open_cart(redis_url, database_url) as one, open_cart(redis_url, database_url) as other:
        for round_ in range(30):
            carts, held = await filled(one, count)
            merges = [
                (one, other)[n % 2].carts.merge(ANONYMOUS, carts[(n + 1) % count], carts[n], Write(key=f"{round_}-{n}"))
                for n in range(count)
            ]
            results = await asyncio.gather(*merges, return_exceptions=True)
            assert all(isinstance(r, Change | CartMergedAway | CartBusy) for r in results), results
            left = await settled(other, carts)
            assert left
            if count == 2:
                assert len(left) == 1
            assert await total(one, left) == held


@pytest.mark.parametrize("reader", [0, 1])
@pytest.mark.parametrize(("first", "second"), list(itertools.product(CUTS, CUTS)))
async def test_mirrored_merges_that_are_cut_off_anywhere_are_settled_by_the_next_read(
    valkey_url: str, database_url: str, first: str, second: str, reader: int
) -> None:
    async with open_cart(valkey_url, database_url) as rooms:
        carts, held = await filled(rooms, 2)
        cuts = zip((first, second), (carts, carts[::-1]), strict=True)
        for when, (target, source) in cuts:
            with pytest.raises((Died, RengaError)):
                await dying(rooms, when).merge(ANONYMOUS, target, source, GUEST)
        left = await settled(rooms, carts[reader:] + carts[:reader])
        assert await total(rooms, left) == held
        assert await add(rooms, left[0], "later") > 0


@pytest.mark.parametrize("finisher", ["reader", "reader of the other", "writer", "caller", "sweeper"])
async def test_of_two_carts_frozen_for_each_other_the_one_with_the_smaller_id_stays(
    redis_url: str, database_url: str, finisher: str
) -> None:
    clock = ManualClock(SystemClock().now_ms())
    async with open_cart(redis_url, database_url, store_clock=clock) as rooms:
        carts, held = await filled(rooms, 2)
        stays, goes = sorted(carts)
        await _freeze(rooms, (goes, stays), (stays, goes))
        if finisher.startswith("reader"):
            await settled(rooms, [goes] if finisher.endswith("other") else [stays])
        elif finisher == "writer":
            await add(rooms, stays, "common")
            held["common"] += 1
        elif finisher == "caller":
            with pytest.raises(CartMergedAway):
                await rooms.carts.merge(ANONYMOUS, goes, stays, GUEST)
        else:
            clock.advance(seconds=31)
            await sweep_round(rooms.dependencies, deadlines_of(rooms), range(deadlines_of(rooms).shards))
        dumped = await rooms.dependencies.recovery.dump(carts)
        assert (dumped[stays]["state"], dumped[goes]["state"]) == ("open", "merged")
        assert await total(rooms, [stays]) == held


async def test_a_load_that_was_read_before_its_merge_was_given_up_comes_too_late(
    redis_url: str, database_url: str
) -> None:
    async with open_cart(redis_url, database_url) as rooms:
        store = rooms.dependencies.store
        carts, held = await filled(rooms, 2)
        target, source = carts
        frozen = await store.begin_merge(source, target, "")
        assert frozen is not None
        assert await store.give_up_merge(source, target, frozen.token)
        with pytest.raises(CartBusy):
            await move_into(rooms.dependencies, frozen, target, Guard())
        assert await total(rooms, carts) == held
        await rooms.carts.merge(ANONYMOUS, target, source, GUEST)  # a new freeze is another matter
        assert await total(rooms, [target]) == held


async def test_a_merge_whose_load_has_arrived_cannot_be_given_up(redis_url: str, database_url: str) -> None:
    async with open_cart(redis_url, database_url) as rooms:
        carts, held = await filled(rooms, 2)
        target, source = carts
        with pytest.raises(Died):
            await dying(rooms, "after merge").merge(ANONYMOUS, target, source, GUEST)
        token = (await rooms.dependencies.recovery.dump([source]))[source]["token"]
        assert not await rooms.dependencies.store.give_up_merge(source, target, token)
        assert await settled(rooms, carts) == [target]
        assert await total(rooms, [target]) == held


async def test_a_target_that_went_on_with_the_load_into_a_third_cart_does_not_give_it_back(
    redis_url: str, database_url: str
) -> None:
    async with open_cart(redis_url, database_url) as rooms:
        carts, held = await filled(rooms, 3)
        last, middle, source = carts
        with pytest.raises(Died):
            await dying(rooms, "after merge").merge(ANONYMOUS, middle, source, GUEST)
        await rooms.carts.merge(ANONYMOUS, last, middle, GUEST)
        assert await settled(rooms, carts) == [last]
        assert await total(rooms, [last]) == held


async def test_an_interrupted_merge_that_the_target_refuses_is_given_up_by_the_next_read(
    redis_url: str, database_url: str
) -> None:
    async with open_cart(redis_url, database_url) as rooms:
        target, source = await create(rooms), await create(rooms)
        await asyncio.gather(*(add(rooms, target, f"target-{n}") for n in range(60)))
        await asyncio.gather(*(add(rooms, source, f"source-{n}") for n in range(60)))
        with pytest.raises(Died):
            await dying(rooms, "after begin_merge").merge(ANONYMOUS, target, source, GUEST)
        assert len((await rooms.carts.read(ANONYMOUS, source)).lines) == 60
        with pytest.raises(LineLimit):
            await rooms.carts.merge(ANONYMOUS, target, source, GUEST)
        assert await settled(rooms, [source, target]) == [source, target]


async def _freeze(rooms: CartModule, *merges: tuple[str, str]) -> None:
    for source, target in merges:
        assert await rooms.dependencies.store.begin_merge(source, target, "") is not None


async def test_a_snapshot_of_a_frozen_cart_as_tombstone_still_knows_the_merges_into_it(
    redis_url: str, database_url: str
) -> None:
    async with open_cart(redis_url, database_url) as rooms:
        carts, _ = await filled(rooms, 3)
        last, middle, source = carts
        for target, merged in ((middle, source), (last, middle)):
            with pytest.raises(Died):
                await dying(rooms, "after merge").merge(ANONYMOUS, target, merged, GUEST)
        await take_snapshots(rooms.dependencies, [last, middle], {middle: last})
        snapshot = await rooms.dependencies.snapshots.find(middle)
        assert snapshot is not None
        assert (snapshot.state, snapshot.fields["into"]) == ("merged", last)
        assert f"g:{source}" in snapshot.fields
