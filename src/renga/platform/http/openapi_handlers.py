"""OpenAPI descriptions in a handler's ``opt``, for what the framework cannot see: bodies that the handler reads itself, files
that it returns, parameters with free names."""

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, get_args

import msgspec
from litestar import Litestar

from renga.platform.http.gate import handlers_of

REFERENCE = "#/components/schemas/{name}"
_BODY, _PARAMETERS, _FILES, _KEPT = "openapi_body", "openapi_parameters", "openapi_files", "openapi_kept"
_PAGES, _BOUNDS = "openapi_pages", "openapi_bounds"
#: Bytes: client generators recognise them by this format.
_BYTES = {"type": "string", "format": "binary"}


class DescribedContent(msgspec.Struct, frozen=True, kw_only=True):
    """One content type of a body. ``kind`` is a msgspec type, None for bytes; ``line`` is the type of each line of JSON Lines."""

    kind: Any = None
    line: Any = None
    lines_are: str = "One JSON text per line."
    form_field: str = ""
    example: Any = None


def takes(*types: str, kind: Any, example: Any = None) -> dict[str, Any]:
    """For a handler whose body is JSON of one type, under each of these content types."""
    return {_BODY: dict.fromkeys(types, DescribedContent(kind=kind, example=example))}


def takes_lines(media_type: str, *, line: Any, example: str) -> dict[str, Any]:
    """For a handler whose body has one JSON text per line."""
    return {_BODY: {media_type: DescribedContent(line=line, example=example)}}


def takes_table(media_type: str, *, row: Any, example: str) -> dict[str, Any]:
    """For a handler whose body is a table (CSV): a header with the members of ``row``, then one row per line."""
    said = "A header with names of columns, then one row per line."
    return {_BODY: {media_type: DescribedContent(line=row, lines_are=said, example=example)}}


def takes_either(*bodies: Mapping[str, Any]) -> dict[str, Any]:
    """For a handler whose body is what one of these (``takes``, ``takes_lines``, ``takes_table``) describes."""
    return {_BODY: {media: content for one in bodies for media, content in one[_BODY].items()}}


def takes_file(form: str, *, field: str) -> dict[str, Any]:
    """For a handler whose body is a form with a file in ``field``."""
    return {_BODY: {form: DescribedContent(form_field=field)}}


def answers_lines(media_type: str, *, line: Any) -> dict[str, Any]:
    """For a handler whose response has one JSON text per line."""
    return {_FILES: {media_type: DescribedContent(line=line)}}


def answers_files(*types: str) -> dict[str, Any]:
    """For a handler that returns bytes of one of these types."""
    return {_FILES: dict.fromkeys(types, DescribedContent())}


def answers_pages() -> dict[str, Any]:
    """For a handler that answers browsers with a page."""
    return {_PAGES: True}


def parameters(*described: Mapping[str, Any]) -> dict[str, Any]:
    """For a handler that reads parameters beyond its signature, given as OpenAPI Parameter Objects."""
    return {_PARAMETERS: described}


def bounds(described: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """For a handler whose use case bounds parameters of its signature: JSON Schema keywords by the parameter's name."""
    return {_BOUNDS: described}


def kept_answers() -> dict[str, Any]:
    """For a handler whose responses have an ETag and may be answered with 304."""
    return {_KEPT: True}


def kinds_of(app: Litestar) -> list[Any]:
    """Every msgspec type in these descriptions."""
    return [kind for _, _, handler in handlers_of(app) for kind in _kinds(handler.opt)]


def contents_of(opt: Mapping[str, Any]) -> Mapping[str, DescribedContent]:
    """The described contents of a handler's body, by content type."""
    found: Mapping[str, DescribedContent] = opt.get(_BODY, {})
    return found


def complete(described: dict[str, Any], opt: Mapping[str, Any]) -> None:
    """Add the descriptions in its handler's ``opt`` to an operation."""
    if body := opt.get(_BODY):
        described["requestBody"] = {"required": True, "content": {name: _content(one) for name, one in body.items()}}
    for parameter in described.setdefault("parameters", []):
        _bind(parameter["schema"], opt.get(_BOUNDS, {}).get(parameter["name"], {}))
    described["parameters"].extend(dict(one) for one in opt.get(_PARAMETERS, ()))
    if opt.get(_KEPT):
        described["parameters"].append(IF_NONE_MATCH)
        described["responses"]["304"] = NOT_MODIFIED
    for status in ("204", "304"):
        described["responses"].get(status, {}).pop("content", None)
    if not described["parameters"]:
        del described["parameters"]
    answer: dict[str, Any] = next((one for status, one in described["responses"].items() if status < "300"), {})
    if opt.get(_PAGES):
        answer.setdefault("content", {})["text/html"] = {"schema": {"type": "string"}}
    if files := opt.get(_FILES):
        examples = [one["examples"] for one in answer.get("content", {}).values() if "examples" in one]
        answer["content"] = {name: _content(one) for name, one in files.items()}
        if examples:
            next(iter(answer["content"].values()))["examples"] = examples[0]


def _bind(schema: dict[str, Any], keywords: Mapping[str, Any]) -> None:
    """Into the schema; a bounded parameter may be absent, but no text ``null``."""
    if keywords:
        choices = schema.pop("oneOf", None) or schema.pop("anyOf", None) or [{}]
        schema.update(next(one for one in choices if one.get("type") != "null") | keywords)


IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETags of the client's copies; if one is current, the response is 304 without a body.",
    "schema": {"type": "string"},
}
NOT_MODIFIED = {"description": "The client's copy is current."}


def schema_of(kind: Any) -> dict[str, Any]:
    """The schema of a msgspec type or of a union of structs, with references to components."""
    schemas, _ = msgspec.json.schema_components(alternatives(kind), ref_template=REFERENCE)
    return dict(schemas[0]) if len(schemas) == 1 else {"anyOf": list(schemas)}


def alternatives(kind: Any) -> list[Any]:
    """The members of a union: msgspec has no schema for a union of structs without tags."""
    return list(get_args(kind)) if isinstance(kind, UnionType) else [kind]


def _kinds(opt: Mapping[str, Any]) -> Iterator[Any]:
    for name in (_BODY, _FILES):
        for content in opt.get(name, {}).values():
            for kind in (content.kind, content.line):
                yield from () if kind is None else alternatives(kind)


def _content(described: DescribedContent) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": _schema(described)}
    if described.example is not None:
        content["example"] = described.example
    return content


def _schema(described: DescribedContent) -> dict[str, Any]:
    if described.form_field:
        field = described.form_field
        return {"type": "object", "properties": {field: _BYTES}, "required": [field]}
    if described.line is not None:
        # OpenAPI 3.1 has no schema for the items of a stream (3.2: itemSchema)
        return {**_BYTES, "description": described.lines_are, "contentSchema": schema_of(described.line)}
    return {**_BYTES} if described.kind is None else schema_of(described.kind)
