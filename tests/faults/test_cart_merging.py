"""A merge crosses two carts: wherever it is cut off, whoever comes next finishes it, and no line counts twice."""

import asyncio
from typing import Any

import msgspec
import pytest

from renga.domains.cart import contract
from renga.domains.cart.contract import (
    CartBusy,
    CartHasExpired,
    CartMergedAway,
    CartNotFound,
    CurrencyUnavailable,
    LineLimit,
    VersionConflict,
    Write,
)
from renga.domains.cart.jobs import sweep_round
from renga.domains.cart.local import LocalCarts
from renga.domains.cart.opening import CartModule
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.clock import ManualClock, SystemClock
from renga.kernel.errors import RengaError
from tests.faults.shop import GUEST, SERVICE, add, create, deadlines_of, open_cart, quantities, waiting

STEPS = ("after begin_merge", "before merge", "after merge", "before end_merge", "after end_merge")
FINISHERS = ("caller with the key", "caller without a key", "reader of the source", "writer to the source", "sweeper")


class Died(Exception):
    """What the process says last."""


class Dying:
    """A store whose process dies just before or after one step."""

    def __init__(self, store: Any, when: str) -> None:
        self._store, (self._side, self._step) = store, when.split(" ")

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name != self._step:
            return method

        async def dying(*args: Any, **named: Any) -> Any:
            if self._side == "after":
                await method(*args, **named)
            raise Died

        return dying


def dying(rooms: CartModule, when: str) -> LocalCarts:
    return LocalCarts(msgspec.structs.replace(rooms.dependencies, store=Dying(rooms.dependencies.store, when)))


async def finish(rooms: CartModule, how: str, target: str, source: str, write: Write, clock: ManualClock) -> None:
    if how.startswith("caller"):
        again = write if how == "caller with the key" else msgspec.structs.replace(write, key=None)
        await rooms.carts.merge(ANONYMOUS, target, source, again)
    elif how == "sweeper":
        clock.advance(seconds=31)
        await sweep_round(rooms.dependencies, deadlines_of(rooms), range(deadlines_of(rooms).shards))
    else:
        with pytest.raises(CartMergedAway):
            await (rooms.carts.read(ANONYMOUS, source) if how.startswith("reader") else add(rooms, source, "late"))


@pytest.mark.parametrize("how", FINISHERS)
@pytest.mark.parametrize("when", STEPS)
async def test_a_merge_that_was_cut_off_is_finished_by_whoever_comes_next(
    redis_url: str, database_url: str, when: str, how: str
) -> None:
    clock = ManualClock(SystemClock().now_ms())
    async with open_cart(redis_url, database_url, store_clock=clock) as rooms:
        target, source = await create(rooms), await create(rooms)
        await add(rooms, target, "both", quantity=2)
        await add(rooms, target, "target's")
        await add(rooms, source, "both", quantity=3)
        await add(rooms, source, "source's")
        await rooms.carts.apply_coupon(ANONYMOUS, source, "SPRING", GUEST)
        write = Write(key="merge", whole=False)
        if when == "before merge" and how in ("reader of the source", "writer to the source"):
            write = msgspec.structs.replace(write, key=None)
        with pytest.raises(Died):
            await dying(rooms, when).merge(ANONYMOUS, target, source, write)
        await finish(rooms, how, target, source, write, clock)

        assert await quantities(rooms, target) == {"both": 5, "target's": 1, "source's": 1}
        cart = await rooms.carts.read(ANONYMOUS, target)
        assert (cart.version, cart.coupons) == (4, ("SPRING",))
        with pytest.raises(CartMergedAway):
            await rooms.carts.read(ANONYMOUS, source)
        merged = [event for event in await waiting(rooms) if event.name == "CartMerged"]
        assert [(event.subject, event.data["source_id"]) for event in merged] == [(target, source)]
        before = await rooms.dependencies.recovery.dump([target, source])
        await rooms.carts.merge(ANONYMOUS, target, source, write)
        fields = (await rooms.dependencies.recovery.dump([target, source]))[target]
        assert {k: v for k, v in fields.items() if k[:2] != "g:"} == {
            k: v for k, v in before[target].items() if k[:2] != "g:"
        }


async def _cut_off(rooms: CartModule, when: str = "after merge") -> tuple[str, str, int]:
    """A target into which a source was merged, whose tombstone is missing still; and the target's version before."""
    target, source = await create(rooms), await create(rooms)
    await add(rooms, source, "sku", quantity=2)
    version = await add(rooms, target, "sku")
    with pytest.raises(Died):
        await dying(rooms, when).merge(ANONYMOUS, target, source, GUEST)
    return target, source, version


