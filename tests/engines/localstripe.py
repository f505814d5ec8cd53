"""localstripe: a server that speaks a part of Stripe's API (GPL: in an environment and a process of its own, never in ours)."""

import functools
import hashlib
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.engines.process import Server, free_port

LOCK = Path(__file__).parents[2] / "requirements" / "localstripe.lock"
#: By itself it listens on every interface, and writes all it knows to a file of a fixed name at each change.
RUN = """
import sys
from aiohttp import web
from localstripe import resources, server
resources.Store.dump_to_disk = lambda self: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
"""
BUILD_TIMEOUT_S = 300.0
ASK_TIMEOUT_S = 2.0


def available() -> str | None:
    """None if it can be installed, else the reason why not. (It is installed when a test first wants it: some seconds.)"""
    return None if _uv().exists() else "uv is not installed: run make venv"


def start(folder: Path) -> Server:
    """Start an empty one. Skips the test, with the reason, where it cannot be installed."""
    python = _installed()
    if isinstance(python, str):
        pytest.skip(f"localstripe: {python}")
    port = free_port()
    argv: list[str | Path] = [python, "-c", RUN, str(port)]
    return Server("localstripe", argv, folder, url=f"http://127.0.0.1:{port}", ready=_answers).start()


@functools.cache
def _installed() -> Path | str:
    """The Python that has it, or why there is none. Kept in the user's cache, by what the lock file says."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "renga-tests", f"localstripe-{digest}")
    python, whole = cache / "bin" / "python", cache / "whole"
    if whole.exists():
        return python
    commands: list[list[str | Path]] = [
        [_uv(), "--quiet", "venv", "--clear", "--python", sys.executable, cache],
        [_uv(), "--quiet", "pip", "sync", "--python", python, "--require-hashes", LOCK],
    ]
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True, timeout=BUILD_TIMEOUT_S)
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", b"") or b""
        reason = said.decode(errors="replace").strip().splitlines()[-1:] or [str(error)]
        return f"cannot be installed: {reason[0][:200]}"
    whole.touch()
    return python


def _uv() -> Path:
    return Path(sys.executable).with_name("uv")


def _answers(server: Server) -> bool:
    request = urllib.request.Request(f"{server.url}/v1/balance", headers={"Authorization": "Bearer sk_test_local"})
    try:
        with urllib.request.urlopen(request, timeout=ASK_TIMEOUT_S) as answer:
            found = b'"available"' in answer.read()
    except (OSError, urllib.error.HTTPError):
        return False
    server.version = "localstripe " + _version()
    return found


def _version() -> str:
    line = next(line for line in LOCK.read_text().splitlines() if line.startswith("localstripe=="))
    return line.split("==")[1].split()[0]
