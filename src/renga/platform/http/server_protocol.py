"""HTTP/1.1 on a connection: uvicorn's protocol on httptools, with the bounds that it lacks (docs/decisions/0021).

- A request line (414) with its headers (431) has bounds and a time limit (408); a body has a least rate (408).
- Exactly one ``Host`` (RFC 9112 §3.2) and a known version of HTTP (505).
- Trailer fields are dropped: they are not headers (RFC 9110 §6.5.1), so no trailer names a caller.
- An address has a bounded number of connections.
- The head of a response leaves in one write with its first content.
"""

import asyncio
from collections import Counter
from typing import Any

import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from renga.kernel.errors import Invalid, RengaError
from renga.platform.cards.guard import HEAD, WHOLE, is_clean
from renga.platform.http.problems import CONTENT_TYPE, STATUS, document
from renga.platform.http.server_settings import HttpSettings
from renga.platform.ratelimit.classes import Proxies

log = structlog.get_logger(__name__)

#: How often the rate of a body is looked at; the first look gives a slow start this long.
BODY_LOOK_S = 5.0
_CONTINUE = b"HTTP/1.1 100"
_WATCHED = frozenset((b"host", b"expect", b"transfer-encoding", b"authorization"))


class HeadersTooLarge(Invalid):
    code = "headers_too_large"
    title = "The request line with its headers is too large"


class TargetTooLong(Invalid):
    code = "target_too_long"
    title = "The path with its query is too long"


class RequestTooSlow(Invalid):
    code = "request_too_slow"
    title = "The request did not arrive in time"


class HostInvalid(Invalid):
    code = "host_invalid"
    title = "A request has exactly one Host header"


class HttpVersionUnsupported(Invalid):
    code = "http_version_unsupported"
    title = "This server speaks HTTP/1.1"


class HttpMalformed(Invalid):
    code = "request_malformed"
    title = "This is not an HTTP/1.1 request"


STATUS[HeadersTooLarge] = 431
STATUS[TargetTooLong] = 414
STATUS[RequestTooSlow] = 408
STATUS[HttpVersionUnsupported] = 505


class _Refused(Exception):
    """Leaves the parser's callback; the connection is answered with ``error`` and closed."""