async def test_a_condition_that_held_the_first_time_does_not_undo_half_of_a_merge(
    valkey_url: str, database_url: str
) -> None:
    async with open_cart(valkey_url, database_url) as rooms:
        target, source, version = await _cut_off(rooms)
        await rooms.carts.merge(ANONYMOUS, target, source, Write(if_match=(str(version),), whole=False))
        assert await quantities(rooms, target) == {"sku": 3}
        with pytest.raises(CartMergedAway):
            await rooms.carts.read(ANONYMOUS, source)


async def test_a_target_that_was_ordered_meanwhile_does_not_give_the_source_its_lines_back(
    valkey_url: str, database_url: str
) -> None:
    async with open_cart(valkey_url, database_url) as rooms:
        target, source, _ = await _cut_off(rooms)
        (line,) = (await rooms.carts.read(ANONYMOUS, target)).lines
        await rooms.carts.complete(SERVICE, target, {line.line: 3}, GUEST)
        with pytest.raises(CartMergedAway):
            await rooms.carts.read(ANONYMOUS, source)


async def test_a_target_that_expired_meanwhile_gives_the_source_its_lines_back(
    valkey_url: str, database_url: str
) -> None:
    clock = ManualClock(SystemClock().now_ms())
    async with open_cart(valkey_url, database_url, store_clock=clock) as rooms:
        target = (await rooms.carts.create(ANONYMOUS, "BRL", expires_in_s=20, write=GUEST)).cart_id
        source = await create(rooms)
        await add(rooms, source, "sku", quantity=2)
        with pytest.raises(Died):
            await dying(rooms, "after begin_merge").merge(ANONYMOUS, target, source, GUEST)
        clock.advance(seconds=31)
        await sweep_round(rooms.dependencies, deadlines_of(rooms), range(deadlines_of(rooms).shards))
        assert await quantities(rooms, source) == {"sku": 2}
        assert await add(rooms, source, "sku") == 3
        with pytest.raises(CartHasExpired):
            await rooms.carts.merge(ANONYMOUS, target, source, GUEST)
        assert await quantities(rooms, source) == {"sku": 3}


async def test_two_logins_at_once_merge_sixty_five_lines_once(redis_url: str, database_url: str) -> None:
    async with open_cart(redis_url, database_url) as one, open_cart(redis_url, database_url) as other:
        for round_ in range(5):
            target, source = await create(one), await create(one)
            await asyncio.gather(*(add(one, source, f"s{n}", quantity=n + 1) for n in range(65)))
            await asyncio.gather(*(add(one, target, f"s{n}", quantity=10) for n in range(0, 65, 5)))
            results = await asyncio.gather(
                *(rooms.carts.merge(ANONYMOUS, target, source, Write(key=f"{round_}-{n}", whole=False))
                  for n, rooms in enumerate((one, other) * 2)),
                return_exceptions=True,
            )  # fmt: skip
            assert not [r for r in results if isinstance(r, BaseException)]
            wanted = {f"s{n}": n + 1 + (10 if n % 5 == 0 else 0) for n in range(65)}
            assert await quantities(one, target) == wanted
            with pytest.raises(CartMergedAway):
                await other.carts.read(ANONYMOUS, source)


async def test_two_carts_that_claim_one_source_at_once_share_nothing_and_do_not_touch_each_other(
    redis_url: str, database_url: str
) -> None:
    async with open_cart(redis_url, database_url) as rooms:
        for _ in range(10):
            first, second, source = await create(rooms), await create(rooms), await create(rooms)
            await add(rooms, first, "first's")
            await add(rooms, second, "second's")
            await add(rooms, source, "sku", quantity=2)
            results = await asyncio.gather(
                *(rooms.carts.merge(ANONYMOUS, target, source, GUEST) for target in (first, second)),
                return_exceptions=True,
            )
            assert sum(isinstance(result, contract.Change) for result in results) == 1
            assert sum(isinstance(result, CartMergedAway | CartBusy) for result in results) == 1
            assert await _all(rooms, first, second) == {"first's": 1, "second's": 1, "sku": 2}


