"""Counting ahead: nobody waits who need not, many processes never pass the stated bound, what is not used goes back."""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest

from renga.kernel.clock import ManualClock
from renga.platform.ratelimit import allowance as module
from renga.platform.ratelimit.allowance import AHEAD_MAX, BURST_SHARE, CALLERS_MAX, QUIET_MS, Allowance
from renga.platform.ratelimit.port import Limit, LimitDecision
from renga.platform.ratelimit.redis import RedisRateLimiter
from renga.platform.redis.client import HotRedis
from renga.platform.redis.connection import RedisConnection
from tests.support import eventually


def limit(key: str = "account:alice", name: str = "cart_write", per_minute: int = 60, burst: int = 80) -> Limit:
    return Limit(name=name, key=key, per_minute=per_minute, burst=burst)


ONE = (limit(),)


@pytest.fixture
async def hot(redis_url: str) -> AsyncIterator[HotRedis]:
    redis = HotRedis(redis_url)
    yield redis
    await redis.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def limiter(hot: HotRedis, clock: ManualClock) -> RedisRateLimiter:
    return RedisRateLimiter(hot, clock=clock)


async def enter(allowance: Allowance, limits: tuple[Limit, ...] = ONE) -> LimitDecision:
    """One request, as the gate lets it in."""
    verdict = allowance.spend(limits) or await allowance.take(limits)
    assert verdict is not None
    return verdict


async def settle(allowance: Allowance) -> None:
    """Until nothing is being asked or given back."""

    async def quiet() -> bool:
        return not allowance._tasks

    await eventually(quiet)


async def left_in_store(limiter: RedisRateLimiter, one: Limit = ONE[0]) -> int:
    verdict = await limiter.take((one,), 0)
    assert verdict is not None
    return verdict.remaining


async def test_only_the_first_request_of_a_caller_waits(limiter: RedisRateLimiter, clock: ManualClock) -> None:
    allowance = Allowance(limiter, clock)
    assert allowance.spend(ONE) is None
    assert (await enter(allowance)).remaining == 79
    for spent in range(2, 31):
        verdict = allowance.spend(ONE)
        assert verdict is not None
        assert (verdict.allowed, verdict.remaining) == (True, 80 - spent)
        await settle(allowance)
    await allowance.close()
    assert await left_in_store(limiter) == 50


