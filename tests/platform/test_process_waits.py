"""Processes that wait for a signal or a time: kept signals, a kill at each point, two workers, deadlines that pass."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.platform.process import port
from renga.platform.process.model import (
    SIGNAL_CRASH_POINTS,
    Definition,
    Done,
    FenceLost,
    Lease,
    SignalsFull,
    Step,
    StepFailed,
    Wait,
    Woken,
    crash_points,
)
from renga.platform.process.postgres import Processes, process_tables

WAIT_MS = 60_000
Pool = Any


class Killed(BaseException):
    """The worker's process ends here."""


@pytest.fixture
async def pool(empty_database_url: str) -> AsyncIterator[Pool]:
    async with asyncpg.create_pool(empty_database_url, min_size=1, max_size=4) as pool:
        await pool.execute("CREATE SCHEMA shop; CREATE TABLE shop.orders (key text)")
        for statement in process_tables("shop"):
            await pool.execute(statement)
        yield pool


class Shop:
    """Reserves, waits for the payment, places the order; what its steps saw."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.world: set[str] = set()
        self.woken: list[Woken | None] = []
        steps = (Step("reserve", self._reserve, self._release), Step("pay", self._pay), Step("place", self._place))
        self.definition = Definition("checkout", steps)

    def processes(self, pool: Pool, crash_point: Callable[[str], None] = lambda name: None) -> Processes:
        return Processes(pool, "shop", self.definition, self.clock, crash_point)

    async def _reserve(self, lease: Lease) -> Done:
        self.world.add("reserved")
        return Done()

    async def _release(self, lease: Lease) -> Done:
        self.world.discard("reserved")
        return Done()

    async def _pay(self, lease: Lease) -> Done | Wait:
        self.woken.append(lease.woken)
        if lease.woken is None:
            return Wait(until_ms=self.clock.now_ms() + WAIT_MS, signal="paid", state={"asked": lease.process_id})
        if lease.woken.signal is None:
            raise StepFailed("nobody paid")
        return Done({"paid": lease.woken.signal.payload["amount_minor"]})

    async def _place(self, lease: Lease) -> Done:
        async def effect(connection: Any) -> None:
            await connection.execute("INSERT INTO shop.orders VALUES ($1)", lease.key)

        return Done({}, effect)


async def _end(pool: Pool) -> tuple[str, str, int]:
    row = await pool.fetchrow("SELECT status, state->>'paid' AS paid, reason FROM shop.processes")
    return row["status"], str(row["paid"]), await pool.fetchval("SELECT count(*) FROM shop.orders")


async def _id(processes: Processes) -> int:
    found = await processes.live_id("cart-1")
    assert found is not None
    return found


async def _drain(processes: Processes) -> int:
    worked = 0
    while await processes.work_one():
        worked += 1
        assert worked < 20
    return worked


async def _pay_once(processes: Processes) -> bool:
    return await processes.signal(await _id(processes), "paid", {"amount_minor": 990}, signal_id="payment-1")


async def test_a_waiting_process_holds_no_lease_and_a_signal_wakes_it_at_once(pool: Pool) -> None:
    shop = Shop(ManualClock())
    processes = shop.processes(pool)
    await processes.start("cart-1", {})
    assert await _drain(processes) == 1
    assert await _end(pool) == ("waiting", "None", 0)
    shop.clock.advance(ms=shop.definition.lease_ms + 1)
    assert await processes.work_one() is None
    assert await _pay_once(processes) is True
    assert await processes.work_one() == "cart-1"
    assert await _end(pool) == ("done", "990", 1)
    assert [woken and woken.signal and woken.signal.id for woken in shop.woken] == [None, "payment-1"]


async def test_a_signal_that_comes_before_the_wait_is_kept_and_counts_once(pool: Pool) -> None:
    shop = Shop(ManualClock())
    processes = shop.processes(pool)
    await processes.start("cart-1", {})
    process_id = await _id(processes)
    assert await _pay_once(processes) is True
    assert await processes.signal(process_id, "paid", {"amount_minor": 1}, signal_id="payment-1") is True
    assert await pool.fetchval("SELECT count(*) FROM shop.process_signals") == 1
    await _drain(processes)
    assert await _end(pool) == ("done", "990", 1)
    assert await processes.signal(process_id, "paid", {"amount_minor": 1}, signal_id="payment-1") is True
    assert await processes.signal(process_id, "paid", {"amount_minor": 1}, signal_id="payment-2") is False
    assert await processes.signal(process_id + 1, "paid", {}, signal_id="payment-1") is False


async def test_each_wait_takes_one_signal_of_its_name_in_their_order(pool: Pool) -> None:
    clock, seen = ManualClock(), list[str]()

    async def collect(lease: Lease) -> Done | Wait:
        if lease.woken and lease.woken.signal:
            seen.append(lease.woken.signal.id)
        return Done() if len(seen) == 3 else Wait(until_ms=clock.now_ms() + WAIT_MS, signal="part")

    processes = Processes(pool, "shop", Definition("parcels", (Step("collect", collect),)), clock)
    await processes.start("cart-1", {})
    process_id = await _id(processes)
    for signal_id, name in (("b", "part"), ("x", "noise"), ("a", "part")):
        await processes.signal(process_id, name, {}, signal_id=signal_id)
    await _drain(processes)
    assert seen == ["b", "a"]
    await processes.signal(process_id, "noise", {}, signal_id="y")
    assert await processes.work_one() is None
    await processes.signal(process_id, "part", {}, signal_id="c")
    await _drain(processes)
    assert seen == ["b", "a", "c"]
    assert (await _end(pool))[0] == "done"


async def test_the_deadline_wakes_it_and_a_signal_that_comes_too_late_does_not_change_the_reason(pool: Pool) -> None:
    shop = Shop(ManualClock())
    before = shop.processes(pool, _killer("pay.before_do", 2))
    await before.start("cart-1", {})
    await _drain(before)
    shop.clock.advance(ms=WAIT_MS - 1)
    assert await before.work_one() is None
    shop.clock.advance(ms=1)
    with pytest.raises(Killed):
        await before.work_one()
    await _pay_once(before)
    shop.clock.advance(ms=shop.definition.lease_ms)
    await _drain(shop.processes(pool))
    assert await _end(pool) == ("undone", "None", 0)
    assert shop.world == set()
    assert await pool.fetchval("SELECT reason FROM shop.processes") == "process_step_failed: nobody paid"


def _killer(point: str, time: int) -> Callable[[str], None]:
    left = [time]

    def crash(name: str) -> None:
        left[0] -= name == point
        if name == point and left[0] == 0:
            raise Killed

    return crash


_UNTIL_THE_WAIT = {f"reserve.{when}_do" for when in ("before", "after", "committed")} | {
    "claimed",
    "pay.before_do",
    "pay.after_do",
    "pay.waiting_do",
}
#: Where the worker can be killed: paid or not, at a point's first or second time.
HIT = {
    (False, 1): _UNTIL_THE_WAIT | {f"reserve.{when}_undo" for when in ("before", "after", "committed")},
    (True, 1): _UNTIL_THE_WAIT | {"pay.committed_do", "place.before_do", "place.after_do", "place.committed_do"},
    (False, 2): {"claimed", "pay.before_do"},
    (True, 2): {"claimed", "pay.before_do", "pay.after_do"},
}


@pytest.mark.parametrize("paid", [False, True])
@pytest.mark.parametrize("time", [1, 2])
async def test_a_worker_killed_at_any_point_around_the_wait_is_resumed(pool: Pool, paid: bool, time: int) -> None:
    hit = set[str]()
    for point in crash_points(Shop(ManualClock()).definition):
        await pool.execute("TRUNCATE shop.processes, shop.orders CASCADE")
        shop = Shop(ManualClock())
        doomed, healthy = shop.processes(pool, _killer(point, time)), shop.processes(pool)
        await healthy.start("cart-1", {})
        for act in (None, _pay_once if paid else None):
            if act is not None:
                assert await act(healthy)
            elif shop.woken:
                shop.clock.advance(ms=WAIT_MS)
            try:
                await _drain(doomed)
            except Killed:
                hit.add(point)
                doomed = healthy
                shop.clock.advance(ms=shop.definition.lease_ms)
                await _drain(healthy)
        assert await _end(pool) == (("done", "990", 1) if paid else ("undone", "None", 0)), point
        assert shop.world == ({"reserved"} if paid else set()), point
    assert hit == HIT[paid, time]


async def test_a_sender_killed_at_any_point_may_send_again(pool: Pool) -> None:
    for point in SIGNAL_CRASH_POINTS:
        await pool.execute("TRUNCATE shop.processes, shop.orders CASCADE")
        shop = Shop(ManualClock())
        processes = shop.processes(pool)
        await processes.start("cart-1", {})
        await _drain(processes)
        with pytest.raises(Killed):
            await _pay_once(shop.processes(pool, _killer(point, 1)))
        written = point == "signal.committed"
        assert await pool.fetchval("SELECT count(*) FROM shop.process_signals") == int(written), point
        assert await _pay_once(processes) is True
        await _drain(processes)
        assert await _end(pool) == ("done", "990", 1), point
        assert len(shop.woken) == 2


async def test_two_workers_and_two_senders_race_for_one_signal(pool: Pool) -> None:
    for _ in range(10):
        await pool.execute("TRUNCATE shop.processes, shop.orders CASCADE")
        shop = Shop(ManualClock())
        first, second = shop.processes(pool), shop.processes(pool)
        await first.start("cart-1", {})
        await _drain(first)
        assert list(await asyncio.gather(_pay_once(first), _pay_once(second))) == [True, True]
        worked = await asyncio.gather(first.work_one(), second.work_one())
        assert sorted(map(str, worked)) == ["None", "cart-1"]
        assert len(shop.woken) == 2
        assert await _end(pool) == ("done", "990", 1)


async def test_a_signal_sent_while_the_wait_is_written_is_never_lost(pool: Pool) -> None:
    for _ in range(20):
        await pool.execute("TRUNCATE shop.processes, shop.orders CASCADE")
        shop = Shop(ManualClock())
        processes = shop.processes(pool)
        await processes.start("cart-1", {})
        await asyncio.gather(processes.work_one(), _pay_once(processes))
        await _drain(processes)
        assert await _end(pool) == ("done", "990", 1)


async def test_a_worker_taken_over_after_the_wake_writes_nothing(pool: Pool) -> None:
    shop = Shop(ManualClock())
    second = shop.processes(pool)
    pay = shop.definition.steps[1]

    async def late(lease: Lease) -> Done | Wait:
        if lease.woken is not None and lease.fence == 2:
            shop.clock.advance(ms=shop.definition.lease_ms)
            await second.work_one()
        return await pay.do(lease)

    steps = (shop.definition.steps[0], Step("pay", late), shop.definition.steps[2])
    first = Processes(pool, "shop", Definition("checkout", steps), shop.clock)
    await first.start("cart-1", {})
    await first.work_one()
    await _pay_once(first)
    with pytest.raises(FenceLost):
        await first.work_one()
    assert await _end(pool) == ("done", "990", 1)


async def test_a_woken_step_that_is_tried_again_sees_the_same_signal(pool: Pool) -> None:
    shop = Shop(ManualClock())
    pay, tries = shop.definition.steps[1], list[str]()

    async def flaky(lease: Lease) -> Done | Wait:
        if lease.woken is not None and lease.woken.signal is not None:
            tries.append(lease.woken.signal.id)
            if len(tries) < 3:
                raise Unavailable("the bank is away")
        return await pay.do(lease)

    steps = (shop.definition.steps[0], Step("pay", flaky), shop.definition.steps[2])
    processes = Processes(pool, "shop", Definition("checkout", steps), shop.clock)
    await processes.start("cart-1", {})
    await processes.work_one()
    await _pay_once(processes)
    await processes.signal(await _id(processes), "paid", {"amount_minor": 1}, signal_id="payment-2")
    for _ in range(3):
        await processes.work_one()
        shop.clock.advance(seconds=2)
    assert tries == ["payment-1"] * 3
    assert await _end(pool) == ("done", "990", 1)


async def test_signals_are_bounded(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(ManualClock())
    processes = shop.processes(pool)
    await processes.start("cart-1", {})
    process_id = await _id(processes)
    await pool.execute(
        """INSERT INTO shop.process_signals (process, id, name, payload)
            SELECT $1, n::text, 'x', '{}' FROM generate_series(1, $2) n""",
        process_id,
        port.SIGNALS_MAX,
    )
    with pytest.raises(SignalsFull):
        await processes.signal(process_id, "paid", {}, signal_id="more")
    with pytest.raises(ValueError, match="payload"):
        await processes.signal(process_id, "paid", {"text": "x" * port.PAYLOAD_BYTES_MAX}, signal_id="big")
    assert await pool.fetchval("SELECT count(*) FROM shop.process_signals") == port.SIGNALS_MAX
