"""Processes of the shop are killed (SIGKILL) in the middle of their payments, again and again; then the books are compared."""

import asyncio
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from renga.kernel.clock import ManualClock, SystemClock
from tests import proof
from tests.payments.remote_provider import serve
from tests.payments.telling_provider import TellingProvider
from tests.payments.world import World

ROOT = Path(__file__).parents[2]
KILLS = proof.count(small=2, full=60)
LIFE_S = (0.05, 0.6)


async def live_and_die(dsn: str, path: Path, name: str, life_s: float) -> None:
    """A process that begins to pay, and is killed a moment later."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.payments.shop_process", dsn, str(path), name, cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        assert await asyncio.wait_for(child.stdout.readline(), 60) == b"paying\n"
        await asyncio.sleep(life_s)
        assert child.returncode is None, "it died by itself"
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


@pytest.mark.proof
@pytest.mark.timeout(1_200)
async def test_after_processes_were_killed_all_say_the_same(database_url: str, pool: Any, tmp_path: Path) -> None:
    provider, path = TellingProvider(), tmp_path / "provider"
    server = await serve(provider, path)
    try:
        for number in range(0, KILLS, 2):
            lives = [random.uniform(*LIFE_S) for _ in range(2)]
            await asyncio.gather(
                *[live_and_die(database_url, path, f"{number}-{place}", life_s) for place, life_s in enumerate(lives)]
            )
    finally:
        server.close()
    assert provider.calls, "nobody paid anything"
    world = World(provider, ManualClock(SystemClock().now_ms() + 60_000), pool)
    await world.recover()
    await world.check()
    made = await pool.fetchval("SELECT count(*) FROM payments.payments")
    print(f"{KILLS} processes killed, {made} payments, {len(provider.calls)} calls of the provider")