async def test_the_refill_leaves_in_the_same_write_as_the_request(
    valkey_url: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis = HotRedis(valkey_url)
    allowance = Allowance(RedisRateLimiter(redis, clock=clock), clock)
    await enter(allowance)
    writes: list[int] = []
    real = RedisConnection._flush

    def flush(connection: RedisConnection) -> None:
        writes.append(len(connection._out))
        real(connection)

    monkeypatch.setattr(RedisConnection, "_flush", flush)
    assert allowance.spend(ONE) is not None
    await redis.call("cart:{1}:a", "SET", "cart:{1}:a", "changed")
    await settle(allowance)
    assert writes == [2]
    monkeypatch.undo()
    await allowance.close()
    await redis.close()


async def test_of_racers_in_many_processes_no_more_than_the_burst_pass_and_no_less_than_is_not_held(
    redis_url: str, clock: ManualClock
) -> None:
    clients = [HotRedis(redis_url) for _ in range(4)]
    processes = [Allowance(RedisRateLimiter(client, clock=clock), clock) for client in clients]

    async def caller(n: int) -> int:
        allowed = 0
        for _ in range(10):
            allowed += (await enter(processes[n % 4])).allowed
        return allowed

    allowed = sum(await asyncio.gather(*(caller(n) for n in range(40))))
    held = sum(entry.count for process in processes for entry in process._callers.values())
    assert allowed + held == 80
    assert held <= 4 * (80 // BURST_SHARE)
    for process, client in zip(processes, clients, strict=True):
        await process.close()
        await client.close()


@pytest.mark.parametrize("seed", range(4))
async def test_in_no_time_at_all_do_processes_pass_more_than_the_stated_bound(
    valkey_url: str, clock: ManualClock, seed: int
) -> None:
    chance, count = random.Random(seed), 3
    redis = HotRedis(valkey_url)
    limiter = RedisRateLimiter(redis, clock=clock)
    one = limit(key=f"account:{seed}", per_minute=600, burst=80)
    processes = [Allowance(limiter, clock) for _ in range(count)]
    passed: list[int] = []
    for _ in range(150):
        tries = chance.choice((1, 1, 3, 40))
        who = [chance.choice(processes) for _ in range(tries)]
        verdicts = await asyncio.gather(*(enter(process, (one,)) for process in who))
        passed += [clock.now_ms()] * sum(verdict.allowed for verdict in verdicts)
        if chance.random() < 0.2:
            restarted = chance.randrange(count)
            await processes[restarted].close()
            processes[restarted] = Allowance(limiter, clock)
        clock.advance(ms=chance.choice((0, 10, 300, 2_000, 9_000)))
    for process in processes:
        await process.close()
    await redis.close()
    assert len(passed) > 300
    for first, began_ms in enumerate(passed):
        for last in range(first, len(passed)):
            span_ms = passed[last] - began_ms
            assert last - first + 1 <= 80 + span_ms / 100 + count * (80 // BURST_SHARE)


async def test_near_its_end_a_limit_is_exact(limiter: RedisRateLimiter, clock: ManualClock) -> None:
    one, other = Allowance(limiter, clock), Allowance(limiter, clock)
    await limiter.take(ONE, 73)
    verdicts = [await enter(one if n % 2 else other) for n in range(9)]
    assert [verdict.allowed for verdict in verdicts] == [True] * 7 + [False] * 2
    assert [verdict.remaining for verdict in verdicts] == [6, 5, 4, 3, 2, 1, 0, 0, 0]
    assert [entry.count for process in (one, other) for entry in process._callers.values()] == [0, 0]


async def test_a_narrow_limit_is_asked_each_time(limiter: RedisRateLimiter, clock: ManualClock) -> None:
    allowance = Allowance(limiter, clock)
    narrow = (limit(burst=BURST_SHARE - 1),)
    assert [(await enter(allowance, narrow)).allowed for _ in range(8)] == [True] * 7 + [False]
    assert len(allowance._callers) == 0


async def test_limits_of_two_callers_are_never_counted_ahead(limiter: RedisRateLimiter, clock: ManualClock) -> None:
    allowance = Allowance(limiter, clock)
    both = (limit(), limit(key="ip:192.0.2.1"))
    for _ in range(3):
        assert (await enter(allowance, both)).allowed
    assert [await left_in_store(limiter, one) for one in both] == [77, 77]


async def test_two_limits_of_one_caller_are_counted_ahead_together_by_the_smaller(
    limiter: RedisRateLimiter, clock: ManualClock
) -> None:
    allowance = Allowance(limiter, clock)
    both = (limit(name="key", burst=800), limit(name="import", burst=16))
    assert [(await enter(allowance, both)).allowed for _ in range(17)] == [True] * 16 + [False]
    assert [await left_in_store(limiter, one) for one in both] == [784, 0]


async def test_a_caller_who_needs_much_is_brought_more_each_time_and_one_who_does_not_less(
    limiter: RedisRateLimiter, clock: ManualClock
) -> None:
    allowance = Allowance(limiter, clock)
    wide = (limit(per_minute=60_000_000, burst=1_000_000),)

    def held() -> Any:
        return allowance._callers[wide]

    for _ in range(3_000):
        await enter(allowance, wide)
        await settle(allowance)
    assert held().size == AHEAD_MAX
    while held().size > 1:
        clock.advance(seconds=5)
        for _ in range(held().count + 1):
            await enter(allowance, wide)
        await settle(allowance)
        clock.advance(seconds=5)
    assert held().count <= AHEAD_MAX


async def test_what_a_quiet_caller_holds_goes_back(
    limiter: RedisRateLimiter, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SWEEP_S", 0.01)
    slow = limit(per_minute=1)
    allowance = Allowance(limiter, clock)
    for _ in range(4):
        await enter(allowance, (slow,))
        await settle(allowance)
    held = allowance._callers[(slow,)].count
    assert held > 0
    assert await left_in_store(limiter, slow) == 76 - held
    clock.advance(ms=QUIET_MS + 1)

    async def gone() -> bool:
        return not allowance._callers and await left_in_store(limiter, slow) == 77  # one came back by itself

    await eventually(gone)


async def test_callers_who_are_held_are_bounded(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CALLERS_MAX", 3)
    book = Book()
    allowance = Allowance(book, clock)
    for n in range(5):
        await enter(allowance, (limit(key=f"account:{n}"),))
    assert [limits[0].key for limits in allowance._callers] == ["account:2", "account:3", "account:4"]
    await settle(allowance)
    assert book.given == [("account:0", 1), ("account:1", 1)]
    assert CALLERS_MAX == 10_000
    await allowance.close()
    assert book.given[2:] == [("account:2", 1), ("account:3", 1), ("account:4", 1)]


async def test_what_comes_after_the_end_is_given_back(clock: ManualClock) -> None:
    book = Book()
    allowance = Allowance(book, clock)
    await enter(allowance)
    book.gate.clear()
    assert allowance.spend(ONE) is not None
    closing = asyncio.ensure_future(allowance.close())
    await asyncio.sleep(0)
    book.gate.set()
    await closing
    assert book.taken - sum(count for _, count in book.given) == 2


async def test_without_a_store_what_is_held_is_spent_and_then_requests_pass(clock: ManualClock) -> None:
    book = Book()
    allowance = Allowance(book, clock)
    await enter(allowance)
    book.away = True
    assert allowance.spend(ONE) is not None
    await settle(allowance)
    assert allowance.spend(ONE) is None
    assert await allowance.take(ONE) is None


class Book:
    """A limiter that grants all that is asked, and writes down what it was asked."""

    def __init__(self) -> None:
        self.taken = 0
        self.given: list[tuple[str, int]] = []
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def take(self, limits: Any, cost: int = 1, ahead: int = 0) -> LimitDecision | None:
        await self.gate.wait()
        if self.away:
            return None
        self.taken += cost + ahead
        return LimitDecision(
            allowed=True, limit=limits[0], remaining=9, reset_s=1, retry_after_s=0, ahead=ahead, full_us=1
        )

    async def give_back(self, limits: Any, count: int) -> None:
        self.given.append((limits[0].key, count))
