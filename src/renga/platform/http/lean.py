"""Lean operations: REST endpoints for hot paths, declared once, almost as cheap as a bare ASGI handler.

They are found before Litestar is asked; request parsing, errors and OpenAPI are done here. All other endpoints are plain
Litestar handlers (``make bench`` shows what both cost).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar.types import ASGIApp, Receive, Scope, Send

from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid, RengaError, TooLarge
from renga.kernel.members import invalid, invalid_json
from renga.platform.auth.access import PUBLIC, Access
from renga.platform.auth.principal import Principal, caller_of
from renga.platform.cards.guard import WHOLE, CardGuard
from renga.platform.http.cors import origin_of
from renga.platform.http.gate import Gate, check_header_token
from renga.platform.http.parameters import KnownParameters
from renga.platform.http.problems import (
    CONTENT_TYPE,
    InvalidJson,
    MethodNotAllowed,
    UnsupportedMediaType,
    document,
    unexpected,
    with_head,
)
from renga.platform.http.segments import named

_JSON = b"application/json"
_JSON_TYPE = (b"content-type", _JSON)
#: Most parameters in one query; of a repeated parameter the last one counts.
QUERY_FIELDS_MAX = 50

T = TypeVar("T")


class Call:
    """One request that passed the gate. ``headers`` is keyed by lower-case name in bytes; ``client`` is the caller's
    address.
    """

    __slots__ = ("_body", "client", "headers", "parameters", "principal", "query_string")

    def __init__(self, scope: Any, parameters: dict[str, str], body: bytes) -> None:
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.parameters = parameters
        self.client: str = scope["renga_client"]
        self.principal: Principal | None = scope["renga_principal"]
        self.query_string: bytes = scope["query_string"]
        self._body = body

    @property
    def caller(self) -> Caller:
        """The caller, as contracts take it."""
        return caller_of(self.principal)

    def query(self, kind: type[T]) -> T:
        """The query's parameters as a struct. Raises Invalid (naming the parameter)."""
        try:
            given = _parameters(self.query_string)
            return msgspec.convert(given, kind, strict=False)
        except msgspec.ValidationError as error:
            raise invalid(error, given, kind, strict=False) from None

    @property
    def body(self) -> bytes:
        """The body as it came, for a digest of the request."""
        return self._body

    def header(self, name: bytes) -> str | None:
        """A header's value as ISO 8859-1 text; None if it is absent."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    def decode(self, decoder: "msgspec.json.Decoder[Any]") -> Any:
        """The body as the decoder's type. Raises UnsupportedMediaType, InvalidJson, Invalid (naming the member)."""
        content_type = self.headers.get(b"content-type", b"")
        if content_type != _JSON and content_type.partition(b";")[0].strip().lower() != _JSON:
            raise UnsupportedMediaType()
        try:
            return decoder.decode(self._body)
        except msgspec.ValidationError as error:
            raise invalid_json(error, self._body, decoder.type) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidJson(f"the body is not valid JSON: {error}") from None


def _parameters(query_string: bytes) -> dict[str, str]:
    """The parameters of a query. Raises Invalid."""
    try:
        text = query_string.decode()
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=QUERY_FIELDS_MAX))
    except ValueError:
        raise Invalid(f"the query is not UTF-8, or has more than {QUERY_FIELDS_MAX} parameters") from None


class Answer(msgspec.Struct):
    """The response of an operation: status, JSON body (empty: none), further headers."""

    status: int
    body: bytes = b""
    headers: list[tuple[bytes, bytes]] = []


