"""Servers that speak MongoDB's protocol: SecantusDB in a process of its own (GPL: never inside ours), and one that is named.

``RENGA_TEST_MONGODB`` is the URL of a server on which tests may make and drop databases called ``test_…``.
"""

import importlib.metadata
import importlib.util
import os
import sys
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

from tests.engines.process import Server, environment, free_port

VARIABLE = "RENGA_TEST_MONGODB"
ASK_TIMEOUT_MS = 1_000


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
    """The version that a server says it is, None while nobody answers ``hello``."""
    client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(url, serverSelectionTimeoutMS=ASK_TIMEOUT_MS)
    try:
        client.admin.command("hello")
        return str(client.admin.command("buildInfo")["version"])
    except PyMongoError:
        return None
    finally:
        client.close()


class Named:
    """The server that the environment names: it was there before us and stays."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.version = f"MongoDB {version_of(url) or '(does not answer)'}"

    def discard(self) -> None:
        """It is not ours to stop."""


def named_available() -> str | None:
    return None if os.environ.get(VARIABLE) else f"{VARIABLE} is not set"


def named(folder: Path) -> Named:
    return Named(os.environ[VARIABLE])
