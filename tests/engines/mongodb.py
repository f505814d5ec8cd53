"""Servers that speak MongoDB's protocol: SecantusDB in a process of its own (GPL: never inside ours), and one that is named.

``RENGA_TEST_MONGODB`` is the URL of a server on which tests may make and drop databases called ``test_…``.
"""

import importlib.metadata
import importlib.util
import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import bson

from tests.engines.process import Server, environment, free_port

VARIABLE = "RENGA_TEST_MONGODB"
ASK_TIMEOUT_S = 2.0
OP_MSG = 2013


def available() -> str | None:
    """None if SecantusDB can be started, else the reason why not."""
    return None if importlib.util.find_spec("secantus") else "the secantusdb package is not installed"


def start(folder: Path, *options: str) -> Server:
    """Start one; extra ``options`` as on its command line (``"--standalone"``)."""
    port = free_port(55000)
    argv: list[str | Path] = [sys.executable, "-m", "secantus", "--host", "127.0.0.1", "--port", str(port)]
    argv += ["--storage-path", folder / "data", "--log-level", "WARNING", *options]
    url = f"mongodb://127.0.0.1:{port}"

    def ready(server: Server) -> bool:
        if (spoken := version_of(url)) is None:
            return False
        server.version = f"SecantusDB {importlib.metadata.version('secantusdb')} as MongoDB {spoken}"
        return True

    return Server("secantusdb", argv, folder, url=url, ready=ready, environment=environment()).start()


def version_of(url: str) -> str | None:
    """The version that a server without a password says it is, None while nobody answers."""
    at = urlsplit(url)
    try:
        with socket.create_connection((at.hostname or "", at.port or 27017), ASK_TIMEOUT_S) as connection:
            connection.settimeout(ASK_TIMEOUT_S)
            _ask(connection, "hello")
            return str(_ask(connection, "buildInfo").get("version", "of an unknown version"))
    except OSError:
        return None


def _ask(connection: socket.socket, command: str) -> dict[str, Any]:
    """One OP_MSG of the wire protocol; a client of the driver would start threads."""
    body = bytes(5) + bson.encode({command: 1, "$db": "admin"})
    connection.sendall(struct.pack("<iiii", 16 + len(body), 1, 0, OP_MSG) + body)
    with connection.makefile("rb") as answers:
        (length,) = struct.unpack("<i", answers.read(4))
        return bson.decode(answers.read(length - 4)[12 + 5 :])


class Named:
    """The server that the environment names: it was there before us and stays."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.version = f"MongoDB {version_of(url) or 'that does not tell its version'}"

    def discard(self) -> None:
        """It is not ours to stop."""


def named_available() -> str | None:
    return None if os.environ.get(VARIABLE) else f"{VARIABLE} is not set"


def named(folder: Path) -> Named:
    return Named(os.environ[VARIABLE])
