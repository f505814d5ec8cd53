"""A TCP proxy of a test's own: it forwards, holds replies back, cuts or refuses, and remembers what it was sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self

_CHUNK = 65_536


class Proxy:
    """Between a client and ``target_port``. ``deaf`` swallows replies, ``refusing`` ends new connections at once."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.deaf = self.refusing = False
        self.sent = bytearray()
        self.accepted = 0
        self.port = 0

    async def start(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self.refusing:
            writer.close()
            return
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self._target_port)
        self._writers |= {writer, upstream}
        for work in (self._pump(reader, upstream, replies=False), self._pump(upstream_reader, writer, replies=True)):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, replies: bool) -> None:
        with suppress(ConnectionError):  # either side may be cut by the test
            while chunk := await reader.read(_CHUNK):
                if not replies:
                    self.sent += chunk
                elif self.deaf:
                    continue
                writer.write(chunk)
                await writer.drain()
        writer.close()

    def cut(self) -> None:
        """Reset every connection that is open."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


@asynccontextmanager
async def proxy(url: str) -> AsyncIterator[Proxy]:
    """A proxy in front of the server at ``url``."""
    between = await Proxy(int(url.rpartition(":")[2])).start()
    try:
        yield between
    finally:
        await between.stop()
