"""The machine's own redis-server (Debian: 7.0), append-only file on."""

import shutil
from pathlib import Path

from tests.engines.process import Server
from tests.engines.valkey import redis_like


def binary() -> Path | None:
    found = shutil.which("redis-server")
    return Path(found) if found else None


def available() -> str | None:
    """None if it can be started, else the reason why not."""
    return None if binary() else "redis-server is not installed"


def start(folder: Path, *options: str) -> Server:
    """Start one; extra ``options`` as on the command line (``"--maxmemory", "8mb"``)."""
    program = binary()
    if program is None:
        raise RuntimeError(available())
    return redis_like("redis7", program, folder, *options).start()
