"""The edge that every request passes: request id, security headers, compression, metrics, traces, log of slow and failed ones."""

import secrets
import time
from typing import Any, Protocol

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Gauge, Histogram

from renga.kernel.errors import RengaError
from renga.platform.cards.guard import CardGuard
from renga.platform.http.answers import AnswerCache
from renga.platform.http.compression import Compression
from renga.platform.http.cors import Cors
from renga.platform.http.heads import Head, add, encoded
from renga.platform.http.lean import Found, LeanTable
from renga.platform.http.parameters import API
from renga.platform.http.problems import CONTENT_TYPE, MethodNotAllowed, document, status_of, with_head
from renga.platform.http.segments import mark

log = structlog.get_logger(__name__)

REQUESTS = Histogram(
    "renga_http_request_seconds",
    "Time from request to the end of its answer",
    ("method", "route"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0),
)
ANSWERS = Counter("renga_http_answers", "Answers by status", ("method", "route", "status"))
OPEN = Gauge("renga_http_open_requests", "Requests being answered")
#: Most routes used as metric labels; any more are counted as 'other'.
LABELS_MAX = 500
#: The label of methods that HTTP does not define and of paths that nothing answers.
OTHER = "other"
#: Requests slower than this are logged.
SLOW_S = 1.0
REQUEST_ID_CHARACTERS_MAX = 64

#: Pages load from our own origin only and may not be framed. CSP allows data blocks (JSON-LD): they are not scripts.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


#: A nonce has 128 bits, the minimum of CSP 3 §2.3.
NONCE_BYTES = 16
_POLICY_NAME, _POLICY = b"content-security-policy", (b"content-security-policy", POLICY.encode())


class Traced(Protocol):
    """What the edge needs of traces."""

    def request(self, method: str, headers: dict[str, str]) -> Any:
        """A context manager around one request."""
        ...


