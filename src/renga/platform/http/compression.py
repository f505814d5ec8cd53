"""Compresses answers (gzip, RFC 9110 §8.4.1.3) for clients that accept it: HTML, JSON, SVG, CSS, scripts, feeds, XML.

Never compressed: what is small, what is compressed already, what streams, answers to other methods than GET and HEAD, and
- what a session's request is answered, or what begins a session: such a page holds the session's token beside text that its
  address chose, and the compressed length would tell the token piece by piece (BREACH)
- an answer that is not public and has an entity tag: the tag goes back in ``If-Match``, which wants it strong
"""

import asyncio
import hashlib
import zlib
from collections import OrderedDict
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from renga.platform.sessions.port import COOKIE, COOKIE_PLAIN

#: Shorter bodies fit into one packet as they are.
BODY_BYTES_MIN = 1_024
#: Longer ones are compressed in a thread, so that the loop goes on.
LOOP_BYTES_MAX = 65_536
LEVEL = 6
#: Compressed bodies of public answers that are kept, and the longest of them.
KEPT_BYTES_MAX = 4_194_304
_TYPES = (b"text/", b"image/svg+xml", b"application/json", b"application/javascript", b"application/xml")
_SUFFIXES = (b"+json", b"+xml")
_SESSION_COOKIES = (COOKIE.encode(), COOKIE_PLAIN.encode())
_GZIP_WINDOW = 31


class Compression:
    """Wraps an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept = _KeptBodies()

    async def __call__(self, any_scope: Scope, receive: Receive, send: Send) -> None:
        scope: Any = any_scope
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(any_scope, receive, send)
            return
        await self._app(any_scope, receive, _Answer(scope, send, self._kept).send)


class _Answer:
    """One answer on its way out: its head waits for the first part of its body, which says whether it is whole."""

    def __init__(self, scope: Any, send: Send, kept: "_KeptBodies") -> None:
        self._scope, self._send, self._kept = scope, send, kept
        self._start: Any = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            start: Any = message
            if not _may_vary(start):
                await self._send(message)
                return
            self._start = start
            return
        if self._start is None or message["type"] != "http.response.body":
            await self._send(message)
            return
        start, self._start, part = self._start, None, message
        if part.get("more_body") or len(part.get("body", b"")) < BODY_BYTES_MIN:
            await self._send(start)
            await self._send(part)
            return
        headers = {name.lower(): value for name, value in start["headers"]}
        start["headers"] = _varying(start["headers"])
        if self._is_open(headers, start["headers"]) and accepts_gzip(self._scope["headers"]):
            body = await self._kept.compressed(part["body"], public=_is_public(headers))
            start["headers"] = _compressed(start["headers"], len(body))
            part = {"type": "http.response.body", "body": body, "more_body": False}
        await self._send(start)
        await self._send(part)

    def _is_open(self, headers: dict[bytes, bytes], headers_out: list[tuple[bytes, bytes]]) -> bool:
        """Whether the answer's compressed length tells nobody anything, and its tag is for reads only."""
        if b"etag" in headers and not _is_public(headers):
            return False
        cookies = b";".join(
            [value for name, value in self._scope["headers"] if name == b"cookie"]
            + [value for name, value in headers_out if name.lower() == b"set-cookie"]
        )
        return not any(name in cookies for name in _SESSION_COOKIES)


class _KeptBodies:
    """Compressed bodies of public answers by the hash of what was compressed, least used out first."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[bytes, bytes] = OrderedDict()
        self._bytes = 0

    async def compressed(self, body: bytes, *, public: bool) -> bytes:
        if not public:
            return await _compress(body)
        key = hashlib.blake2b(body, digest_size=16).digest()
        found = self._bodies.get(key)
        if found is not None:
            self._bodies.move_to_end(key)
            return found
        made = await _compress(body)
        if len(made) <= KEPT_BYTES_MAX and key not in self._bodies:
            self._bodies[key] = made
            self._bytes += len(made)
            while self._bytes > KEPT_BYTES_MAX:
                self._bytes -= len(self._bodies.popitem(last=False)[1])
        return made


async def _compress(body: bytes) -> bytes:
    if len(body) <= LOOP_BYTES_MAX:
        return _gzip(body)
    return await asyncio.to_thread(_gzip, body)


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    return packer.compress(body) + packer.flush()


def _may_vary(start: Any) -> bool:
    """Whether another client may get this answer compressed: then all get ``Vary: Accept-Encoding``."""
    headers = {name.lower(): value for name, value in start["headers"]}
    return b"content-encoding" not in headers and start["status"] != 206 and is_text(headers.get(b"content-type", b""))


def is_text(content_type: bytes) -> bool:
    """Whether bodies of this media type shrink. An event stream is never whole, and is left alone."""
    kind = content_type.partition(b";")[0].strip().lower()
    return (kind.startswith(_TYPES) and kind != b"text/event-stream") or kind.endswith(_SUFFIXES)


def accepts_gzip(headers: Any) -> bool:
    """RFC 9110 §12.5.3: named with a weight above 0, or any coding is."""
    weights: dict[str, float] = {}
    for name, value in headers:
        if name == b"accept-encoding":
            weights |= dict(map(_weighted, value.decode("latin-1").split(",")))
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _weighted(part: str) -> tuple[str, float]:
    coding, _, weight = part.partition(";")
    name, _, number = weight.strip().partition("=")
    try:
        return coding.strip().lower(), float(number) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return coding.strip().lower(), 0.0


def _is_public(headers: dict[bytes, bytes]) -> bool:
    return headers.get(b"cache-control", b"").startswith(b"public")


def _varying(headers: Any) -> list[tuple[bytes, bytes]]:
    named = [value for name, value in headers if name.lower() == b"vary"]
    joined = b", ".join(named)
    if b"*" in joined or b"accept-encoding" in joined.lower():
        return list(headers)
    vary = (b"vary", b", ".join((*named, b"Accept-Encoding")))
    return [*((name, value) for name, value in headers if name.lower() != b"vary"), vary]


def _compressed(headers: Any, length: int) -> list[tuple[bytes, bytes]]:
    """Another representation: its own length, and a tag that is weak, for its bytes are not those of the plain one."""
    kept = []
    for name, value in headers:
        if name.lower() == b"etag" and not value.startswith(b"W/"):
            kept.append((name, b"W/" + value))
        elif name.lower() != b"content-length":
            kept.append((name, value))
    return [*kept, (b"content-encoding", b"gzip"), (b"content-length", b"%d" % length)]
