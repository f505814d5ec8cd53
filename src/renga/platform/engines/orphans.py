"""Stops servers that a killed run left behind on a folder; finds them by program and folder, not by a pid file."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import structlog

from renga.platform.engines.errors import EngineFailed

log = structlog.get_logger(__name__)

STOP_TIMEOUT_S = 10.0
KILL_TIMEOUT_S = 5.0
POLL_S = 0.02


async def stop_orphans(folder: Path, program: str, how: signal.Signals) -> None:
    """Stop every ``program`` that runs in ``folder``: signal ``how``, later SIGKILL. Raises EngineFailed if one remains.

    The caller holds the data folder's lock, so a server that runs there is an orphan.
    """
    found = _servers(folder, program)
    if not found:
        return
    log.warning("orphan_found", program=program, folder=str(folder), pids=found)
    for pid in found:
        _signal(pid, how)
    if not await _gone(folder, program, STOP_TIMEOUT_S):
        for pid in _servers(folder, program):
            _signal(pid, signal.SIGKILL)
        if not await _gone(folder, program, KILL_TIMEOUT_S):
            raise EngineFailed(
                f"{program} (pid {found[0]}) still runs on {folder} and cannot be stopped; stop it yourself"
            )
    log.info("orphan_stopped", program=program, folder=str(folder))


def _servers(folder: Path, program: str) -> list[int]:
    """Pids of ``program`` whose working directory is ``folder`` or whose command line contains it."""
    if sys.platform == "linux":
        return sorted(
            int(entry.name) for entry in os.scandir("/proc") if _works_on(entry, os.fsencode(folder), program)
        )
    listing = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=True, timeout=5)
    lines = (line.strip().partition(" ") for line in listing.stdout.splitlines())
    return [int(pid) for pid, _, command in lines if program in command and str(folder) in command]


def _works_on(entry: "os.DirEntry[str]", folder: bytes, program: str) -> bool:
    if not entry.name.isdigit():
        return False
    try:
        if not Path(entry.path, "comm").read_text().startswith(program[:15]):
            return False
        command = Path(entry.path, "cmdline").read_bytes() + b"\0"
        return folder + b"\0" in command or folder + b"/" in command or _working_folder(entry) == folder
    except (FileNotFoundError, ProcessLookupError):
        return False  # it has ended meanwhile


def _working_folder(entry: "os.DirEntry[str]") -> bytes:
    try:
        return os.readlink(os.fsencode(entry.path) + b"/cwd")
    except PermissionError:
        return b""  # another user's, not readable (a container without CAP_SYS_PTRACE)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        log.debug("orphan_already_gone", pid=pid)


async def _gone(folder: Path, program: str, timeout_s: float) -> bool:
    for _ in range(int(timeout_s / POLL_S)):
        if not _servers(folder, program):
            return True
        await asyncio.sleep(POLL_S)
    return not _servers(folder, program)