class Edge:
    """Wraps the application. ``https`` adds Strict-Transport-Security.

    Cached responses (``kept``) and operations of the ``lean`` table are answered before the application is asked; ``cors`` is
    for these: the application has its own.

    ``scope["renga_nonce"]`` is the response's nonce, for ``<script nonce>``.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        https: bool,
        lean: LeanTable | None = None,
        kept: AnswerCache | None = None,
        cors: Cors | None = None,
        traces: Traced | None = None,
        finish_span: Any = None,
        cards: CardGuard | None = None,
    ) -> None:
        self._cards = cards or CardGuard()
        self._app = Compression(app)
        self._kept_app = None if kept is None else Compression(kept)
        self._lean, self._kept, self._cors = lean, kept, cors
        self._traces = traces
        self._finish_span = finish_span
        self._prefix = secrets.token_hex(6)
        self._count = 0
        self._open = 0
        OPEN.set_function(lambda: self._open)
        self._labels: dict[tuple[str, str], Any] = {}
        self._answers: dict[tuple[str, str, int], Any] = {}
        self._headers = [
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
            (b"x-frame-options", b"DENY"),
        ]
        if https:
            self._headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
        self._fixed_lines = encoded([_POLICY, *self._headers])

    async def __call__(self, any_scope: Scope, receive: Receive, send: Send) -> None:
        scope: Any = any_scope
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        mark(scope)
        refusal = self._cards.refusal_of(scope)
        if refusal is not None:
            await self._refuse(refusal, scope, receive, send)
            return
        if scope["method"] == "HEAD":  # the response to GET without its content (RFC 9110 §9.3.2)
            scope, send = {**scope, "method": "GET"}, _without_content(send)
        elif scope["method"] == "OPTIONS":
            send = _with_head_allowed(send)
        if self._traces is None:
            await self._serve(scope, receive, send)
            return
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        with self._traces.request(scope["method"], headers) as span:
            status = await self._serve(scope, receive, send)
            self._finish_span(span, scope["method"], _route(scope), status)

    async def _refuse(self, error: RengaError, scope: Any, receive: Receive, send: Send) -> None:
        """Answer a request of which nothing may be kept: no operation, log or trace sees it. A browser gets the shop's page."""
        is_head = scope["method"] == "HEAD"
        send = _without_content(send) if is_head else send
        kept = [pair for pair in scope["headers"] if pair[0] in _OF_REFUSED]
        blank: Any = {key: scope[key] for key in _BLANK if key in scope}
        blank |= {"method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "headers": kept}
        blank |= {"renga_route": OTHER, "renga_refused": error, "renga_request_id": self._request_id(blank)}
        accept = next((value for name, value in kept if name == b"accept"), b"")
        if b"text/html" in accept and not scope["path"].startswith(API):
            await self._pass_on(self._app, blank, receive, send)
        else:
            status, body, headers = document(error, blank["renga_request_id"])
            headers += [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", b"%d" % len(body)), _POLICY]
            headers += [] if self._cors is None else self._cors.headers(scope)
            headers += self._own_headers(blank)
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body, "more_body": False})
        self._observe(blank | {"method": scope["method"]}, status_of(type(error)), 0.0)

    async def _serve(self, scope: Any, receive: Receive, send: Send) -> int:
        started = time.perf_counter()
        scope["renga_request_id"] = self._request_id(scope)
        self._open += 1
        status = 0
        try:
            status = await self._dispatch(scope, receive, send)
        finally:
            self._open -= 1
            self._observe(scope, status, time.perf_counter() - started)
        return status

    async def _dispatch(self, scope: Any, receive: Receive, send: Send) -> int:
        kept = self._kept
        is_kept = kept is not None and scope["method"] == "GET" and kept.keeps(scope["path"])
        if self._lean is not None and not is_kept:
            answer = await self._lean.answer(scope, receive)
            if answer is not None:
                headers = [*answer.headers, _POLICY, *self._own_headers(scope)]
                if self._cors is not None:
                    headers += self._cors.headers(scope)
                await send({"type": "http.response.start", "status": answer.status, "headers": headers})
                await send({"type": "http.response.body", "body": answer.body, "more_body": False})
                return answer.status
        return await self._pass_on(self._kept_app if is_kept and self._kept_app else self._app, scope, receive, send)

    def find_direct(self, scope: Any) -> Found | None:
        """The lean operation that a connection may answer itself with ``answer_direct``; None: call the application."""
        if self._lean is None or self._traces is not None or scope["method"] in _NOT_DIRECT:
            return None
        mark(scope)
        if self._kept is not None and scope["method"] == "GET" and self._kept.keeps(scope["path"]):
            return None
        if self._cards.suspects(scope):
            return None
        try:
            return self._lean.find(scope)
        except MethodNotAllowed:
            return None

    async def answer_direct(
        self, scope: Any, receive: Receive, body: bytes | None, found: Found
    ) -> tuple[int, Head, bytes]:
        """Status, head and body of the answer of a lean operation. ``body`` None: it comes with ``receive``."""
        assert self._lean is not None
        started = time.perf_counter()
        request_id = scope["renga_request_id"] = self._request_id(scope)
        self._open += 1
        status = 0
        try:
            answer = await self._lean.answer_found(scope, receive, body, found)
            head: Head = [self._fixed_lines]
            add(head, answer.headers)
            add(head, scope.get("renga_headers", ()))
            if self._cors is not None:
                add(head, self._cors.headers(scope))
            head += (b"x-request-id: ", request_id.encode(), b"\r\n")
            if not answer.body and answer.status not in _WITHOUT_CONTENT:
                head.append(b"content-length: 0\r\n")
            status = answer.status
            return status, head, answer.body
        finally:
            self._open -= 1
            self._observe(scope, status, time.perf_counter() - started)

    async def _pass_on(self, app: ASGIApp, scope: Any, receive: Receive, send: Send) -> int:
        nonce = scope["renga_nonce"] = secrets.token_urlsafe(NONCE_BYTES)
        status = 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*_with_policy(message["headers"], nonce), *self._own_headers(scope)]
            await send(message)

        await app(scope, self._cards.receiving(scope, receive), send_on)
        return status

    def _own_headers(self, scope: Any) -> list[tuple[bytes, bytes]]:
        """What every answer has, with the limits that its request was counted against."""
        return [*self._headers, *scope.get("renga_headers", ()), (b"x-request-id", scope["renga_request_id"].encode())]

    def _request_id(self, scope: Any) -> str:
        for name, value in scope["headers"]:
            if name == b"x-request-id":
                text: str = value.decode("latin-1")
                if len(text) <= REQUEST_ID_CHARACTERS_MAX and text.isascii() and text.replace("-", "").isalnum():
                    return text
        self._count += 1
        return f"{self._prefix}-{self._count:x}"

    def _observe(self, scope: Any, status: int, seconds: float) -> None:
        route = _route(scope)
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        key = (method, route)
        histogram = self._labels.get(key)
        if histogram is None:
            if len(self._labels) >= LABELS_MAX:
                key = (method, OTHER)
            histogram = self._labels[key] = REQUESTS.labels(*key)
        histogram.observe(seconds)
        counter = self._answers.get((*key, status))
        if counter is None:
            counter = self._answers[(*key, status)] = ANSWERS.labels(*key, str(status))
        counter.inc()
        if seconds > SLOW_S or status >= 500:
            log.warning("request_slow_or_failed", route=route, status=status, seconds=round(seconds, 3),
                        request_id=scope["renga_request_id"])  # fmt: skip


def _with_policy(headers: Any, nonce: str) -> list[tuple[bytes, bytes]]:
    """The headers with a CSP: the response's own or the default. That of a page allows our files and its own inline scripts."""
    own: bytes | None = None
    page = False
    for name, value in headers:
        if name == _POLICY_NAME:
            own = value
        elif name == b"content-type":
            page = value.startswith(b"text/html")
    if not page:
        return [*headers] if own is not None else [*headers, _POLICY]
    policy = own if own is not None else _POLICY[1]
    if b"script-src" not in policy:
        policy += f"; script-src 'self' 'nonce-{nonce}'".encode()
    return [*((name, value) for name, value in headers if name != _POLICY_NAME), (_POLICY_NAME, policy)]


def _without_content(send: Send) -> Send:
    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return send_on


def _with_head_allowed(send: Send) -> Send:
    """Litestar's answers to OPTIONS name the methods of its handlers; HEAD is answered here."""

    async def send_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                (name, with_head(value.decode("latin-1")).encode() if name.lower() == b"allow" else value)
                for name, value in message["headers"]
            ]
        await send(message)

    return send_on


#: What is left of a refused request for the page that says so.
_BLANK = ("type", "asgi", "http_version", "scheme", "client", "server", "root_path", "app", "state", "extensions")
_OF_REFUSED = frozenset((b"host", b"accept", b"accept-language", b"cookie", b"x-forwarded-for"))
#: Methods whose answers depend on more than the operation.
_NOT_DIRECT = frozenset(("HEAD", "OPTIONS"))
#: RFC 9110 §15.3.5, §15.4.5.
_WITHOUT_CONTENT = frozenset((204, 304))
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))


def _route(scope: Any) -> str:
    """The route's template: paths contain ids."""
    return str(scope.get("renga_route") or scope.get("path_template") or OTHER)