async def _all(rooms: CartModule, *cart_ids: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for cart_id in cart_ids:
        for sku, quantity in (await quantities(rooms, cart_id)).items():
            found[sku] = found.get(sku, 0) + quantity
    return found


@pytest.mark.parametrize("when", ["after begin_merge", "after merge"])
async def test_a_source_that_is_half_merged_elsewhere_goes_there_and_the_other_cart_stays_itself(
    valkey_url: str, database_url: str, when: str
) -> None:
    async with open_cart(valkey_url, database_url) as rooms:
        target, source, _ = await _cut_off(rooms, when)
        other = await create(rooms)
        await add(rooms, other, "other's")
        with pytest.raises(CartMergedAway):
            await rooms.carts.merge(ANONYMOUS, other, source, GUEST)
        assert await quantities(rooms, other) == {"other's": 1}
        assert await quantities(rooms, target) == {"sku": 3}


async def test_a_stranger_cannot_thaw_or_take_what_is_being_merged_into_someone_elses_cart(
    valkey_url: str, database_url: str
) -> None:
    async with open_cart(valkey_url, database_url) as rooms:
        target, source = await create(rooms), await create(rooms)
        await rooms.carts.claim(Caller("ana"), target, Write(whole=False))
        await add(rooms, source, "sku")
        ana = Caller("ana")
        with pytest.raises(Died):
            await dying(rooms, "after begin_merge").merge(ana, target, source, GUEST)
        for stranger in (ANONYMOUS, Caller("bia")):
            with pytest.raises(CartNotFound):
                await rooms.carts.merge(stranger, target, source, GUEST)
        dumped = await rooms.dependencies.recovery.dump([source])
        assert (dumped[source]["state"], dumped[source]["into"]) == ("merging", target)
        await rooms.carts.merge(ana, target, source, GUEST)
        assert {line.sku for line in (await rooms.carts.read(Caller("ana"), target)).lines} == {"sku"}


async def test_a_refusal_does_not_thaw_a_source_while_another_caller_is_at_it(
    redis_url: str, database_url: str
) -> None:
    clock = ManualClock(SystemClock().now_ms())
    async with open_cart(redis_url, database_url, store_clock=clock) as rooms:
        target, source = await create(rooms), await create(rooms)
        await add(rooms, source, "sku", quantity=2)
        store, refused = rooms.dependencies.store, Write(if_match=("99",), whole=False)
        assert await store.begin_merge(source, target, "") is not None  # somebody who takes his time
        with pytest.raises(VersionConflict):
            await rooms.carts.merge(ANONYMOUS, target, source, refused)
        with pytest.raises(CartMergedAway):
            await add(rooms, source, "late")  # frozen still: the write finishes the merge instead
        assert await quantities(rooms, target) == {"sku": 2}
        assert await store.begin_merge(source, target, "") is None


async def test_a_cart_in_checkout_is_in_checkout_again_after_a_merge_that_was_refused(
    redis_url: str, database_url: str
) -> None:
    async with open_cart(redis_url, database_url) as rooms:
        target, source = await create(rooms), await create(rooms)
        await add(rooms, source, "sku")
        await rooms.carts.start_checkout(ANONYMOUS, source, GUEST)
        before = await rooms.dependencies.recovery.dump([target, source])
        with pytest.raises(VersionConflict):
            await rooms.carts.merge(ANONYMOUS, target, source, Write(if_match=("99",), whole=False))
        assert await rooms.dependencies.recovery.dump([target, source]) == before


@pytest.mark.parametrize("error", [LineLimit, CurrencyUnavailable])
async def test_a_merge_that_is_refused_leaves_both_carts_as_they_were(
    redis_url: str, database_url: str, error: type[RengaError]
) -> None:
    async with open_cart(redis_url, database_url) as rooms:
        source = await create(rooms)
        if error is CurrencyUnavailable:
            target = (await rooms.carts.create(ANONYMOUS, "EUR", write=GUEST)).cart_id
        else:
            target = await create(rooms)
            await asyncio.gather(*(add(rooms, target, f"target-{n}") for n in range(60)))
        await asyncio.gather(*(add(rooms, source, f"source-{n}") for n in range(60)))
        before, events = await rooms.dependencies.recovery.dump([target, source]), await waiting(rooms)
        with pytest.raises(error):
            await rooms.carts.merge(ANONYMOUS, target, source, Write(key="key", whole=False))
        assert await rooms.dependencies.recovery.dump([target, source]) == before
        assert await waiting(rooms) == events


async def test_a_merge_sums_quantities_up_to_the_limit(redis_url: str, database_url: str) -> None:
    async with open_cart(redis_url, database_url) as rooms:
        target, source = await create(rooms), await create(rooms)
        for cart_id in (target, source):
            await add(rooms, cart_id, "sku", quantity=600)
        await rooms.carts.merge(ANONYMOUS, target, source, GUEST)
        assert await quantities(rooms, target) == {"sku": 999}
