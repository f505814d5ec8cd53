"""POSTs messages over HTTP/1.1 with connections that stay open. A full client would cost more than the provider itself."""

import asyncio
import ssl
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

IDLE_MAX = 16
ANSWER_BYTES_MAX = 1_048_576
HEAD_BYTES_MAX = 65_536


class PostFailed(Exception):
    """Nobody answered, or not in HTTP."""


class Posts(Protocol):
    """What sends a message."""

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer. Raises PostFailed."""
        ...

    def close(self) -> None: ...


class _Target(NamedTuple):
    host: str
    port: int
    tls: bool


class Poster:
    """One for the process."""

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._idle: dict[_Target, list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]] = {}

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer. Raises PostFailed."""
        try:
            parts = urlsplit(url)
            tls = parts.scheme == "https"
            target = _Target(parts.hostname or "", parts.port or (443 if tls else 80), tls)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            host = parts.netloc.rpartition("@")[2]
            lines = [f"POST {path} HTTP/1.1", f"host: {host}", f"content-length: {len(body)}"]
            head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""])
            async with asyncio.timeout(self._timeout_s):
                return await self._send(target, head.encode("latin-1") + body)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise PostFailed(str(error) or type(error).__name__) from None

    async def _send(self, target: _Target, request: bytes) -> int:
        """On an open connection, if there is one; the other end may have closed it meanwhile, so then on a new one."""
        idle = self._idle.setdefault(target, [])
        while idle:
            reader, writer = idle.pop()
            try:
                return await self._exchange(target, reader, writer, request)
            except (ConnectionError, asyncio.IncompleteReadError):
                continue
        context = ssl.create_default_context() if target.tls else None
        reader, writer = await asyncio.open_connection(target.host, target.port, ssl=context, limit=HEAD_BYTES_MAX)
        return await self._exchange(target, reader, writer, request)

    async def _exchange(
        self, target: _Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes
    ) -> int:
        kept = False
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            status, length, keep = _head(head)
            if keep and length is not None and length <= ANSWER_BYTES_MAX:
                await reader.readexactly(length)
                idle = self._idle[target]
                kept = len(idle) < IDLE_MAX
                if kept:
                    idle.append((reader, writer))
            return status
        finally:
            if not kept:
                writer.close()

    def close(self) -> None:
        for idle in self._idle.values():
            for _, writer in idle:
                writer.close()
        self._idle.clear()


def _head(head: bytes) -> tuple[int, int | None, bool]:
    """Status, length of the body if it is said, whether the connection stays open. Raises ValueError."""
    first, *lines = head.decode("latin-1").split("\r\n")
    version, _, rest = first.partition(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError("the answer is not HTTP/1.1")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    status = int(rest[:3])
    length = headers.get("content-length")
    known = 0 if status == 204 else int(length) if length is not None and length.isdecimal() else None
    keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    return status, None if "transfer-encoding" in headers else known, keep
