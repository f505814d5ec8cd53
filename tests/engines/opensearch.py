"""A real OpenSearch 3.8 from Maven Central, one node with a small heap."""

from pathlib import Path

from tests.engines import jars, java_server
from tests.engines.process import Server

NAME = "opensearch"
JDK_RELEASE_MIN = 21
HEAP_MB = 512


def available() -> str | None:
    """None if it can be started, else the reason why not; does not ask the network."""
    return jars.missing(NAME, JDK_RELEASE_MIN)


def prepare() -> str | None:
    """Copy its jars into the cache if they are not there; None when they are, else why not."""
    return jars.copy(NAME)


def start(folder: Path, *, heap_mb: int = HEAP_MB) -> Server:
    """Start one on ``folder``."""
    return java_server.start(NAME, JDK_RELEASE_MIN, heap_mb, folder)
