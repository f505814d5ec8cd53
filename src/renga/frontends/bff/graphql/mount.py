"""``/graphql`` over HTTP: an ASGI mount behind authentication. GET for caches, POST for long queries, HTML for browsers."""

from collections.abc import Sequence
from typing import Any

from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from renga.frontends.bff.graphql import graphiql
from renga.frontends.bff.graphql.answers import KeptGraphAnswer, raw_key
from renga.frontends.bff.graphql.card_identifiers import skus_of
from renga.frontends.bff.graphql.errors import OperationUnsupported, QueryLimit, QueryTooLong
from renga.frontends.bff.graphql.executing import Executed, problem_of, refused
from renga.frontends.bff.graphql.requests import HTML, JSON, RESPONSE_JSON, from_body, from_url, media_type
from renga.frontends.bff.graphql.service import GraphQL
from renga.kernel.errors import RengaError
from renga.platform.auth.access import Access
from renga.platform.cards.declared import identifiers_by
from renga.platform.http.etags import matches
from renga.platform.http.gate import LEAN, Gate
from renga.platform.http.lean import read_body
from renga.platform.http.problems import MethodNotAllowed, RouteNotFound, document, unexpected

PATH = "/graphql"
#: The endpoint is public; each field declares its access.
ACCESS = Access(guest=True, objects="each field says")
#: Most surrogate keys of one answer that are sent to a CDN.
SURROGATE_KEYS_MAX = 50

# The answer to a caller with a customer group has other prices: a shared cache must not answer them with a guest's.
_VARY = (b"vary", b"Accept, Accept-Language, Authorization, X-API-Key, Cookie")
_PRIVATE = (b"cache-control", b"private, no-store")
_TYPES = {
    JSON: (b"content-type", b"application/json; charset=utf-8"),
    RESPONSE_JSON: (b"content-type", b"application/graphql-response+json; charset=utf-8"),
    HTML: (b"content-type", b"application/json; charset=utf-8"),
}
#: Errors of the document, not of the HTTP request: status 200 for application/json, as the draft requires.
_OF_DOCUMENT = (QueryLimit, QueryTooLong)

Headers = list[tuple[bytes, bytes]]
Reply = tuple[int, bytes, Headers]


def mount(graphql: GraphQL, *, gate: Gate, body_max_bytes: int) -> ASGIRouteHandler:
    """GraphQL as one Litestar route."""
    endpoint = _Endpoint(graphql, gate, body_max_bytes)
    return asgi(PATH, is_mount=True, copy_scope=False, opt={"access": LEAN, **identifiers_by(skus_of)})(endpoint.serve)


class _Endpoint:
    def __init__(self, graphql: GraphQL, gate: Gate, body_max_bytes: int) -> None:
        self._graphql = graphql
        self._gate = gate
        self._body_max_bytes = body_max_bytes
        settings = graphql.settings
        self._public = (b"cache-control", f"public, max-age={settings.max_age_s}".encode())

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, body, headers = await self._reply(scope, receive)
        except Exception as error:
            status, body, headers = _refusal(error, scope)
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _reply(self, any_scope: Scope, receive: Receive) -> Reply:
        scope: Any = any_scope
        scope["renga_route"] = PATH
        path, method = scope["path"].strip("/"), scope["method"]
        if path not in ("", PATH[1:]):
            return await self._gate.around_read(scope, ACCESS, "none", lambda: _file(path))
        if method == "OPTIONS":
            return 204, b"", [(b"allow", b"GET, OPTIONS, POST")]
        if method not in ("GET", "POST"):
            raise MethodNotAllowed(allow="GET, OPTIONS, POST")
        headers = dict(scope["headers"])
        question = scope["query_string"] if method == "GET" else await read_body(receive, self._body_max_bytes)
        return await self._gate.around_read(scope, ACCESS, "read", lambda: self._ask(scope, method, headers, question))

    async def _ask(self, scope: Any, method: str, headers: dict[bytes, bytes], question: bytes) -> Reply:
        accept, language = headers.get(b"accept", b""), headers.get(b"accept-language", b"")
        content_type = headers.get(b"content-type", b"") if method == "POST" else b""
        answers, principal = self._graphql.answers, scope["renga_principal"]
        groups = () if principal is None else await self._graphql.groups_of(principal)
        raw = b""
        if answers is not None:
            raw = raw_key(method, question, accept, language, content_type, groups)
            found = answers.peek(raw)
            if found is not None:
                return self._kept(method, headers, found[0], found[1], shared=not groups)
        media = media_type(accept.decode("latin-1"))
        if method == "GET" and media == HTML and self._graphql.settings.graphiql:
            return graphiql.page(scope["renga_nonce"])
        asking = from_url(question) if method == "GET" else from_body(content_type.decode("latin-1"), question)
        found_document = await self._graphql.document(asking)
        kind = found_document.kind_of(asking.operation)
        if method == "GET" and kind is not None and kind.value != "query":
            raise MethodNotAllowed("only queries may be asked by GET", allow="POST")
        asked = await self._graphql.ask(
            asking, found_document, language=language.decode("latin-1"), principal=principal, groups=groups
        )
        if asked.kept is None:
            return _status(asked.executed, media), asked.executed.body, [_TYPES[media], _PRIVATE, _VARY]
        if answers is not None and asked.key:
            answers.remember(raw, asked.key, media)
        return self._kept(method, headers, asked.kept, media, shared=not groups)

    def _kept(
        self, method: str, headers: dict[bytes, bytes], kept: KeptGraphAnswer, media: str, *, shared: bool
    ) -> Reply:
        """A public answer; for GET also cacheable, with an ETag, unless it has the prices of the caller's groups."""
        if not shared:
            return 200, kept.body, [_TYPES[media], _PRIVATE, _VARY]
        if method != "GET":
            return 200, kept.body, [_TYPES[media], (b"cache-control", b"no-store"), _VARY]
        more: Headers = [(b"etag", kept.etag), self._public, _VARY]
        if kept.tags:
            more.append((b"surrogate-key", surrogate_keys(kept.tags)))
        if matches(headers.get(b"if-none-match"), kept.etag):
            return 304, b"", more
        return 200, kept.body, [_TYPES[media], *more]


def surrogate_keys(tags: Sequence[str]) -> bytes:
    """The tags for a CDN, those of lists first: an answer of too many products is still dropped with their list."""
    ordered = sorted(tags, key=lambda tag: (":" in tag, tag))
    return " ".join(ordered[:SURROGATE_KEYS_MAX]).encode()


async def _file(path: str) -> Reply:
    found = graphiql.file(path.removeprefix("graphql/"))
    if found is None:
        raise RouteNotFound()
    return found


def _status(executed: Executed, media: str) -> int:
    return 400 if executed.is_refused and media == RESPONSE_JSON else 200


def _refusal(error: Exception, scope: Any) -> Reply:
    """A GraphQL error with its HTTP status."""
    known = error if isinstance(error, RengaError) else unexpected(error)
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"").decode("latin-1")
    try:
        media = media_type(accept)
    except RengaError:
        media = JSON
    status, _, headers = document(known, str(scope.get("renga_request_id", "")))
    if media == JSON and isinstance(known, (*_OF_DOCUMENT, OperationUnsupported)):
        status = 200
    if known.code == "PERSISTED_QUERY_NOT_FOUND":
        status = 200  # its clients read the code
    body = refused([problem_of(known)]).body
    return status, body, [*headers, _TYPES[media], _PRIVATE, _VARY]
