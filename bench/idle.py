"""Measures what a shop without traffic costs: statements a second per engine, CPU per process.

``python -m bench.idle`` starts the shop on a new data folder, waits until it is quiet, and counts every statement that a
client sends (those inside scripts and functions not).
"""

import argparse
import asyncio
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import asyncpg
import msgspec

from bench.processes import cpu_by_role
from bench.shop import RunningShop, running_shop
from renga.platform.engines.folder import DataFolder
from renga.platform.running import run_until_signal

QUIET_S, SECONDS = 20, 20
GOAL_STATEMENTS, GOAL_CPU = 5.0, 0.005
SHOWN_MAX = 14
_LOGGED = re.compile(r"LOG:  (?:statement|execute [^:]*): ((?:.*)(?:\n\t.*)*)")


class Idle(msgspec.Struct, frozen=True, kw_only=True):
    """Statements a second by engine and text; share of a core by process role."""

    valkey: dict[str, float]
    postgres: dict[str, float]
    cpu: dict[str, float]

    @property
    def statements(self) -> float:
        return sum(self.valkey.values()) + sum(self.postgres.values())


def logged_statements(log: str) -> Counter[str]:
    """The statements of a PostgreSQL log with ``log_statement = all``; several in one string count one by one."""
    found: Counter[str] = Counter()
    for match in _LOGGED.finditer(log):
        for one in match[1].split(";"):
            if text := " ".join(one.split()):
                found[text] += 1
    return found


async def cpu_shares(shop: RunningShop, seconds: int) -> dict[str, float]:
    """CPU of each role in the next seconds, as a share of one core."""
    before = cpu_by_role(shop.processes())
    await asyncio.sleep(seconds)
    after = cpu_by_role(shop.processes())
    return {role: (after[role] - before.get(role, 0.0)) / seconds for role in sorted(after)}


async def valkey_statements(shop: RunningShop, seconds: int) -> dict[str, float]:
    """Commands a second that clients send, by name and first key."""
    sent: Counter[str] = Counter()

    async def follow() -> None:
        async with shop.redis.monitor() as monitor:
            async for one in monitor.listen():
                if one["client_type"] != "lua":
                    words = one["command"].split()
                    sent[words[0]] += 1

    with suppress(TimeoutError):
        await asyncio.wait_for(follow(), seconds)
    return {name: count / seconds for name, count in sent.items() if name != "MONITOR"}


async def postgres_statements(data: Path, url: str, seconds: int) -> dict[str, float]:
    """Statements a second that the server logs."""
    log = data / "postgres.log"
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ALTER SYSTEM SET log_statement = 'all'")
        await connection.execute("SELECT pg_reload_conf()")
        await asyncio.sleep(1)
        start = log.stat().st_size
        await asyncio.sleep(seconds)
        text = log.read_bytes()[start:].decode(errors="replace")
    finally:
        await connection.close()
    return {statement: count / seconds for statement, count in logged_statements(text).items()}


async def measure(quiet: int, seconds: int) -> Idle:
    with tempfile.TemporaryDirectory(prefix="renga-idle-") as folder:
        data = Path(folder) / "data"
        async with running_shop(data) as shop:
            holder = DataFolder(data).holder()
            assert holder is not None  # a running shop holds its folder
            await asyncio.sleep(quiet)
            cpu = await cpu_shares(shop, seconds)
            valkey, postgres = await asyncio.gather(
                valkey_statements(shop, seconds), postgres_statements(data, holder.urls["postgres"], seconds)
            )
    return Idle(valkey=valkey, postgres=postgres, cpu=cpu)


def report(idle: Idle) -> str:
    """The table."""
    lines = ["a shop without traffic"]
    for engine, sent in (("Valkey", idle.valkey), ("PostgreSQL", idle.postgres)):
        lines.append(f"  {engine:<12}{sum(sent.values()):>8.1f} statements/s")
        most = sorted(sent.items(), key=lambda item: -item[1])[:SHOWN_MAX]
        lines += [f"    {count:>10.2f}  {text[:90]}" for text, count in most]
    lines.append(f"  {'both':<12}{idle.statements:>8.1f} statements/s; the goal is less than {GOAL_STATEMENTS:.0f}")
    lines += [f"  {role:<12}{share:>8.2%} of a core" for role, share in sorted(idle.cpu.items())]
    renga = idle.cpu.get("web", 0.0) + idle.cpu.get("worker", 0.0)
    lines.append(f"  {'web+worker':<12}{renga:>8.2%} of a core; the goal is less than {GOAL_CPU:.1%}")
    return "\n".join(lines)


async def run(quiet: int, seconds: int) -> None:
    print(report(await measure(quiet, seconds)))


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.idle", description=__doc__)
    parser.add_argument("--quiet", type=int, default=QUIET_S, help="seconds before measuring")
    parser.add_argument("--seconds", type=int, default=SECONDS, help="seconds of each measurement")
    told = parser.parse_args(arguments)
    if not 0 <= told.quiet <= 600 or not 1 <= told.seconds <= 600:
        parser.error("--quiet is from 0 to 600, --seconds from 1 to 600")
    run_until_signal(run(told.quiet, told.seconds))


if __name__ == "__main__":
    main(sys.argv[1:])
