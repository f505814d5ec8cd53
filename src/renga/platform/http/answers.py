"""Whole answers of public reads, kept and found again before the application is asked: between the edge and Litestar.

A handler joins by answering with a ``Surrogate-Key`` header (its tags) and ``Cache-Control: public``; ``Vary`` may name
Accept-Language only. The gate is passed for a kept answer as for a fresh one.
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

#: Longer queries are asked anew each time.
QUERY_BYTES_MAX = 2_048
LANGUAGE_BYTES_MAX = 256
#: What a kept answer takes beside its body.
OVERHEAD_BYTES = 1_000


class CachedAnswer(msgspec.Struct, frozen=True, array_like=True):
    """An answer with status 200, the same for everybody who asks the same."""

    route: str
    headers: list[tuple[bytes, bytes]]
    etag: bytes
    body: bytes


def size_of(answer: CachedAnswer) -> int:
    """Bytes that it takes, about."""
    return len(answer.body) + OVERHEAD_BYTES


class _Passing(Exception):
    """The application answered in a way that is not kept; the message parts are passed on as they are."""

    def __init__(self, messages: list[Message]) -> None:
        super().__init__()
        self.messages = messages


class _Away(Unavailable):
    """The application answered that an engine is away: an old answer serves, if there is one; else this one passes."""

    code = "answer_unavailable"
    title = "What would answer is away"

    def __init__(self, messages: list[Message]) -> None:
        super().__init__()
        self.messages = messages


class AnswerCache:
    """Wraps an application. ``paths`` are those whose GET answers may be kept, all of them public; one that ends with a slash
    means what is below it, any other itself; each with the name of who answers it, under which its absence is counted."""

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
        except (_Passing, _Away) as passing:
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
        """Whether answers of this path may be kept: then they are public."""
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
        assert answer is not None  # what is not kept raises _Passing
        return answer

    async def _ask(self, scope: Any, receive: Receive) -> Loaded[CachedAnswer]:
        """The application's own answer to an unconditional request, as nobody in particular asks it."""
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
            raise _Passing(messages)
        if start["status"] == 503:
            count_degraded(self._name_of(scope["path"]))
            raise _Away(messages)
        headers = {name.lower(): value for name, value in start["headers"]}
        tags, etag = headers.get(b"surrogate-key"), headers.get(b"etag")
        public = headers.get(b"cache-control", b"").startswith(b"public") and b"set-cookie" not in headers
        if start["status"] != 200 or tags is None or etag is None or not public:
            raise _Passing(messages)
        body = b"".join(message.get("body", b"") for message in messages[1:])  # type: ignore[misc]  # parts of a body
        kept = [(name, value) for name, value in headers.items() if name != b"content-length"]
        answer = CachedAnswer(str(scope["renga_route"] or "other"), kept, etag, body)
        return Loaded(answer, frozenset(tags.decode("latin-1").split()))


#: Of a request's headers, those that an answer which is kept may depend on.
_PASSED_ON = frozenset((b"host", b"accept", b"accept-language"))


def _key(scope: Any) -> str:
    """Path, parameters in one order, languages as they are understood: the same question in other words is the same."""
    accepted = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    languages = ",".join(wanted(None, accepted[:LANGUAGE_BYTES_MAX].decode("latin-1")))
    return f"{scope['path']}?{_question(scope['query_string'])}#{languages}"


def _question(query_string: bytes) -> str:
    """The parameters as they were sent, in the order of their names as whoever reads them understands them.

    Of one name the order stays, for there the last may count: ``%6cimit=2&limit=1`` and ``limit=1&%6cimit=2`` ask two things.
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
