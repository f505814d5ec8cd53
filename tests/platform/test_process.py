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
