"""Requests and answers of the provider, the table of its routes, and its errors."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from renga.simulators.payment_provider.model.charge import ProviderProblem

T = TypeVar("T", bound=msgspec.Struct)
QUERY_FIELDS_MAX = 50
JSON, HTML = b"application/json", b"text/html; charset=utf-8"
encode_json = msgspec.json.Encoder().encode


class ProviderRequest:
    """One request; ``parts`` are the variable parts of its path."""

    __slots__ = ("_query", "body", "headers", "method", "parts", "path", "query_string")

    def __init__(self, method: str, path: str, query_string: bytes, headers: dict[bytes, bytes], body: bytes) -> None:
        self.method, self.path, self.query_string = method, path, query_string
        self.headers, self.body = headers, body
        self.parts: tuple[str, ...] = ()
        self._query: dict[str, str] | None = None

    @property
    def query(self) -> dict[str, str]:
        """Raises ProviderProblem."""
        if self._query is None:
            self._query = _fields(self.query_string)
        return self._query

    def form(self) -> dict[str, str]:
        """The fields of an HTML form. Raises ProviderProblem."""
        return _fields(self.body)

    def header(self, name: bytes) -> str:
        return self.headers.get(name, b"").decode("latin-1")

    def json(self, decoder: "msgspec.json.Decoder[T]") -> T:
        """The body; an empty one is an empty object. Raises ProviderProblem (422)."""
        try:
            return decoder.decode(self.body or b"{}")
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise ProviderProblem(422, "invalid_request", f"the body is not right: {error}") from None

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A number of the query. Raises ProviderProblem."""
        text = self.query.get(name, "")
        if not text:
            return default
        if not (text.isascii() and text.isdecimal() and len(text) <= 18) or not least <= int(text) <= most:
            raise ProviderProblem(422, "invalid_request", f"{name} is a whole number of {least} to {most}", field=name)
        return int(text)

    @property
    def wants_html(self) -> bool:
        return b"text/html" in self.headers.get(b"accept", b"")


def _fields(raw: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=QUERY_FIELDS_MAX))
    except ValueError:
        raise ProviderProblem(422, "invalid_request", "the fields are not UTF-8, or too many") from None


class ProviderAnswer:
    """``hold_s``: it is given only then. ``first``: messages that must have been sent before it is given."""

    __slots__ = ("body", "content_type", "first", "headers", "hold", "status")

    def __init__(
        self, status: int, body: bytes = b"", content_type: bytes = JSON, headers: tuple[tuple[bytes, bytes], ...] = (),
        *, hold: bool = False,
    ) -> None:  # fmt: skip
        self.status, self.body, self.content_type, self.headers = status, body, content_type, headers
        self.hold = hold
        self.first: list[str] = []


Handler = Callable[[ProviderRequest], ProviderAnswer]


def json_answer(value: Any, status: int = 200, *headers: tuple[bytes, bytes]) -> ProviderAnswer:
    return ProviderAnswer(status, encode_json(value), JSON, headers)


def problem_answer(problem: ProviderProblem, members: Mapping[str, object] | None = None) -> ProviderAnswer:
    """RFC 9457; ``code`` is stable."""
    said = {
        "type": "about:blank", "title": problem.code.replace("_", " "), "status": problem.status, "code": problem.code,
        "detail": problem.detail, **(problem.members if members is None else members),
    }  # fmt: skip
    return ProviderAnswer(problem.status, encode_json(said), b"application/problem+json")


class Routes:
    """Handlers by method and path; ``*`` in a path is any one part."""

    def __init__(self) -> None:
        self._by_size: dict[int, list[tuple[tuple[str, ...], dict[str, Handler]]]] = {}

    def add(self, method: str, path: str, handler: Handler) -> None:
        parts = tuple(path.split("/"))
        shapes = self._by_size.setdefault(len(parts), [])
        methods = next((methods for shape, methods in shapes if shape == parts), None)
        if methods is None:
            methods = {}
            shapes.append((parts, methods))
        methods[method] = handler

    def find(self, request: ProviderRequest) -> Handler:
        """Raises ProviderProblem (404, 405)."""
        parts = request.path.split("/")
        for shape, methods in self._by_size.get(len(parts), ()):
            if all(want in (got, "*") for want, got in zip(shape, parts, strict=True)):
                handler = methods.get("GET" if request.method == "HEAD" else request.method)
                if handler is None:
                    raise ProviderProblem(405, "method_not_allowed", "this address has no such method")
                request.parts = tuple(got for want, got in zip(shape, parts, strict=True) if want == "*")
                return handler
        raise ProviderProblem(404, "not_found", "there is nothing at this address")
