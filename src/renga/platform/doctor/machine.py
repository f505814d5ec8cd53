"""Checks of this machine: Python, file descriptors, the data folder, the port, the embedded binaries."""

import asyncio
import os
import resource
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from renga.platform.doctor.check import Check
from renga.platform.engines.binaries import postgres_programs, valkey_server
from renga.platform.engines.errors import EngineMissing
from renga.platform.settings import PlatformSettings

PYTHON_MIN = (3, 11)
DESCRIPTORS_MIN = 4096
DISK_FAIL_BYTES = 200_000_000
DISK_WARN_BYTES = 1_000_000_000
PROGRAM_TIMEOUT_S = 5.0


def check_python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < PYTHON_MIN:
        return Check("python", "fail", found, "Install Python 3.11 or newer and make the environment again.")
    return Check("python", "ok", found)


def check_descriptors() -> Check:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < DESCRIPTORS_MIN:
        mend = f"Raise the limit before the start: ulimit -n {DESCRIPTORS_MIN} (or LimitNOFILE= of the service)."
        return Check("file descriptors", "warn", f"{soft} for one process", mend)
    return Check("file descriptors", "ok", f"{soft} for one process")


def check_folder(path: Path) -> list[Check]:
    """Whether the data folder can be created and written, and its disk has space."""
    path = path.expanduser().absolute()
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        mend = f"Give yourself the right to write to {there}, or choose another folder with --data (RENGA_DATA)."
        return [Check("data folder", "fail", f"{path} cannot be written", mend)]
    free = shutil.disk_usage(there).free
    said = f"{free / 1e9:.1f} GB free on its disk"
    mend = "Free some room, or choose a folder on another disk with --data (RENGA_DATA)."
    disk = Check("disk", "ok", said)
    if free < DISK_WARN_BYTES:
        disk = Check("disk", "fail" if free < DISK_FAIL_BYTES else "warn", said, mend)
    return [Check("data folder", "ok", str(path)), disk]


def check_port(settings: PlatformSettings, running: str) -> Check:
    """Whether the shop's port is free, or used by the running shop (``running``: its address)."""
    where = f"{settings.host}:{settings.port}"
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OverflowError:
            return Check("port", "fail", where, "Choose a port from 1 to 65535 with --port (RENGA_PORT).")
        except OSError as error:
            if running.endswith(f":{settings.port}"):
                return Check("port", "ok", f"{where} is the shop that runs")
            mend = "Stop what listens there, or choose another port with --port (RENGA_PORT)."
            return Check("port", "fail", f"{where}: {error.strerror}", mend)
    return Check("port", "ok", f"{where} is free")


async def check_binaries(settings: PlatformSettings) -> list[Check]:
    """Whether the embedded engines that the settings need can run on this machine."""
    wanted: list[tuple[str, str, Callable[[], Path]]] = []
    if not settings.redis:
        wanted.append(("embedded valkey", "RENGA_REDIS", valkey_server))
    if not settings.database:
        wanted.append(("embedded postgres", "RENGA_DATABASE", lambda: postgres_programs() / "postgres"))
    return [await _check_program(name, variable, find) for name, variable, find in wanted]


async def _check_program(name: str, variable: str, find: Callable[[], Path]) -> Check:
    mend = f"Install the packages again (make clean, then make run), or set {variable} to a server of your own."
    try:
        program = find()
        process = await asyncio.create_subprocess_exec(
            *(program, "--version"), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        async with asyncio.timeout(PROGRAM_TIMEOUT_S):
            out, _ = await process.communicate()
    except (EngineMissing, OSError, TimeoutError) as error:
        return Check(name, "fail", str(error) or type(error).__name__, mend)
    said = (out.decode(errors="replace").strip().splitlines() or [""])[0]
    return Check(name, "fail", said, mend) if process.returncode else Check(name, "ok", said)
