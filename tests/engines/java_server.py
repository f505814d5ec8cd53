"""A real search server of Java on 127.0.0.1: OpenSearch and Elasticsearch differ only in jars, JDK and heap."""

import contextlib
import json
import urllib.request
from pathlib import Path
from typing import Any

from tests.engines import jars
from tests.engines.process import EngineFailed, Server, environment, free_port

READY_TIMEOUT_S = 90.0
HTTP_TIMEOUT_S = 2.0
#: Above the ports that other engines derive from theirs.
PORTS_BELOW = 60000


def command(engine: str, release_min: int, heap_mb: int, folder: Path, ports: tuple[int, int]) -> list[str | Path]:
    """How Java is called; the program is compiled from its one source file (JEP 330)."""
    home = jars.jdk(release_min)
    if home is None:
        raise EngineFailed(jars.missing(engine, release_min) or "")
    heap = [
        f"-Xms{heap_mb}m",
        f"-Xmx{heap_mb}m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xlog:disable",
        "-Xlog:all=error:stderr",
    ]
    source = jars.POMS / engine / "Run.java"
    program: list[str | Path] = ["-cp", f"{jars.folder(engine)}/*", source, folder / "node", *map(str, ports)]
    return [home / "bin" / "java", *heap, *program]


def start(engine: str, release_min: int, heap_mb: int, folder: Path) -> Server:
    """Start one node on ``folder``; about ten seconds."""
    if reason := jars.missing(engine, release_min) or jars.copy(engine):
        raise EngineFailed(f"{engine}: {reason}")
    http, transport = free_port(PORTS_BELOW), free_port(PORTS_BELOW)

    def ready(server: Server) -> bool:
        with contextlib.suppress(OSError, ValueError, KeyError):
            _get(http, "/_cluster/health?wait_for_status=yellow&timeout=1s")
            server.version = f"{engine} {_get(http, '/')['version']['number']}"
            return True
        return False

    return Server(
        engine,
        command(engine, release_min, heap_mb, folder, (http, transport)),
        folder,
        url=f"{engine}://127.0.0.1:{http}",
        ready=ready,
        environment=environment(),
        ready_timeout_s=READY_TIMEOUT_S,
    ).start()


def wipe(server: Server) -> None:
    """Remove every index of a node."""
    port = int(server.url.rpartition(":")[2])
    for row in _get(port, "/_cat/indices?format=json&h=index&expand_wildcards=all"):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/{row['index']}", method="DELETE")
        urllib.request.urlopen(request, timeout=READY_TIMEOUT_S).close()


def _get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=HTTP_TIMEOUT_S) as response:
        return json.load(response)
