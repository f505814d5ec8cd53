"""One auto-pipelining connection: commands of one loop turn leave in one write, replies resolve futures in order.

It only transports commands; ``client.py`` and ``topology.py`` choose the server.
"""

import asyncio
import ssl
from collections import deque
from typing import Any, cast

import hiredis
import msgspec
import structlog

from renga.platform.redis.errors import NotSent, RedisTrouble, Unanswered

log = structlog.get_logger(__name__)

#: Most commands in flight on one connection; more are refused at once, not queued.
PENDING_MAX = 20_000
#: How often overdue calls are checked for.
TICK_S = 0.05
#: If a check is this late, the process itself was blocked: that time does not count against the server.
STOOD_STILL_S = 0.25
#: A connection whose oldest call has waited this long past its deadline is given up.
STALL_S = 1.0
CONNECT_TIMEOUT_S = 2.0

_NOTHING = object()


class ServerAddress(msgspec.Struct, frozen=True, kw_only=True):
    """A server's address and credentials: TLS if ``tls`` is set, AUTH if ``password`` is set."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    database: int = 0
    tls: bool = False
    tls_ca: str | None = None
    tls_verify: bool = True

    def __repr__(self) -> str:
        return f"Address({self.host}:{self.port})"

    __str__ = __repr__


class RedisConnection(asyncio.Protocol):
    """An open connection. Make one with ``open_connection``; once ``closed`` it stays closed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._reader = hiredis.Reader(notEnoughData=_NOTHING)
        self._transport: asyncio.Transport | None = None
        self._pending: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._out: list[bytes] = []
        self._tick: asyncio.TimerHandle | None = None
        self._look_at = 0.0
        self._stood_still_s = 0.0
        self.closed = False

    def call(self, packed: bytes, timeout_s: float) -> asyncio.Future[Any]:
        """Queue one packed command; the future gives the raw reply (a ``hiredis.ReplyError`` for an error reply).

        It fails with NotSent if the command never left, with Unanswered if no reply came in time. Time in which this process
        was blocked (a long garbage collection, a paused machine) does not count: the reply may be received and unread, or the
        command unsent.
        """
        if self.closed or len(self._pending) >= PENDING_MAX:
            raise NotSent("the connection is closed" if self.closed else "too many commands in flight")
        future = self._loop.create_future()
        out = self._out
        if not out:
            self._loop.call_soon(self._flush)
        out.append(packed)
        self._pending.append((future, self._loop.time() - self._stood_still_s + timeout_s))
        if self._tick is None:
            self._look_later()
        return future

    def close(self) -> None:
        """Close; calls in flight fail."""
        if self._transport is not None:
            self._transport.abort()
        self._fail("closed")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio.Transport but are not instances of it
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        reader, pending = self._reader, self._pending
        reader.feed(data)
        try:
            while (reply := reader.gets()) is not _NOTHING:
                future, _ = pending.popleft()
                if not future.done():
                    future.set_result(reply)
        except (hiredis.ProtocolError, IndexError) as error:
            log.error("redis_protocol_broken", error=repr(error))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(repr(exc) if exc else "the server closed the connection")

    def _flush(self) -> None:
        if self._out and self._transport is not None and not self.closed:
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def _look_later(self) -> None:
        self._look_at = self._loop.time() + TICK_S
        self._tick = self._loop.call_at(self._look_at, self._expire)

    def _expire(self) -> None:
        self._tick = None
        now = self._loop.time()
        if now - self._look_at > STOOD_STILL_S:
            self._stood_still_s += now - self._look_at
        if not self._pending:
            return
        now -= self._stood_still_s
        if now > self._pending[0][1] + STALL_S:
            log.warning("redis_connection_stalled", pending=len(self._pending))
            self.close()
            return
        for future, deadline in self._pending:
            if now > deadline and not future.done():
                future.set_exception(Unanswered("no answer within the deadline"))
        self._look_later()

    def _fail(self, reason: str) -> None:
        self.closed = True
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None
        unsent = len(self._out)
        self._out.clear()
        while self._pending:
            future, _ = self._pending.pop()
            error: RedisTrouble = NotSent(reason) if unsent > 0 else Unanswered(reason)
            unsent -= 1
            if not future.done():
                future.set_exception(error)


def _tls_context(address: ServerAddress) -> ssl.SSLContext | None:
    if not address.tls:
        return None
    context = ssl.create_default_context(cafile=address.tls_ca)
    if not address.tls_verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def open_connection(address: ServerAddress, *, timeout_s: float = CONNECT_TIMEOUT_S) -> RedisConnection:
    """Connect, authenticate and select the database. Raises NotSent if that fails within the time-out."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout_s):
            _, connection = await loop.create_connection(
                lambda: RedisConnection(loop),
                address.host,
                address.port,
                ssl=_tls_context(address),
                server_hostname=address.host if address.tls else None,
            )
            try:
                await _authenticate(connection, address, timeout_s)
            except BaseException:
                connection.close()
                raise
            return connection
    except (OSError, TimeoutError, Unanswered) as error:
        raise NotSent(f"cannot connect to {address.host}:{address.port}: {error or 'timed out'}") from error


async def _authenticate(connection: RedisConnection, address: ServerAddress, timeout_s: float) -> None:
    steps: list[tuple[Any, ...]] = []
    if address.password is not None:
        steps.append(("AUTH", address.username, address.password) if address.username else ("AUTH", address.password))
    if address.database:
        steps.append(("SELECT", address.database))
    steps.append(("CLIENT", "SETNAME", "renga"))
    for step in steps:
        reply = await connection.call(hiredis.pack_command(step), timeout_s)
        if isinstance(reply, hiredis.ReplyError):
            raise NotSent(f"{address.host}:{address.port} refused {step[0]}: {reply}")
