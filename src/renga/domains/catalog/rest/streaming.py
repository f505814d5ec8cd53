"""A response that is written while the request's body is still being read; neither is held in memory as a whole.

The response goes through a spool, on disk when it grows. So a client that sends everything before it reads does not deadlock,
and a slow reader costs a bounded file.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import structlog
from litestar import Response
from litestar.types import Receive, Send

from renga.platform.yielding import Yielding

log = structlog.get_logger(__name__)

#: Bytes of the response in memory; the rest goes to a temporary file.
SPOOL_MEMORY_BYTES = 1 << 20
CHUNK_BYTES = 64 << 10
#: Bytes of an unneeded body that are read and dropped, so that the client gets to reading the response.
DRAIN_BYTES_MAX = 256 << 20

#: From the chunks of the body to the pieces of the response.
Work = Callable[[AsyncIterator[bytes]], AsyncIterator[bytes]]


class ClientGone(Exception):
    """The client has disconnected."""


class Duplex(Response[bytes]):
    """A handler's return value: ``work`` reads the body and yields the response."""

    def __init__(self, work: Work, *, media_type: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(b"", media_type=media_type, headers=headers)
        self._work = work
        self._type = media_type

    def to_asgi_response(self, app: Any, request: Any, **named: Any) -> Any:
        """The ASGI application that sends this response."""
        headers = [(b"content-type", self._type.encode())]
        headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]

        async def answer(scope: Any, receive: Receive, send: Send) -> None:
            await _serve(self._work, headers, receive, send)

        return answer


async def _serve(work: Work, headers: list[tuple[bytes, bytes]], receive: Receive, send: Send) -> None:
    body = _Body(receive)
    with _Spool() as spool:
        producer = asyncio.create_task(_produce(work, body, spool))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            while (piece := await spool.read()) is not None:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await producer
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except ClientGone:
            log.info("client_left", reason="before its body was whole")
        finally:
            producer.cancel()
            await asyncio.gather(producer, return_exceptions=True)


async def _produce(work: Work, body: "_Body", spool: "_Spool") -> None:
    yielding = Yielding()
    try:
        async with aclosing(work(body.chunks())) as pieces:  # type: ignore[type-var]  # every work is a generator
            async for piece in pieces:
                spool.write(piece)
                await yielding.turn()
        await body.drain()
    finally:
        spool.end()


class _Body:
    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True

    async def chunks(self) -> AsyncIterator[bytes]:
        """Raises ClientGone."""
        yielding = Yielding()
        while self._more:
            chunk = await self._next()
            if chunk:
                yield chunk
            await yielding.turn()

    async def drain(self) -> None:
        drained, yielding = 0, Yielding()
        while self._more and drained < DRAIN_BYTES_MAX:
            drained += len(await self._next())
            await yielding.turn()

    async def _next(self) -> bytes:
        message: Any = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        self._more = message.get("more_body", False)
        body: bytes = message.get("body", b"")
        return body


class _Spool:
    """Written by one task and read by another. Writes are short and go to the OS cache, so no thread is used."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=SPOOL_MEMORY_BYTES)  # noqa: SIM115 # closed by __exit__
        self._read = self._written = 0
        self._ended = False
        self._news = asyncio.Event()

    def __enter__(self) -> "_Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, piece: bytes) -> None:
        self._file.seek(self._written)
        self._file.write(piece)
        self._written += len(piece)
        self._news.set()

    def end(self) -> None:
        self._ended = True
        self._news.set()

    async def read(self) -> bytes | None:
        """The next piece, None at the end."""
        while self._read == self._written:
            if self._ended:
                return None
            self._news.clear()
            await self._news.wait()
        self._file.seek(self._read)
        piece = self._file.read(CHUNK_BYTES)
        self._read += len(piece)
        return piece
