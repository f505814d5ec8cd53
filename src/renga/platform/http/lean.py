"""Lean operations: REST endpoints for hot paths, declared once, almost as cheap as a bare ASGI handler.

Litestar routes to the mount; request parsing, errors and OpenAPI are done here. On the build machine a Litestar handler with
a body costs about 65 µs, a lean operation about 28 (see ``make bench``). All other endpoints are plain Litestar handlers.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid, RengaError, TooLarge
from renga.kernel.members import invalid, invalid_json
from renga.platform.auth.access import Access
from renga.platform.auth.principal import Principal, caller_of
from renga.platform.http.gate import LEAN, Gate, check_header_token
from renga.platform.http.parameters import KnownParameters
from renga.platform.http.problems import (
    CONTENT_TYPE,
    InvalidJson,
    MethodNotAllowed,
    RouteNotFound,
    UnsupportedMediaType,
    document,
    unexpected,
)
from renga.platform.http.segments import named

_JSON = b"application/json"
#: Most parameters in one query; of a repeated parameter the last one counts.
QUERY_FIELDS_MAX = 50

T = TypeVar("T")


class Call:
    """One request that passed the gate. ``headers`` is keyed by lower-case name in bytes; ``client`` is the caller's address."""

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
    msgspec types (None: none), ``query`` a struct whose fields are the parameters; ``headers`` names the request headers that
    it reads; ``errors`` are those besides the errors of every operation. ``path_help`` describes the parameters of the path,
    ``answer_headers`` the headers of the response.
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
    path_help: Mapping[str, str] = {}
    answer_headers: Mapping[str, str] = {}


class _Template(NamedTuple):
    """One path below the mount: fixed segments by position, parameter names by position, operations by method."""

    path: str
    words: tuple[tuple[int, str], ...]
    names: tuple[tuple[int, str], ...]
    methods: dict[str, Operation]


def mount(prefix: str, operations: Sequence[Operation], *, body_max_bytes: int, gate: Gate) -> ASGIRouteHandler:
    """The operations below ``prefix`` as one Litestar route. A request that the gate refuses has had no effect."""
    by_length: dict[int, list[_Template]] = {}
    for operation in operations:
        if operation.path != prefix and not operation.path.startswith(prefix + "/"):
            continue
        gate.check_class(operation.rate)
        parts = operation.path.removeprefix(prefix).strip("/").split("/") if operation.path != prefix else []
        templates = by_length.setdefault(len(parts), [])
        template = next((t for t in templates if t.path == operation.path), None)
        if template is None:
            words = tuple((i, part) for i, part in enumerate(parts) if not part.startswith("{"))
            names = tuple((i, part[1:-1]) for i, part in enumerate(parts) if part.startswith("{"))
            template = _Template(operation.path, words, names, {})
            templates.append(template)
        template.methods[operation.method] = operation

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            operation, parameters = _find(by_length, scope)
            if operation.method == "GET" and scope.get("renga_admitted"):
                # the caller has passed the gate already: see answers.py
                answer = await _answer(operation, scope, parameters, receive, body_max_bytes)
            elif operation.method == "GET":
                read = partial(_answer, operation, scope, parameters, receive, body_max_bytes)
                answer = await gate.around_read(scope, operation.access, operation.rate, read)
            else:
                await gate.enter(scope, operation.access, operation.rate)
                check_header_token(scope)
                answer = await _answer(operation, scope, parameters, receive, body_max_bytes)
        except RengaError as error:
            answer = _problem(error, scope)
        except Exception as error:
            answer = _problem(unexpected(error), scope)
        headers = answer.headers
        if answer.body:
            if answer.status < 400:
                headers.append((b"content-type", _JSON))
            headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body, "more_body": False})

    return asgi(prefix, is_mount=True, copy_scope=False, opt={"access": LEAN})(serve)


async def _answer(
    operation: Operation, scope: Any, parameters: dict[str, str], receive: Receive, body_max_bytes: int
) -> Answer:
    if scope["query_string"]:
        names = () if operation.query is None else operation.query.__struct_encode_fields__
        KnownParameters(operation.id, names, fields_max=QUERY_FIELDS_MAX).check(scope["query_string"])
    return await operation.handler(Call(scope, parameters, await read_body(receive, body_max_bytes)))


def _find(by_length: dict[int, list[_Template]], scope: Any) -> tuple[Operation, dict[str, str]]:
    """The operation of a request and its path's parameters. Raises RouteNotFound, MethodNotAllowed."""
    if not scope["path"].startswith("/"):
        raise RouteNotFound()  # a mount also gets paths of which it is only a string prefix
    path = scope["path"].strip("/")
    parts = path.split("/") if path else []
    for template in by_length.get(len(parts), ()):
        if all(parts[i] == word for i, word in template.words):
            scope["renga_route"] = template.path
            operation = template.methods.get(scope["method"])
            if operation is None:
                raise MethodNotAllowed(allow=", ".join(sorted(template.methods)))
            return operation, {name: named(parts[i]) for i, name in template.names}
    raise RouteNotFound()


def _problem(error: RengaError, scope: Scope) -> Answer:
    status, body, headers = document(error, str(scope.get("renga_request_id", "")))
    return Answer(status, body, [*headers, (b"content-type", CONTENT_TYPE.encode())])


async def read_body(receive: Receive, body_max_bytes: int) -> bytes:
    """The whole body of a request. Raises TooLarge."""
    message: Any = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(body) > body_max_bytes:
            raise TooLarge(f"the body has more than {body_max_bytes} bytes", limit=body_max_bytes)
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > body_max_bytes:
            raise TooLarge(f"the body has more than {body_max_bytes} bytes", limit=body_max_bytes)
        parts.append(part)
    return b"".join(parts)
