"""A cache of complete responses to public reads, between the edge and Litestar.

A handler opts in by answering with a ``Surrogate-Key`` header (its tags) and ``Cache-Control: public``; ``Vary`` may name
Accept-Language only. A cached response passes the gate like a fresh one.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from renga.kernel.errors import RengaError, Unavailable
from renga.kernel.languages import wanted
from renga.platform.auth.access import PUBLIC
from renga.platform.cache.port import Cache, Loaded
from renga.platform.http.etags import matches
from renga.platform.http.gate import Gate
from renga.platform.http.problems import CONTENT_TYPE, document, unexpected
from renga.platform.http.segments import SLASH
from renga.platform.telemetry.degraded import count_degraded

#: Responses to longer queries are not cached.
QUERY_BYTES_MAX = 2_048
LANGUAGE_BYTES_MAX = 256
#: Bytes of a cached response besides its body, about.
OVERHEAD_BYTES = 1_000


class CachedAnswer(msgspec.Struct, frozen=True, array_like=True):
    """A response with status 200, the same for every caller of the same request."""

    route: str
    headers: list[tuple[bytes, bytes]]
    etag: bytes
    body: bytes


def size_of(answer: CachedAnswer) -> int:
    """Bytes that it takes in memory, about."""
    return len(answer.body) + OVERHEAD_BYTES


class _NotCacheable(Exception):
    """The application's response may not be cached; its ASGI messages are passed on unchanged."""

    def __init__(self, messages: list[Message]) -> None:
        super().__init__()
        self.messages = messages


class _EngineUnavailable(Unavailable):
    """The application answered that an engine is unreachable: a stale response is served if there is one, else this one."""

    code = "answer_unavailable"
    title = "What would answer is away"

    def __init__(self, messages: list[Message]) -> None:
        super().__init__()
        self.messages = messages


class AnswerCache:
    """Wraps an application. ``paths`` are the public paths whose GET responses may be cached, with the name of their module,
    under which stale responses are counted. A path that ends with a slash stands for all paths below it."""

    def __init__(self, app: ASGIApp, gate: Gate, cache: Cache[CachedAnswer], paths: Mapping[str, str]) -> None:
        self._app = app
        self._gate = gate
        self._cache = cache
        self._names = dict(paths)
        self._exactly = frozenset(path for path in paths if not path.endswith("/"))
        self._below = tuple(path for path in paths if path.endswith("/"))

    async def __call__(self, any_scope: Scope, receive: Receive, send: Send) -> None:
        scope: Any = any_scope
        if (
            scope["type"] != "http"
            or scope["method"] != "GET"
            or not self.keeps(scope["path"])
            or len(scope["query_string"]) > QUERY_BYTES_MAX
        ):
            await self._app(any_scope, receive, send)
            return
        try:
            answer = await self._gate.around_read(scope, PUBLIC, "read", lambda: self._find(scope, receive))
        except (_NotCacheable, _EngineUnavailable) as passing:
            for message in passing.messages:
                await send(message)
            return
        except RengaError as error:
            await _refuse(error, scope, send)
            return
        except Exception as error:
            await _refuse(unexpected(error), scope, send)
            return
        scope["renga_route"] = answer.route
        await _send(answer, scope, send)

    def keeps(self, path: str) -> bool:
        """Whether responses of this path may be cached; then they are public."""
        return path in self._exactly or (path.startswith(self._below) and SLASH not in path)

    def _name_of(self, path: str) -> str:
        return self._names.get(path) or next(self._names[one] for one in self._below if path.startswith(one))

    async def _find(self, scope: Any, receive: Receive) -> CachedAnswer:
        key = _key(scope)
        found = self._cache.peek(key)
        if found is not None:
            return found

        async def load() -> Loaded[CachedAnswer]:
            return await self._ask(scope, receive)

        answer = await self._cache.get(key, load)
        assert answer is not None  # a response that may not be cached raises _NotCacheable
        return answer

    async def _ask(self, scope: Any, receive: Receive) -> Loaded[CachedAnswer]:
        """The application's response to this request without conditions and without credentials."""
        messages: list[Message] = []

        async def gather(message: Message) -> None:
            messages.append(message)

        plain: Any = {
            **scope,
            "headers": [(name, value) for name, value in scope["headers"] if name in _PASSED_ON],
            "renga_admitted": True,
            "renga_principal": None,
            "renga_session": None,
            "state": dict(scope.get("state") or {}),
        }
        await self._app(plain, receive, gather)
        scope["renga_route"] = plain.get("renga_route") or plain.get("path_template")
        start = messages[0] if messages else None
        if start is None or start["type"] != "http.response.start":
            raise _NotCacheable(messages)
        if start["status"] == 503:
            count_degraded(self._name_of(scope["path"]))
            raise _EngineUnavailable(messages)
        headers = {name.lower(): value for name, value in start["headers"]}
        tags, etag = headers.get(b"surrogate-key"), headers.get(b"etag")
        public = headers.get(b"cache-control", b"").startswith(b"public") and b"set-cookie" not in headers
        if start["status"] != 200 or tags is None or etag is None or not public:
            raise _NotCacheable(messages)
        body = b"".join(message.get("body", b"") for message in messages[1:])  # type: ignore[misc]  # parts of a body
        kept = [(name, value) for name, value in headers.items() if name != b"content-length"]
        answer = CachedAnswer(str(scope["renga_route"] or "other"), kept, etag, body)
        return Loaded(answer, frozenset(tags.decode("latin-1").split()))


#: The request headers that a cached response may depend on.
_PASSED_ON = frozenset((b"host", b"accept", b"accept-language"))


def _key(scope: Any) -> str:
    """The cache key: path, sorted parameters, parsed languages. Equivalent requests have the same key."""
    accepted = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    languages = ",".join(wanted(None, accepted[:LANGUAGE_BYTES_MAX].decode("latin-1")))
    return f"{scope['path']}?{_sorted_query(scope['query_string'])}#{languages}"


def _sorted_query(query_string: bytes) -> str:
    """The parameters as sent, sorted by their decoded names. Stable sort: the last of two equal parameters stays the last.

    ``%6cimit=2&limit=1`` and ``limit=1&%6cimit=2`` are different requests.
    """
    query = query_string.decode("latin-1")
    if "&" not in query:
        return query
    return "&".join(sorted(query.split("&"), key=lambda pair: unquote_plus(pair.partition("=")[0])))


async def _send(answer: CachedAnswer, scope: Any, send: Send) -> None:
    asked = next((value for name, value in scope["headers"] if name == b"if-none-match"), None)
    if asked is not None and matches(asked, answer.etag):
        headers = [pair for pair in answer.headers if pair[0] != b"content-type"]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    headers = [*answer.headers, (b"content-length", b"%d" % len(answer.body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


async def _refuse(error: RengaError, scope: Any, send: Send) -> None:
    status, body, headers = document(error, str(scope.get("renga_request_id", "")))
    headers += [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
