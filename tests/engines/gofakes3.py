"""A server that speaks S3 (gofakes3), built once from the Go module proxy and kept in Go's own cache of the machine."""

import functools
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.engines.process import Server, free_port

VERSION = "v1.2.0"
MODULE = "github.com/johannesboyne/gofakes3/cmd/gofakes3"
BUCKET = "pictures"
BUILD_TIMEOUT_S = 300.0
HTTP_TIMEOUT_S = 5.0


@functools.cache
def _built() -> Path | str:
    """The program, or why there is none."""
    go = shutil.which("go")
    if go is None:
        return "go is not installed"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "renga-tests", f"gofakes3-{VERSION}")
    program = cache / "gofakes3"
    if not program.exists():
        cache.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(
                [go, "install", f"{MODULE}@{VERSION}"],
                env=os.environ | {"GOBIN": str(cache), "GOFLAGS": "-mod=mod"},
                check=True,
                capture_output=True,
                timeout=BUILD_TIMEOUT_S,
            )
        except (subprocess.SubprocessError, OSError) as error:
            said = getattr(error, "stderr", b"") or b""
            reason = said.decode(errors="replace").strip().splitlines()[-1:] or [str(error)]
            return f"gofakes3 cannot be built: {reason[0][:200]}"
    return program


def available() -> str | None:
    """None if it can be started or built, else the reason why not. (It is built when a test first wants it: a minute.)"""
    return None if shutil.which("go") else "go is not installed"


def start(folder: Path) -> Server:
    """Start one with an empty bucket; ``url`` is the endpoint. Skips the test, with the reason, where it cannot be built."""
    program = _built()
    if isinstance(program, str):
        pytest.skip(f"gofakes3: {program}")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    argv: list[str | Path] = [
        program,
        "-host",
        f"127.0.0.1:{port}",
        "-backend",
        "memory",
        "-initialbucket",
        BUCKET,
        "-quiet",
    ]
    return Server("gofakes3", argv, folder, url=url, ready=_answers).start()


def _answers(server: Server) -> bool:
    try:
        with urllib.request.urlopen(f"{server.url}/{BUCKET}?list-type=2", timeout=HTTP_TIMEOUT_S) as answer:
            named = re.search(rb"<Name>(\w+)</Name>", answer.read())
    except (OSError, urllib.error.HTTPError):
        return False
    server.version = f"gofakes3 {VERSION}"
    return named is not None and named[1] == BUCKET.encode()