class OneWrite:
    """A transport that holds the head of a response until its first content comes, or the event loop turns."""

    __slots__ = ("_held", "_loop", "_passed", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held = b""
        self._passed = False

    def write(self, data: bytes) -> None:
        if self._passed:
            self._transport.write(data)
        elif self._held:
            self._passed = True
            self._transport.write(self._held + data)
        elif data.startswith(_CONTINUE):
            self._transport.write(data)
        else:
            self._held = data
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def _flush(self) -> None:
        if not self._passed and self._held:
            self._passed = True
            self._transport.write(self._held)


class BoundedProtocol(HttpToolsProtocol):
    """One connection. Made by ``protocol_of``."""

    settings = HttpSettings()
    proxies = Proxies(())
    #: Open connections by address, of the whole process.
    open_connections: Counter[str]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        #: Between the first byte of a request line and the end of its headers; then until the end of its body.
        self._in_head = self._in_body = False
        #: Bytes that came while no head was complete; bytes of the head that is being read.
        self._waiting_bytes = self._head_bytes = 0
        self._hosts = self._body_bytes = 0
        #: Pieces that came; the one in which the head began; whether the last one has surely no card's number.
        self._pieces = self._head_piece = 0
        self._is_clean = self._is_chunked = False
        #: When the last answer was complete; None while a request is under way.
        self._idle_since: float | None = None
        self._was_paused = False
        self._timer: asyncio.TimerHandle | None = None
        self._error: RengaError | None = None
        self._address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self.open_connections[self._address] += 1
        most = self.settings.connections_per_address_max
        if self._address and 0 < most < self.open_connections[self._address] and not self.proxies.trusts(self._address):
            log.warning("connection_refused", address=self._address, open=most)
            transport.close()
            return
        self._timer = self.loop.call_later(self.settings.header_timeout_s, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        self.open_connections[self._address] -= 1
        if self.open_connections[self._address] <= 0:
            del self.open_connections[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._error is not None:
            return  # refused: what still arrives is not read
        if not self._in_body:
            self._waiting_bytes += len(data)
        elif "renga_clean" in self.scope:
            self._mark_clean(HEAD)  # its body was cut in two: where, there may be a number
        self._body_bytes += len(data)
        self._pieces += 1
        self._is_clean = is_clean(data)
        super().data_received(data)
        if self._error is not None:
            return
        if self._in_body:
            self._watch_body()
        else:
            self._watch_head()

    def _watch_head(self) -> None:
        """Bounds and the time limit of a request whose headers are not here in full, or that nothing of is here yet."""
        if self._waiting_bytes > self.settings.header_bytes_max:
            self._refuse(self._too_large())
        elif self._timer is None and (self._in_head or self.cycle is None or self.cycle.response_complete):
            self._timer = self.loop.call_later(self.settings.header_timeout_s, self._too_slow)

    def _watch_body(self) -> None:
        if self._timer is None and self.settings.body_bytes_per_s_min:
            self._body_bytes, self._was_paused = 0, self.flow.read_paused
            self._timer = self.loop.call_later(BODY_LOOK_S, self._look_at_body)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head = True
        self._is_chunked = False
        self._head_piece = self._pieces
        self._head_bytes = self._hosts = 0

    def on_url(self, url: bytes) -> None:
        self._head_bytes += len(url)
        if self._head_bytes > self.settings.target_bytes_max:
            most = self.settings.target_bytes_max
            raise self._refusal(TargetTooLong(f"a path with its query has at most {most} bytes", limit=most))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:
            return  # a trailer field
        self._head_bytes += len(name) + len(value) + 4
        if self._head_bytes > self.settings.header_bytes_max or len(self.headers) >= self.settings.headers_max:
            raise self._refusal(self._too_large())
        # as uvicorn's, without a second call for each header
        name = name.lower()
        if name in _WATCHED:
            self._watch(name, value)
        self.headers.append((name, value))

    def _mark_clean(self, part: int) -> None:
        scope: Any = self.scope
        scope["renga_clean"] = part

    def _watch(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            self._hosts += 1
        elif name == b"expect":
            if value.lower() == b"100-continue":
                self.expect_100_continue = True
        elif name == b"transfer-encoding":
            self._is_chunked = True  # the sizes of chunks stand between digits
        elif value[:6].lower() == b"basic ":
            self._is_clean = False  # the guard has to decode it

    def on_headers_complete(self) -> None:
        version = self.parser.get_http_version()
        if version not in ("1.0", "1.1"):
            raise self._refusal(HttpVersionUnsupported(f"not HTTP/{version[:8]}"))
        if self._hosts > 1 or (self._hosts == 0 and version == "1.1"):
            raise self._refusal(HostInvalid(f"this request has {self._hosts}"))
        self._stop_timer()
        self._in_head, self._in_body = False, True
        self._waiting_bytes = self._body_bytes = 0
        if self._is_clean and self._head_piece == self._pieces:
            self._mark_clean(HEAD if self._is_chunked else WHOLE)
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        # its first step comes with the next turn of the loop: nothing was written yet
        cycle.transport = OneWrite(self.transport, self.loop)  # type: ignore[assignment]  # what a cycle uses of one
        super()._start_asgi_task(cycle, app)

    def on_message_complete(self) -> None:
        self._in_body = False
        self._stop_timer()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """As uvicorn's, with one keep-alive timer at a time: to begin and cancel one for each request costs more."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._close_when_idle(self.timeout_keep_alive)

    def _close_when_idle(self, after_s: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(after_s, self.timeout_keep_alive_handler)

    def _unset_keepalive_if_required(self) -> None:
        """Something arrived: the connection is not idle. Its timer goes on and looks when it is due."""
        self._idle_since = None

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return  # the end of the request that is under way begins again
        left_s = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left_s > 0:
            self._close_when_idle(left_s)
        else:
            super().timeout_keep_alive_handler()

    def send_400_response(self, msg: str) -> None:
        """What the parser refused, or a callback of ours."""
        self._refuse(self._error or HttpMalformed(msg))

    def _too_large(self) -> HeadersTooLarge:
        most, size = self.settings.headers_max, self.settings.header_bytes_max
        return HeadersTooLarge(f"at most {most} headers, {size} bytes in all with the request line", limit=size)

    def _refusal(self, error: RengaError) -> _Refused:
        self._error = error
        return _Refused()

    def _refuse(self, error: RengaError) -> None:
        """Answer and close; without an answer where one is under way, or others have to come before it."""
        self._error = error
        self._stop_timer()
        if self.transport.is_closing():
            return
        log.debug("request_refused", code=error.code, address=self._address)
        idle = self.cycle is None or self.cycle.response_complete
        unanswered = self._in_body and not self.cycle.response_started and not self.pipeline
        if unanswered or (idle and not self._in_body):
            status, body, _ = document(error, "")
            head = (
                f"content-type: {CONTENT_TYPE}\r\ncontent-length: {len(body)}\r\n"
                "x-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(STATUS_LINE[status] + head.encode() + body)
        self.transport.close()

    def _too_slow(self) -> None:
        self._timer = None
        if not self._waiting_bytes:
            self.transport.close()  # connected and said nothing
        else:
            self._refuse(RequestTooSlow(f"its headers took longer than {self.settings.header_timeout_s:g} s"))

    def _look_at_body(self) -> None:
        self._timer = None
        if not self._in_body or self.transport.is_closing():
            return
        read = not (self._was_paused or self.flow.read_paused)
        if read and self._body_bytes < self.settings.body_bytes_per_s_min * BODY_LOOK_S:
            self._refuse(RequestTooSlow(f"its body came slower than {self.settings.body_bytes_per_s_min} bytes/s"))
            return
        self._watch_body()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def protocol_of(
    settings: HttpSettings,
    trusted_proxies: tuple[str, ...] = (),
    *,
    base: type[BoundedProtocol] = BoundedProtocol,
    **members: Any,
) -> type[BoundedProtocol]:
    """The protocol class of one server, with its own count of connections; ``members`` are those of ``base``.

    Raises SettingsInvalid.
    """
    bounds: dict[str, Any] = {
        "settings": settings,
        "proxies": Proxies(trusted_proxies),
        "open_connections": Counter(),
    }
    return type(base.__name__, (base,), bounds | members)
