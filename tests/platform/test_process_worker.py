"""The worker of processes: bounded concurrency, waking, stopping; stuck ones; retention; a database that is away."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from prometheus_client import REGISTRY

from renga.kernel.clock import ManualClock, SystemClock
from renga.kernel.errors import Unavailable
from renga.platform.postgres.errors import DatabaseOutcomeUnknown, DatabaseUnavailable
from renga.platform.process import upkeep
from renga.platform.process import worker as worker_module
from renga.platform.process.model import Definition, Done, Lease, Step, StepFailed, Wait
from renga.platform.process.postgres import Processes, process_tables
from renga.platform.process.settings import ProcessSettings
from renga.platform.process.tables import ClaimedProcess, Progress
from renga.platform.process.worker import ProcessWorker, run_until_cancelled

Pool = Any
#: So long that only a notification can have woken the worker in time.
NEVER_MS = 600_000


@pytest.fixture
async def pool(empty_database_url: str) -> AsyncIterator[Pool]:
    async with asyncpg.create_pool(empty_database_url, min_size=1, max_size=8) as pool:
        await pool.execute("CREATE SCHEMA shop; CREATE TABLE shop.orders (key text)")
        for statement in process_tables("shop"):
            await pool.execute(statement)
        yield pool


@contextlib.asynccontextmanager
async def _running(worker: ProcessWorker) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(worker.run_until_cancelled())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await true():
            await asyncio.sleep(0.01)


async def _all(pool: Pool, status: str, count: int) -> bool:
    return bool(await pool.fetchval("SELECT count(*) = $2 FROM shop.processes WHERE status = $1", status, count))


def _one_step(name: str, do: Callable[[Lease], Awaitable[Done | Wait]]) -> Definition:
    return Definition(name, (Step("only", do),))


async def test_a_worker_advances_a_bounded_number_at_the_same_time(pool: Pool) -> None:
    now, most, full = 0, 0, asyncio.Event()

    async def step(lease: Lease) -> Done:
        nonlocal now, most
        now += 1
        most = max(most, now)
        if now == 3:
            full.set()
        await full.wait()  # nobody goes on before three are at it
        await asyncio.sleep(0.1)  # a fourth would come now
        now -= 1
        return Done()

    processes = Processes(pool, "shop", _one_step("many", step), SystemClock())
    for number in range(12):
        await processes.start(f"cart-{number}", {})
    async with _running(ProcessWorker(processes, ProcessSettings(concurrency=3))):
        await _until(lambda: _all(pool, "done", 12))
    assert most == 3


async def test_an_idle_worker_is_woken_by_a_start_and_by_a_signal(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, idle = SystemClock(), asyncio.Event()

    async def step(lease: Lease) -> Done | Wait:
        return Done() if lease.woken else Wait(until_ms=clock.now_ms() + NEVER_MS, signal="go")

    class Watched(Processes):
        async def listen(self, wake: Callable[[], None]) -> None:
            def heard() -> None:
                wake()
                idle.set()

            await super().listen(heard)

    monkeypatch.setattr(worker_module, "IDLE_WAIT_MIN_MS", NEVER_MS)  # it does not poll
    processes = Watched(pool, "shop", _one_step("woken", step), clock)
    async with _running(ProcessWorker(processes, ProcessSettings(concurrency=2, idle_wait_max_ms=NEVER_MS))):
        await asyncio.wait_for(idle.wait(), 10)
        await asyncio.sleep(0.2)
        await processes.start("cart-1", {})
        await _until(lambda: _all(pool, "waiting", 1))
        await asyncio.sleep(0.2)
        process_id = await processes.live_id("cart-1")
        assert process_id is not None
        await processes.signal(process_id, "go", {}, signal_id="1")
        await _until(lambda: _all(pool, "done", 1))


async def test_listening_ends_when_its_connection_is_lost(pool: Pool) -> None:
    heard = asyncio.Event()
    processes = Processes(pool, "shop", _one_step("listened", _nothing), SystemClock())
    listening = asyncio.create_task(processes.listen(heard.set))
    await asyncio.wait_for(heard.wait(), 10)
    killed = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE query LIKE 'LISTEN %' AND datname = current_database()"""
    assert await pool.fetchval(killed) == 1
    with contextlib.suppress(DatabaseUnavailable):
        await asyncio.wait_for(listening, 10)
    assert listening.done()


