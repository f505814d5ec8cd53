"""A worker process dies: another takes its shards over, and every cart's events go on in order."""

import asyncio
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from renga.kernel.caller import ANONYMOUS
from renga.platform.bus.factory import make_bus
from tests.engines.process import environment
from tests.faults.shop import GUEST, SHARDS, Hearing, add, create, open_cart, waiting
from tests.ports.bus_tools import consuming
from tests.support import eventually

ROOT = Path(__file__).parents[2]
CARTS = 40


@asynccontextmanager
async def worker(
    folder: Path, redis_url: str, database_url: str, bus_url: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """``python -m renga.apps.work`` on these engines, killed at the end if it still lives."""
    settings = {
        "RENGA_DATA": str(folder),
        "RENGA_REDIS": redis_url,
        "RENGA_DATABASE": database_url,
        "RENGA_BUS": bus_url,
        "RENGA_CART_SHARDS": str(SHARDS),
        "RENGA_SECRET": "a secret of the tests",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "renga.apps.work",
        cwd=ROOT,
        env=environment(**settings),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("bus", ["streams", "rabbitmq"])
async def test_when_a_worker_is_killed_another_takes_its_shards_over_and_events_go_on_in_order(
    start_engine: Any, valkey_url: str, database_url: str, request: Any, tmp_path: Path, bus: str
) -> None:
    bus_url = request.getfixturevalue("rabbitmq_url") if bus == "rabbitmq" else start_engine("valkey").url
    engines, hearing = (valkey_url, database_url, bus_url), Hearing()
    listener = make_bus(bus_url)
    await listener.start()
    await listener.declare(hearing.consumer)
    async with (
        open_cart(valkey_url, database_url) as rooms,
        consuming(listener, hearing.consumer),
        worker(tmp_path, *engines) as doomed,
        worker(tmp_path, *engines) as heir,
    ):
        await rooms.check_shards()
        carts = [await create(rooms) for _ in range(CARTS)]
        added: Counter[str] = Counter()
        stopping = asyncio.Event()

        async def shop(cart_id: str) -> None:
            while not stopping.is_set():
                added[cart_id] += 1
                await add(rooms, cart_id, "sku")
                await asyncio.sleep(0.05)

        async def holders() -> int:
            names = [f"lease:cart:{n}" for n in range(SHARDS)]
            owners = [await rooms.redis.call(name, "GET", name) for name in names]
            return len(set(owners)) if None not in owners else 0

        async def both_hold() -> bool:
            return await holders() == 2 and len(hearing.events) > CARTS

        async def one_holds() -> bool:
            return await holders() == 1

        buyers = [asyncio.create_task(shop(cart_id)) for cart_id in carts]
        await eventually(both_hold, timeout_s=30)
        doomed.kill()
        assert await doomed.wait() == -signal.SIGKILL
        await eventually(one_holds, timeout_s=30)
        expiring = (await rooms.carts.create(ANONYMOUS, "BRL", expires_in_s=1, write=GUEST)).cart_id
        stopping.set()
        await asyncio.gather(*buyers)

        async def heard_all() -> bool:
            return len(hearing.events) == 2 + CARTS + added.total() and not await waiting(rooms)

        await eventually(heard_all, timeout_s=30)
        assert hearing.sequences() == {i: list(range(1, added[i] + 2)) for i in carts} | {expiring: [1, 2]}
        assert hearing.count("CartExpired") == {expiring: 1}

        async def snapshots_follow() -> bool:
            found = [await rooms.dependencies.snapshots.find(cart_id) for cart_id in (*carts, expiring)]
            return [s and s.version for s in found] == [added[i] + 1 for i in carts] + [2]

        await eventually(snapshots_follow, timeout_s=30)
        assert heir.returncode is None
    await listener.close()
