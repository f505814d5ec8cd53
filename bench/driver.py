"""Our own HTTP driver: raw keep-alive connections, one request in flight on each, bounded in number and in time."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import cast

import httptools

from bench.figures import Figures, from_latencies

CONNECT_TIMEOUT_S = 5.0
#: How long to wait for outstanding answers after the run's end.
GRACE_S = 5.0

#: Called for each answer with the request's index, the status and the body.
OnAnswer = Callable[[int, int, bytes], None]


class _Run:
    """The state that the connections of one run share."""

    def __init__(
        self, requests: Sequence[bytes], count_max: int, deadline_s: float, on_answer: OnAnswer | None
    ) -> None:
        self.requests = requests
        self.count_max = count_max
        self.deadline_s = deadline_s
        self.on_answer = on_answer
        self.taken = 0
        self.failed = 0
        self.latencies_us: list[float] = []

    def take(self) -> int | None:
        """The number of the next request; None when the run is over."""
        if self.taken >= self.count_max or time.perf_counter() >= self.deadline_s:
            return None
        self.taken += 1
        return self.taken - 1

    def answered(self, index: int, status: int, body: bytes, took_s: float) -> None:
        self.latencies_us.append(took_s * 1e6)
        self.failed += status >= 400
        if self.on_answer is not None:
            self.on_answer(index, status, body)


class _Connection(asyncio.Protocol):
    def __init__(self, run: _Run) -> None:
        self._run = run
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._index: int | None = None
        self._began_s = 0.0
        self._transport: asyncio.Transport | None = None
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the methods of asyncio.Transport but are not of the class
        self._transport = cast(asyncio.Transport, transport)
        self._send_next()

    def _send_next(self) -> None:
        assert self._transport is not None
        self._index = self._run.take()
        if self._index is None:
            self._transport.close()
            return
        self._body.clear()
        self._began_s = time.perf_counter()
        self._transport.write(self._run.requests[self._index % len(self._run.requests)])

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        index, took_s = self._index, time.perf_counter() - self._began_s
        assert index is not None
        self._run.answered(index, self._parser.get_status_code(), b"".join(self._body), took_s)
        self._send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.failed += self._index is not None
        if not self.over.done():
            self.over.set_result(None)


async def drive(
    port: int,
    requests: Sequence[bytes],
    *,
    connections: int,
    count_max: int,
    seconds_max: float,
    on_answer: OnAnswer | None = None,
) -> Figures:
    """Send the requests in turn, repeatedly, up to ``count_max`` or the time limit; a lost connection is not reopened."""
    loop = asyncio.get_running_loop()
    began_s = time.perf_counter()
    run = _Run(requests, count_max, began_s + seconds_max, on_answer)
    opened: list[tuple[asyncio.BaseTransport, _Connection]] = []
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            for _ in range(min(connections, count_max)):
                opened.append(await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port))
        await asyncio.wait([connection.over for _, connection in opened], timeout=seconds_max + GRACE_S)
    finally:
        for transport, _ in opened:
            transport.close()
    run.failed += sum(not connection.over.done() for _, connection in opened)
    return from_latencies(run.latencies_us, time.perf_counter() - began_s, run.failed)