async def test_without_notifications_a_poll_finds_what_is_due(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    async def deaf(self: Processes, wake: Callable[[], None]) -> None:
        raise DatabaseUnavailable("nobody listens")

    async def step(lease: Lease) -> Done:
        return Done()

    monkeypatch.setattr(Processes, "listen", deaf)
    processes = Processes(pool, "shop", _one_step("polled", step), SystemClock())
    async with _running(ProcessWorker(processes, ProcessSettings(idle_wait_max_ms=50))):
        await asyncio.sleep(0.2)
        await processes.start("cart-1", {})
        await _until(lambda: _all(pool, "done", 1))


async def test_a_stopped_worker_finishes_the_step_at_hand_and_gives_the_lease_back(pool: Pool) -> None:
    begun, may_end, seen = asyncio.Event(), asyncio.Event(), list[str]()

    async def first(lease: Lease) -> Done:
        begun.set()
        await may_end.wait()
        seen.append("first")
        return Done({"first": True})

    async def second(lease: Lease) -> Done:
        seen.append("second")
        return Done()

    definition = Definition("stopped", (Step("first", first), Step("second", second)))
    clock = ManualClock()
    processes = Processes(pool, "shop", definition, clock)
    await processes.start("cart-1", {})
    task = asyncio.create_task(run_until_cancelled(processes))
    await asyncio.wait_for(begun.wait(), 10)
    task.cancel()
    await asyncio.sleep(0.05)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 10)
    row = await pool.fetchrow("SELECT status, position, due_ms FROM shop.processes")
    assert tuple(row) == ("running", 1, clock.now_ms())
    assert await processes.work_one() == "cart-1"
    assert seen == ["first", "second"]


async def test_a_step_that_does_not_end_in_time_is_cut_short_when_the_worker_stops(pool: Pool) -> None:
    begun = asyncio.Event()

    async def hangs(lease: Lease) -> Done:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    processes = Processes(pool, "shop", _one_step("hangs", hangs), ManualClock())
    await processes.start("cart-1", {})
    task = asyncio.create_task(run_until_cancelled(processes, ProcessSettings(stop_timeout_s=0)))
    await asyncio.wait_for(begun.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 10)
    assert await _all(pool, "running", 1)


async def test_a_process_that_cannot_be_worked_on_does_not_stop_the_others(pool: Pool) -> None:
    async def step(lease: Lease) -> Done:
        return Done()

    processes = Processes(pool, "shop", _one_step("broken", step), SystemClock())
    await processes.start("cart-1", {})
    await pool.execute("UPDATE shop.processes SET position = 7")  # its definition had more steps once
    async with _running(ProcessWorker(processes)) as task:
        await processes.start("cart-2", {})
        await _until(lambda: _all(pool, "done", 1))
        assert not task.done()


async def test_a_stuck_process_is_listed_and_goes_on_after_a_retry(pool: Pool) -> None:
    mended, clock = False, ManualClock()

    async def reserve(lease: Lease) -> Done:
        return Done()

    async def release(lease: Lease) -> Done:
        if not mended:
            raise Unavailable("the stock is away")
        return Done()

    async def place(lease: Lease) -> Done:
        raise StepFailed("refused")

    steps = (Step("reserve", reserve, release), Step("place", place))
    processes = Processes(pool, "shop", Definition("stuck", steps, attempts_max=2), clock)
    for key in ("cart-1", "cart-2"):
        await processes.start(key, {})
    for _ in range(4):
        await processes.work_one()
        clock.advance(seconds=1)
    await processes.measure()
    assert REGISTRY.get_sample_value("renga_process_stuck", {"process": "stuck"}) == 2
    stuck = await processes.stuck()
    assert [(one.key, one.step) for one in stuck] == [("cart-1", "reserve"), ("cart-2", "reserve")]
    assert stuck[0].reason == "unavailable: the stock is away"
    assert [one.key for one in await processes.stuck(after_id=stuck[0].id)] == ["cart-2"]
    assert [one.key for one in await processes.stuck(limit=1)] == ["cart-1"]
    mended = True
    assert await processes.retry(stuck[0].id) is True
    assert await processes.retry(stuck[0].id) is False
    assert await processes.work_one() == "cart-1"
    assert [one.key for one in await processes.stuck()] == ["cart-2"]
    assert await _all(pool, "undone", 1)


