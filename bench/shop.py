"""The shop as users run it, ``renga up`` on a data folder of its own, with the methods that measurements need."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bench import processes
from bench.driver import drive
from bench.requests import request
from renga.platform.engines.folder import DataFolder
from renga.platform.redis.driver import Client, make_client

READY_TIMEOUT_S = 120.0
READY_POLL_S = 0.005
STOP_TIMEOUT_S = 30.0
#: Longest wait until events are relayed, which is when worker and database use less than this share of a core.
SETTLE_TIMEOUT_S = 90.0
SETTLE_LOOK_S, SETTLED_LOOKS = 0.3, 3
SETTLED_SHARE = 0.2
CALL_TIMEOUT_S = 30.0


class ShopFailed(Exception):
    """The shop did not start or answer; the message has its last output."""


class RunningShop:
    """``ready_s`` is the time from its start until ``/readyz`` answered 200."""

    def __init__(self, process: asyncio.subprocess.Process, port: int, redis_url: str, ready_s: float) -> None:
        self._process = process
        self.port = port
        self.redis_url = redis_url
        self.ready_s = ready_s
        self.redis: Client = make_client(redis_url, timeout_s=CALL_TIMEOUT_S)

    def processes(self) -> list[processes.Process]:
        return processes.tree(self._process.pid)

    async def settle(self) -> bool:
        """Wait until all events are relayed and the disk is idle; False if that takes too long."""
        deadline_s = time.monotonic() + SETTLE_TIMEOUT_S
        before, quiet = self._background_cpu_s(), 0
        while time.monotonic() < deadline_s:
            await asyncio.sleep(SETTLE_LOOK_S)
            now = self._background_cpu_s()
            rewriting = (await self.redis.info("persistence")).get("aof_rewrite_in_progress")
            quiet = quiet + 1 if now - before < SETTLED_SHARE * SETTLE_LOOK_S and not rewriting else 0
            if quiet == SETTLED_LOOKS:
                return True
            before = now
        return False

    def _background_cpu_s(self) -> float:
        cpu = processes.cpu_by_role(self.processes())
        return cpu.get("worker", 0.0) + cpu.get("postgres", 0.0)


def free_port() -> int:
    """A free port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours without the settings of another shop; one caller measures, so nothing limits callers unless ``settings`` say so."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RENGA_")}
    return kept | {"RENGA_CONFIG": os.devnull, "RENGA_RATELIMIT_ENABLED": "false"} | dict(settings or {})


@asynccontextmanager
async def running_shop(data: Path, settings: Mapping[str, str] | None = None) -> AsyncIterator[RunningShop]:
    """Start the shop on the data folder, yield it when ready, then stop it with all its engines. Raises ShopFailed.

    ``settings`` are variables of its environment.
    """
    port = free_port()
    log = data.with_name(data.name + ".log")
    began_s = time.monotonic()
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "renga.apps.cli", "up", "--port", str(port), "--data", str(data),
            env=environment(settings), stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        await _until_ready(process, port, log)
        ready_s = time.monotonic() - began_s
        holder = DataFolder(data).holder()
        if holder is None:
            raise ShopFailed("the shop answers but does not hold its data folder")
        shop = RunningShop(process, port, holder.urls["valkey"], ready_s)
        try:
            yield shop
        finally:
            await shop.redis.aclose()
    finally:
        await stop(process)


async def _until_ready(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    deadline_s = time.monotonic() + READY_TIMEOUT_S
    statuses: list[int] = []
    while time.monotonic() < deadline_s and process.returncode is None:
        try:
            await drive(
                port,
                [request("GET", "/readyz")],
                connections=1,
                count_max=1,
                seconds_max=2.0,
                on_answer=lambda _, status, __: statuses.append(status),
            )
        except OSError:
            statuses.append(0)  # nobody listens yet
        if statuses and statuses[-1] == 200:
            return
        await asyncio.sleep(READY_POLL_S)
    raise ShopFailed(f"the shop did not become ready:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


async def stop(process: asyncio.subprocess.Process) -> None:
    """Stop a process with SIGTERM; kill it if it does not end in time."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), STOP_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
