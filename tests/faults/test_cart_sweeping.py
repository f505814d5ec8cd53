"""Carts that are due together expire exactly once, though one of two sweepers dies midway and buyers come back."""

import asyncio
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from renga.domains.cart.contract import CartHasExpired
from renga.domains.cart.opening import CartModule
from renga.domains.cart.ports import Guard, LineArgument
from renga.kernel.clock import ManualClock, SystemClock
from renga.kernel.ids import uuid7
from tests.engines.process import environment
from tests.faults.shop import deadlines_of, in_batches, open_cart, waiting
from tests.support import eventually

SHARDS = 32
#: Carts live ten minutes. Buyers come back at five, which revives until fifteen; the sweepers' clock says twelve.
LIFE_MS, COME_BACK_MS, SWEEP_MS = 600_000, 300_000, 720_000
SILENT = Guard(whole=False)
CARTS = {"valkey": 100_000, "redis7": 20_000, "cluster": 20_000}
ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def sweeper(*arguments: Any) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.sweeper", *(str(argument) for argument in arguments),
        cwd=ROOT, env=environment(), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def populated(
    redis_url: str, database_url: str, request: Any
) -> AsyncIterator[tuple[CartModule, list[str], int]]:
    count = CARTS[request.node.callspec.params["redis_url"]]
    start_ms = SystemClock().now_ms()
    clock = ManualClock(start_ms)
    numbers = random.Random(7)
    ids = [uuid7(start_ms, numbers.getrandbits(74)) for _ in range(count)]
    async with open_cart(redis_url, database_url, store_clock=clock, shards=SHARDS, deadline_ms=30_000) as rooms:
        await in_batches(rooms.dependencies.store.create(cart_id, "BRL", LIFE_MS, SILENT) for cart_id in ids)
        clock.advance(ms=COME_BACK_MS)
        yield rooms, ids, start_ms + SWEEP_MS


async def test_carts_due_together_expire_exactly_once_though_a_sweeper_is_killed_midway(
    populated: tuple[CartModule, list[str], int], redis_url: str, database_url: str
) -> None:
    rooms, ids, now_ms = populated
    store = rooms.dependencies.store
    revived: set[str] = set()
    too_late: set[str] = set()
    finished = asyncio.Event()
    line = LineArgument(line="line", quantity=1, sku="sku", title="A thing", options={}, prices={"BRL": 100})

    async def come_back(cart_id: str) -> None:
        try:
            await store.add(cart_id, line, SILENT)
        except CartHasExpired:
            too_late.add(cart_id)
        else:
            revived.add(cart_id)

    async def come_back_all() -> None:
        for cart_id in random.Random(1).sample(ids, len(ids) // 50):
            await come_back(cart_id)
            if finished.is_set():
                return

    async def left() -> int:
        return sum(await asyncio.gather(*(rooms.redis.call(key, "ZCARD", key) for key in deadlines)))

    deadlines = [f"deadlines:{{{n}}}" for n in range(SHARDS)]
    arguments = (redis_url, database_url, SHARDS, now_ms)
    async with sweeper(*arguments) as first, sweeper(*arguments) as second:
        assert first.stdout is not None
        assert second.stdout is not None
        assert await first.stdout.readline() == b"sweeping\n"
        assert await second.stdout.readline() == b"sweeping\n"
        buyers = asyncio.create_task(come_back_all())

        async def some_are_gone() -> bool:
            return await left() < len(ids) * 0.8

        await eventually(some_are_gone, timeout_s=60, every_s=0.001)
        first.kill()
        assert await first.wait() == -signal.SIGKILL
        assert await left() > 0
        assert await second.stdout.readline() == b"done\n"
        assert await second.wait() == 0
        finished.set()
        await buyers
    async with sweeper(*arguments) as last:  # buyers that came after the second sweeper had looked
        assert await last.wait() == 0

    expired = Counter(event.subject for event in await waiting(rooms) if event.name == "CartExpired")
    assert set(expired.values()) == {1}
    assert set(expired) == set(ids) - revived
    assert too_late <= set(expired)
    assert revived
    assert await left() == len(revived)
    some = random.Random(2).sample(ids, 500)
    dumped = await rooms.dependencies.recovery.dump([*some, *revived])
    assert {i: fields["state"] for i, fields in dumped.items()} == {
        i: "open" if i in revived else "expired" for i in (*some, *revived)
    }


@pytest.mark.parametrize("redis_url", ["valkey"], indirect=True)
async def test_an_idle_cart_is_abandoned_once_by_two_sweepers_and_again_after_the_next_spell(
    redis_url: str, database_url: str
) -> None:
    clock = ManualClock(int(time.time() * 1000))
    line = LineArgument(line="line", quantity=1, sku="sku", title="A thing", options={}, prices={"BRL": 100})
    async with (
        open_cart(redis_url, database_url, store_clock=clock) as one,
        open_cart(redis_url, database_url, store_clock=clock) as other,
    ):
        ids = [uuid7(clock.now_ms(), n) for n in range(500)]
        await in_batches(one.dependencies.store.create(i, "BRL", LIFE_MS * 12, SILENT) for i in ids)
        for _spell in range(2):
            await in_batches(one.dependencies.store.add(i, line, SILENT) for i in ids)
            clock.advance(seconds=3_601)
            shards = range(deadlines_of(one).shards)
            for _again in range(5):
                await asyncio.gather(*(deadlines_of(rooms).sweep(n, 100) for rooms in (one, other) for n in shards))
        abandoned = Counter(event.subject for event in await waiting(one) if event.name == "CartAbandoned")
        assert abandoned == dict.fromkeys(ids, 2)
