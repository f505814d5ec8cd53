"""Durable processes on the real PostgreSQL: a crash anywhere, two workers, and a worker that comes back too late."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from renga.kernel.clock import ManualClock
from renga.platform.process.model import Definition, Done, FenceLost, Lease, Step, StepFailed, Wait, crash_points
from renga.platform.process.postgres import Processes, process_tables


class Killed(BaseException):
    """The worker's process ends here."""


@pytest.fixture
async def pool(empty_database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    async with asyncpg.create_pool(empty_database_url, min_size=1, max_size=4) as pool:
        await pool.execute("CREATE SCHEMA shop; CREATE TABLE shop.orders (key text)")
        for statement in process_tables("shop"):
            await pool.execute(statement)
        yield pool


def _definition(world: set[str], *, fails: bool = False) -> Definition:
    async def reserve(lease: Lease) -> Done:
        world.add("reserved")
        return Done({"reservation": 1})

    async def release(lease: Lease) -> Done:
        world.discard("reserved")
        return Done()

    async def place(lease: Lease) -> Done:
        if fails:
            raise StepFailed("refused")

        async def effect(connection: Any) -> None:
            await connection.execute("INSERT INTO shop.orders VALUES ($1)", lease.key)

        return Done({"placed": True}, effect)

    return Definition("checkout", (Step("reserve", reserve, release), Step("place", place)))


async def _end(pool: "asyncpg.Pool[asyncpg.Record]") -> tuple[str, int]:
    return (
        await pool.fetchval("SELECT status FROM shop.processes"),
        await pool.fetchval("SELECT count(*) FROM shop.orders"),
    )


@pytest.mark.parametrize("fails", [False, True])
async def test_a_worker_killed_at_any_point_is_resumed_with_each_effect_once(
    pool: "asyncpg.Pool[asyncpg.Record]", fails: bool
) -> None:
    for point in crash_points(_definition(set())):
        await pool.execute("TRUNCATE shop.processes, shop.orders CASCADE")
        world: set[str] = set()
        clock, definition = ManualClock(), _definition(world, fails=fails)

        def crash(name: str, point: str = point) -> None:
            if name == point:
                raise Killed

        assert await Processes(pool, "shop", definition, clock).start("cart-1", {})
        try:
            await Processes(pool, "shop", definition, clock, crash).work_one()
        except Killed:
            clock.advance(ms=definition.lease_ms)
            await Processes(pool, "shop", definition, clock).work_one()
        assert await _end(pool) == (("undone", 0) if fails else ("done", 1)), point
        assert world == (set() if fails else {"reserved"}), point


async def test_a_key_has_one_live_process_and_one_of_two_workers_runs_it(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    processes = Processes(pool, "shop", _definition(set()), ManualClock())
    assert sorted(await asyncio.gather(processes.start("a", {}), processes.start("a", {}))) == [False, True]
    worked = await asyncio.gather(processes.work_one(), processes.work_one())
    assert sorted(map(str, worked)) == ["None", "a"]
    assert await _end(pool) == ("done", 1)
    assert await processes.start("a", {}) is True


async def test_a_worker_that_was_taken_over_writes_nothing(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    clock, world = ManualClock(), set[str]()
    second = Processes(pool, "shop", _definition(world), clock)
    place = _definition(world).steps[1]

    async def late(lease: Lease) -> Done | Wait:
        clock.advance(ms=30_000)
        await second.work_one()
        return await place.do(lease)

    definition = Definition("checkout", (_definition(world).steps[0], Step("place", late)))
    await second.start("a", {})
    with pytest.raises(FenceLost):
        await Processes(pool, "shop", definition, clock).work_one()
    assert await _end(pool) == ("done", 1)


@pytest.mark.parametrize("broken", ["step", "effect"])
async def test_a_step_that_breaks_is_tried_a_bounded_number_of_times_and_then_undone(
    pool: "asyncpg.Pool[asyncpg.Record]", broken: str
) -> None:
    clock, world, tries = ManualClock(), set[str](), list[int]()

    async def place(lease: Lease) -> Done:
        tries.append(clock.now_ms())
        if broken == "step":
            raise ValueError("a fault of the program")

        async def effect(connection: Any) -> None:
            await connection.execute("INSERT INTO shop.orders VALUES ($1)", lease.key)
            raise ValueError("a fault of the program")

        return Done({}, effect)

    definition = Definition("checkout", (_definition(world).steps[0], Step("place", place)), attempts_max=3)
    processes = Processes(pool, "shop", definition, clock)
    began = clock.now_ms()
    await processes.start("a", {})
    for _ in range(5):
        await processes.work_one()
        clock.advance(ms=1_000)
    assert [at - began for at in tries] == [0, 1_000, 2_000]
    assert await _end(pool) == ("undone", 0)
    assert world == set()
    assert await pool.fetchval("SELECT reason FROM shop.processes") == "outcome_unknown: step place: ValueError"


async def test_a_request_runs_what_it_begins_and_a_worker_what_it_leaves(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    clock, world = ManualClock(), set[str]()
    definition = _definition(world)
    processes = Processes(pool, "shop", definition, clock)
    async with pool.acquire() as connection, connection.transaction():
        claimed = await processes.begin(connection, "a", {"n": 1})  # type: ignore[arg-type]
        assert await processes.begin(connection, "a", {}) is None  # type: ignore[arg-type]
    assert claimed is not None
    assert (claimed.key, claimed.fence, claimed.state) == ("a", 1, {"n": 1})
    assert await processes.work_one() is None, "the request has the lease"
    assert await processes.claim_one(claimed.id) is None
    clock.advance(ms=definition.lease_ms)
    taken = await processes.claim_one(claimed.id)
    assert taken is not None
    assert await processes.work(taken)
    with pytest.raises(FenceLost):
        await processes.work(claimed)
    assert await _end(pool) == ("done", 1)
    assert await processes.claim_one(claimed.id) is None


async def test_a_beginning_that_is_rolled_back_never_was(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    processes = Processes(pool, "shop", _definition(set()), ManualClock())
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await processes.begin(connection, "a", {})  # type: ignore[arg-type]
        await transaction.rollback()
    assert await processes.live_id("a") is None


async def test_a_process_that_waits_is_called_before_its_time(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    clock, calls = ManualClock(), list[object]()

    async def wait(lease: Lease) -> Done | Wait:
        calls.append(lease.woken)
        return Wait(clock.now_ms() + 60_000, "news") if len(calls) < 3 else Done()

    processes = Processes(pool, "shop", Definition("checkout", (Step("wait", wait),)), clock)
    await processes.start("a", {})
    await processes.work_one()
    process_id = await processes.live_id("a")
    assert process_id is not None
    for _ in range(2):
        assert await processes.work_one() is None
        claimed = await processes.claim_one(process_id)
        assert claimed is not None
        await processes.work(claimed)
    assert [one is None for one in calls] == [True, False, False]
    assert await processes.live_id("a") is None
