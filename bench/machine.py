"""The machine of the run: processor, memory, kernel, and the versions of the software."""

import asyncio
import importlib.metadata
import os
import platform
from pathlib import Path

import msgspec

from bench.cell import driver_name
from bench.shop import RunningShop

_VERSION_TIMEOUT_S = 5.0


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """Facts for the reader of the tables, without the machine's name."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    versions: dict[str, str]
    driver: str


def _line_of(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


async def _said(*command: str) -> str:
    """The first line of a command's output without the command's name, or a note that it is not installed."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
    except FileNotFoundError:
        return "not installed"
    try:
        output, _ = await asyncio.wait_for(process.communicate(), _VERSION_TIMEOUT_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        return "unknown"
    return (
        (output.decode(errors="replace").splitlines() or ["? unknown"])[0].partition(" Copyright")[0].partition(" ")[2]
    )


async def machine(shop: RunningShop) -> Machine:
    """This machine, now."""
    packages = ("renga", "uvicorn", "httptools", "uvloop", "litestar", "msgspec", "hiredis", "redis")
    versions = {"Python": platform.python_version()} | {name: importlib.metadata.version(name) for name in packages}
    server = await shop.redis.info("server")
    versions["Valkey"] = str(server.get("valkey_version") or server["redis_version"])
    versions["wrk"] = await _said("wrk", "-v")
    versions["redis-benchmark"] = await _said("redis-benchmark", "--version")
    return Machine(
        processor=_line_of("/proc/cpuinfo", "model name"),
        cores=os.cpu_count() or 0,
        memory_gb=round(int(_line_of("/proc/meminfo", "MemTotal").split()[0]) / 1e6, 1),
        system=f"{platform.system()} {platform.release().split('-')[0]}",
        versions=versions,
        driver=driver_name(),
    )
