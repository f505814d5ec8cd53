"""Searches numbers in all that a shop keeps and tells: log, folder, PostgreSQL, Valkey, and what it sent to a collector."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import asyncpg
import redis.asyncio

from tests.cards.numbers import ALL, grouped

_BETWEEN = re.compile(rb"[ .\-_+]|%20|\\u0020")
_NEEDLES = [number.encode() for number in ALL]
_WIDE = ["".join(chr(0xFF10 + int(digit)) for digit in number).encode() for number in ALL[:1]]
_ESCAPED = [grouped("".join(f"%{ord(digit):02x}" for digit in number), "").encode() for number in ALL[:1]]


class FoundNumber(Exception):
    """Where a number of a card was kept."""


def found_in(where: str, content: bytes) -> list[str]:
    """The numbers in it, as they are or grouped."""
    joined = _BETWEEN.sub(b"", content)
    needles = [*_NEEDLES, *_WIDE, *_ESCAPED]
    return [f"{where}: {needle.decode()}" for needle in needles if needle in content or needle in joined]


class Collector:
    """Takes spans as an OpenTelemetry collector does; ``bodies`` are what came."""

    def __init__(self) -> None:
        bodies: list[bytes] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.bodies = bodies
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


async def of_postgres(url: str) -> Iterator[tuple[str, bytes]]:
    """Every row of every table as text."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        made = []
        for schema, table in tables:
            rows = await connection.fetch(f'SELECT one::text AS text FROM "{schema}"."{table}" AS one')
            made.append((f"table {schema}.{table}", "\n".join(row["text"] for row in rows).encode()))
        return iter(made)
    finally:
        await connection.close()


async def of_valkey(url: str) -> Iterator[tuple[str, bytes]]:
    """Every key with its value: carts, sessions, caches, limits, the bus with its dead letters."""
    client: Any = redis.asyncio.Redis.from_url(url)
    read = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        b"stream": client.xrange,
    }
    try:
        made = []
        async for key in client.scan_iter():
            value = await read[await client.type(key)](key)
            made.append((f"key {key!r}", key + b" " + (value if isinstance(value, bytes) else repr(value).encode())))
        return iter(made)
    finally:
        await client.aclose()


def of_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file that is not a database's own: logs, mail, pictures, snapshots of Valkey."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "postgres" not in path.relative_to(folder).parts[:1]:
            yield f"file {path.relative_to(folder)}", path.read_bytes()