async def test_ended_processes_are_deleted_in_batches_after_the_retention(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def step(lease: Lease) -> Done | Wait:
        return Wait(until_ms=clock.now_ms() + NEVER_MS, signal="go") if lease.key == "waits" else Done()

    monkeypatch.setattr(upkeep, "SWEEP_MAX", 2)
    clock = ManualClock()
    processes = Processes(pool, "shop", _one_step("kept", step), clock)
    for key in ("a", "b", "c", "waits"):
        await processes.start(key, {})
        process_id = await processes.live_id(key)
        assert process_id is not None
        await processes.signal(process_id, "noise", {}, signal_id="1")
        await processes.work_one()
    clock.advance(ms=1_000)
    assert await processes.sweep(retention_ms=1_000) == 0
    clock.advance(ms=1)
    assert [await processes.sweep(retention_ms=1_000) for _ in range(3)] == [2, 1, 0]
    assert await pool.fetchval("SELECT string_agg(key, ',') FROM shop.processes") == "waits"
    assert await pool.fetchval("SELECT count(*) FROM shop.process_signals") == 1


async def test_the_worker_deletes_by_its_setting_and_sets_its_gauges(pool: Pool) -> None:
    async def step(lease: Lease) -> Done:
        return Done()

    clock = ManualClock()
    processes = Processes(pool, "shop", _one_step("tidied", step), clock)
    await processes.start("old", {})
    await processes.work_one()
    clock.advance(seconds=2 * 3600)
    async with _running(ProcessWorker(processes, ProcessSettings(retention_hours=1), tidy_every_s=0.01)):
        await _until(lambda: _all(pool, "done", 0))


async def test_what_is_counted(pool: Pool) -> None:
    async def step(lease: Lease) -> Done:
        return Done()

    def value(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, {"process": "counted", **labels}) or 0.0

    clock = ManualClock()
    processes = Processes(pool, "shop", _one_step("counted", step), clock)
    await processes.start("a", {})
    await processes.start("a", {})
    clock.advance(seconds=7)
    await processes.measure()
    assert value("renga_process_oldest_waiting_seconds") == 7.0
    await processes.work_one()
    await processes.measure()
    assert value("renga_process_oldest_waiting_seconds") == 0.0
    assert value("renga_process_started_total") == 1.0
    assert value("renga_process_ended_total", outcome="done") == 1.0
    assert value("renga_process_step_seconds_count", step="only", way="do") == 1.0


async def test_an_answer_that_was_lost_after_the_commit_is_not_written_over(pool: Pool) -> None:
    class LosesOneAnswer(Processes):
        lost = False

        async def _save(self, row: ClaimedProcess, answer: Done | Wait, to: Progress) -> ClaimedProcess:
            saved = await super()._save(row, answer, to)
            if not self.lost:
                self.lost = True
                raise DatabaseOutcomeUnknown("the answer to the commit was lost")
            return saved

    async def place(lease: Lease) -> Done:
        async def effect(connection: Any) -> None:
            await connection.execute("INSERT INTO shop.orders VALUES ($1)", lease.key)

        return Done({}, effect)

    clock, definition = ManualClock(), Definition("lost", (Step("place", place), Step("more", _nothing)))
    processes = LosesOneAnswer(pool, "shop", definition, clock)
    await processes.start("cart-1", {})
    with pytest.raises(Exception, match="has left fence"):
        await processes.work_one()
    clock.advance(ms=definition.lease_ms)
    assert await processes.work_one() == "cart-1"
    assert await pool.fetchval("SELECT count(*) FROM shop.orders") == 1
    assert await _all(pool, "done", 1)


async def _nothing(lease: Lease) -> Done:
    return Done()


async def test_a_database_that_is_away_is_an_error_of_the_kernel_and_the_worker_survives_it() -> None:
    dead = asyncpg.create_pool("postgresql://nobody@127.0.0.1:1/none", min_size=0, max_size=1)
    async with dead:
        away = Processes(dead, "shop", _one_step("away", _nothing), SystemClock())
        for call in (
            away.start("a", {}),
            away.live_id("a"),
            away.signal(1, "go", {}, signal_id="1"),
            away.stuck(),
            away.retry(1),
            away.claim(),
            away.sweep(retention_ms=1),
            away.measure(),
            away.listen(lambda: None),
        ):
            with pytest.raises(DatabaseUnavailable):
                await call
        async with _running(ProcessWorker(away, ProcessSettings(idle_wait_max_ms=20))) as task:
            await asyncio.sleep(0.2)
            assert not task.done()