Handler = Callable[[Call], Awaitable[Answer]]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One method on one path, with everything that OpenAPI needs about it.

    ``access`` is who may call it, ``rate`` its rate class; ``path`` has parameters in braces; ``body`` and ``answer`` are
    msgspec types (None: none; ``body_optional``: it may be left out), ``query`` a struct whose fields are the parameters;
    ``headers`` names the request headers that it reads; ``errors`` are those besides the errors of every operation.
    ``path_help`` describes the parameters of the path,
    ``answer_headers`` the headers of the response. With ``any_query`` it ignores parameters that it does not know.
    ``identifiers`` names parameters of the path whose texts are identifiers (``kernel/identifiers.py``). ``signed``: the body
    is a program's message, which the handler verifies; it may have any number, and the handler masks cards in the texts that
    it keeps.
    """

    method: str
    path: str
    handler: Handler
    access: Access
    rate: str
    id: str
    summary: str
    description: str = ""
    tag: str
    status: int = 200
    body: Any = None
    answer: Any = None
    headers: tuple[str, ...] = ()
    errors: tuple[type[RengaError], ...] = ()
    example: Any = None
    query: Any = None
    any_query: bool = False
    path_help: Mapping[str, str] = {}
    answer_headers: Mapping[str, str] = {}
    identifiers: tuple[str, ...] = ()
    signed: bool = False
    body_optional: bool = False


class _Template(NamedTuple):
    """One path: names of parameters by the position of their part, operations by method."""

    path: str
    names: tuple[tuple[int, str], ...]
    methods: dict[str, Operation]


#: An operation that fits a request, and the parameters of its path.
Found = tuple[Operation, dict[str, str]]


class LeanTable:
    """Answers lean operations before ``app`` is asked. A path that the table does not have goes on to ``app``.

    Paths are looked up by the number of their parts and by the words in them, whatever the number of operations.
    """

    def __init__(
        self,
        app: ASGIApp,
        operations: Sequence[Operation],
        *,
        body_max_bytes: int,
        gate: Gate,
        cards: CardGuard | None = None,
    ) -> None:
        self._app = app
        self._cards = cards or CardGuard()
        self._body_max_bytes = body_max_bytes
        self._gate = gate
        #: By the number of parts: positions of words, and templates by these words.
        self._by_length: dict[int, list[tuple[tuple[int, ...], dict[tuple[str, ...], _Template]]]] = {}
        self._known = {operation.id: _known_parameters(operation) for operation in operations}
        for operation in operations:
            gate.check_class(operation.rate)
            self._add(operation)

    def _add(self, operation: Operation) -> None:
        parts = operation.path.split("/")
        places = tuple(place for place, part in enumerate(parts) if not part.startswith("{"))
        names = tuple((place, part[1:-1]) for place, part in enumerate(parts) if part.startswith("{"))
        shapes = self._by_length.setdefault(len(parts), [])
        shape = next((one for one in shapes if one[0] == places), None)
        if shape is None:
            shape = (places, {})
            shapes.append(shape)
            shapes.sort(key=lambda one: len(one[0]), reverse=True)  # a word goes before a parameter
        words = tuple(parts[place] for place in places)
        template = shape[1].setdefault(words, _Template(operation.path, names, {}))
        if not template.methods:
            options = _options(template)
            self._known[options.id] = _known_parameters(options)
            template.methods["OPTIONS"] = options
        template.methods[operation.method] = operation

    def find(self, scope: Any) -> Found | None:
        """The operation of a request; None: the table does not have this path, or a browser asks before it sends (CORS), which
        is the application's to answer. Raises MethodNotAllowed.
        """
        path: str = scope["path"]
        if path[-1:] == "/":
            path = path.rstrip("/")
        parts = path.split("/")
        for places, templates in self._by_length.get(len(parts), ()):
            template = templates.get(tuple([parts[place] for place in places]))
            if template is not None:
                scope["renga_route"] = template.path
                if scope["method"] == "OPTIONS" and origin_of(scope) is not None:
                    return None
                operation = template.methods.get(scope["method"])
                if operation is None:
                    raise MethodNotAllowed(allow=", ".join(template.methods))
                return operation, {name: named(parts[place]) for place, name in template.names}
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        any_scope: Any = scope
        answer = await self.answer(any_scope, receive) if any_scope["type"] == "http" else None
        if answer is None:
            await self._app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body, "more_body": False})

    async def answer(self, scope: Any, receive: Receive) -> "Answer | None":
        """The answer with all its headers, also of what went wrong; None: the table does not have this path."""
        try:
            found = self.find(scope)
        except RengaError as error:
            return _finished(_problem(error, scope))
        return None if found is None else await self.answer_found(scope, receive, None, found)

    async def answer_found(self, scope: Any, receive: Receive, body: bytes | None, found: Found) -> "Answer":
        """``answer`` of an operation that was found; ``body`` None: it comes with ``receive``."""
        operation, parameters = found
        try:
            answer = await self._ask(scope, receive, body, operation, parameters)
        except RengaError as error:
            answer = _problem(error, scope)
        except Exception as error:
            answer = _problem(unexpected(error), scope)
        return _finished(answer)

    async def _ask(
        self, scope: Any, receive: Receive, body: bytes | None, operation: Operation, parameters: dict[str, str]
    ) -> "Answer":
        if operation.method == "GET":
            if scope.get("renga_admitted"):
                # whoever asks has passed the gate: see answers.py
                return await self._handle(scope, receive, body, operation, parameters)
            read = partial(self._handle, scope, receive, body, operation, parameters)
            return await self._gate.around_read(scope, operation.access, operation.rate, read)
        await self._gate.enter(scope, operation.access, operation.rate)
        if operation.method != "OPTIONS":
            check_header_token(scope)
        return await self._handle(scope, receive, body, operation, parameters)

    async def _handle(
        self, scope: Any, receive: Receive, body: bytes | None, operation: Operation, parameters: dict[str, str]
    ) -> "Answer":
        if scope["query_string"] and not operation.any_query:
            self._known[operation.id].check(scope["query_string"])
        if body is None:
            body = await read_body(receive, self._body_max_bytes)
        elif len(body) > self._body_max_bytes:
            raise _too_large(self._body_max_bytes)
        if body and scope.get("renga_clean") != WHOLE and not operation.signed:
            await self._cards.check(scope, body)
        return await operation.handler(Call(scope, parameters, body))


def _known_parameters(operation: Operation) -> KnownParameters:
    names = () if operation.query is None else operation.query.__struct_encode_fields__
    return KnownParameters(operation.id, names, fields_max=QUERY_FIELDS_MAX)


def _options(template: _Template) -> Operation:
    """OPTIONS of an address (RFC 9110 §9.3.7), as of every other route; it is not in the OpenAPI document."""

    async def tell(call: Call) -> Answer:
        return Answer(204, headers=[(b"allow", with_head(", ".join(template.methods)).encode())])

    return Operation(
        method="OPTIONS", path=template.path, handler=tell, access=PUBLIC, rate="read", id=f"OPTIONS {template.path}",
        summary="Which methods there are", tag="",
    )  # fmt: skip


def _problem(error: RengaError, scope: Scope) -> Answer:
    status, body, headers = document(error, str(scope.get("renga_request_id", "")))
    return Answer(status, body, [*headers, (b"content-type", CONTENT_TYPE.encode())])


def _finished(answer: Answer) -> Answer:
    """With the headers that its body needs."""
    if answer.body:
        if answer.status < 400:
            answer.headers.append(_JSON_TYPE)
        answer.headers.append((b"content-length", b"%d" % len(answer.body)))
    return answer


async def read_body(receive: Receive, body_max_bytes: int) -> bytes:
    """The whole body of a request. Raises TooLarge, or Invalid if the client goes away before its end."""
    parts, size = [], 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise Invalid("the client went away before the end of the body")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > body_max_bytes:
            raise _too_large(body_max_bytes)
        if not message.get("more_body"):
            return b"".join(parts)


def _too_large(body_max_bytes: int) -> TooLarge:
    return TooLarge(f"the body has more than {body_max_bytes} bytes", limit=body_max_bytes)
