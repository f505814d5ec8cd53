"""Parses GraphQL requests of GET and POST and negotiates the media type (GraphQL over HTTP, working draft)."""

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from renga.frontends.bff.graphql.errors import NotAcceptable, QueryMissing, RequestMalformed, TooManyValues
from renga.platform.http.problems import InvalidJson, UnsupportedMediaType
from renga.platform.json_bounds import check_containers

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
#: Most parts of an Accept header, and parameters of a GET, that are parsed.
ACCEPT_PARTS_MAX = 20
PARAMETERS_MAX = 20
#: Members and elements of all variables together, at any depth.
VALUES_MAX = 2_000

_decode = msgspec.json.Decoder().decode


class GraphQLRequest(msgspec.Struct, frozen=True):
    """The parsed request. ``digest`` is the SHA-256 of a persisted query."""

    query: str | None
    operation: str | None
    variables: dict[str, Any]
    digest: str | None


@lru_cache(maxsize=1_024)
def media_type(accept: str) -> str:
    """The negotiated media type. Raises NotAcceptable.

    By quality, then by the client's order. ``*/*`` or no header gives ``application/json``, for old clients.
    """
    if not accept.strip():
        return JSON
    ranked = []
    for order, part in enumerate(accept.split(",")[:ACCEPT_PARTS_MAX]):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((_quality(one[2:]) for one in parameters if one.startswith("q=")), 1.0)
        if quality > 0:
            ranked.append((-quality, order, name))
    for _, _, name in sorted(ranked):
        if name in (RESPONSE_JSON, JSON, HTML):
            return name
        if name in ("*/*", "application/*"):
            return JSON
        if name == "text/*":
            return HTML
    raise NotAcceptable()


def _quality(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def from_url(query_string: bytes) -> GraphQLRequest:
    """Parse a GET. Raises RequestMalformed, JsonTooComplex, QueryMissing, TooManyValues."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, max_num_fields=PARAMETERS_MAX, errors="strict"
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise RequestMalformed("the address cannot be read", parameter="query") from error
    given: dict[str, Any] = dict(pairs)
    for name in ("variables", "extensions"):
        if given.get(name):
            given[name] = _json(given[name].encode(), name)
        else:
            given.pop(name, None)
    return _parsed(given)


def from_body(content_type: str, body: bytes) -> GraphQLRequest:
    """Parse a POST. Raises UnsupportedMediaType, InvalidJson, JsonTooComplex, RequestMalformed, QueryMissing, TooManyValues."""
    name, _, parameters = content_type.partition(";")
    if name.strip().lower() != JSON:
        raise UnsupportedMediaType()
    charset = next((one.partition("=")[2] for one in parameters.split(";") if "charset" in one.lower()), "utf-8")
    if charset.strip().strip('"').lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType("the body must be UTF-8")
    check_containers(body)
    try:
        given = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidJson(f"the body is not valid JSON: {error}") from None
    if not isinstance(given, dict):
        raise RequestMalformed("the body must be one object with a query", parameter="body")
    return _parsed(given)


def _json(text: bytes, name: str) -> Any:
    check_containers(text)
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestMalformed(f"{name} is not valid JSON: {error}", parameter=name) from None


def _parsed(given: dict[str, Any]) -> GraphQLRequest:
    query = _of_kind(given, "query", str, "a text")
    operation = _of_kind(given, "operationName", str, "a text")
    variables = _of_kind(given, "variables", dict, "an object")
    extensions = _of_kind(given, "extensions", dict, "an object") or {}
    digest = _digest(extensions)
    if query is None and digest is None:
        raise QueryMissing()
    _check_values(variables or {})
    return GraphQLRequest(query, operation or None, variables or {}, digest)


def _check_values(variables: dict[str, Any]) -> None:
    """Raises TooManyValues: each value is checked against the schema, one by one."""
    waiting: list[Any] = [variables]
    values = 0
    while waiting:
        one = waiting.pop()
        values += len(one)
        if values > VALUES_MAX:
            raise TooManyValues(f"the variables have more than {VALUES_MAX} values", limit=VALUES_MAX)
        waiting += [part for part in (one.values() if isinstance(one, dict) else one) if isinstance(part, dict | list)]


def _of_kind(given: dict[str, Any], name: str, kind: type, words: str) -> Any:
    value = given.get(name)
    if value is not None and not isinstance(value, kind):
        raise RequestMalformed(f"{name} must be {words}", parameter=name)
    return value


def _digest(extensions: dict[str, Any]) -> str | None:
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    digest = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if not isinstance(digest, str) or persisted.get("version", 1) != 1:
        raise RequestMalformed("persistedQuery must have version 1 and a sha256Hash", parameter="extensions")
    return digest.lower()
