"""The OpenAPI 3.1 document: Litestar's own, with the lean operations added."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from litestar import Litestar, Router

from renga.kernel.once import KEY_CHARACTERS_MAX, KEY_PATTERN
from renga.platform.auth.access import PUBLIC, Access
from renga.platform.http.gate import declared, handlers_of
from renga.platform.http.lean import Operation
from renga.platform.http.openapi_handlers import (
    IF_NONE_MATCH,
    NOT_MODIFIED,
    REFERENCE,
    alternatives,
    complete,
    kinds_of,
    schema_of,
)
from renga.platform.http.openapi_problems import describe
from renga.platform.http.openapi_structs import StructSchemas, components_of
from renga.platform.http.openapi_times import mark
from renga.platform.http.problems import Problem, by_status
from renga.platform.sessions.port import COOKIE

#: The security schemes. In OpenAPI 3.1 a requirement may name scopes for every kind of scheme.
SCHEMES = ("oauth2", "api_key", "session")

_HEADERS: dict[str, tuple[str, str]] = {
    "Idempotency-Key": (
        "A string of your choice (best a UUID). Repeating a request with the same key has no second effect.",
        "string",
    ),
    "If-Match": ("ETags, one of which must be the current one, or `*`; otherwise 412 `version_conflict`.", "string"),
    "Prefer": ("With `return=minimal` the response has only the version (RFC 7240).", "string"),
    "Accept-Language": (
        "The reader's languages, in order of preference. Stored texts are in the first available one.",
        "string",
    ),
    "If-None-Match": (str(IF_NONE_MATCH["description"]), "string"),
}


class NoPages(Router):
    """Stands where Litestar puts viewers of the description (Swagger UI, Redoc, …), and has none of them.

    They load scripts of other hosts, which the policy of our pages forbids; ``/docs`` is ours.
    """

    def register(self, value: Any) -> list[Any]:
        """Nothing is."""
        return []


def extend(app: Litestar, operations: Sequence[Operation], scopes: Mapping[str, str]) -> dict[str, Any]:
    """The whole document, ready for JSON. ``scopes`` are all scopes of the shop, each with what it allows."""
    schema: dict[str, Any] = msgspec.to_builtins(app.openapi_schema.to_schema())
    types = [t for o in operations for kind in (o.body, o.answer) if kind is not None for t in alternatives(kind)]
    types += kinds_of(app)
    types += [kind for plugin in app.plugins if isinstance(plugin, StructSchemas) for kind in plugin.kinds]
    schema.setdefault("components", {}).setdefault("schemas", {}).update(components_of([*types, Problem]))
    paths = schema.setdefault("paths", {})
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    for path, method, handler in handlers_of(app):
        described = paths.get(path, {}).get(method.lower())
        if described is not None:
            access = declared(handler, method)[0]
            complete(described, handler.opt)
            _demand(described, access)
            _name_headers(described, handler)
            describe(described, method, access)
    schema["components"]["securitySchemes"] = _security_schemes(scopes)
    schema["paths"] = dict(sorted(paths.items()))
    schema["tags"] = [{"name": tag} for tag in sorted(_tags(paths))]
    mark(schema)
    return schema


def _security_schemes(scopes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "oauth2": {
            "type": "oauth2",
            "description": "An access token of this shop (RFC 6750), or one bound to a key (DPoP, RFC 9449).",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": "/oauth/authorize",
                    "tokenUrl": "/oauth/token",
                    "refreshUrl": "/oauth/token",
                    "scopes": dict(scopes),
                },
                "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": dict(scopes)},
            },
        },
        "api_key": {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": "A key that begins with `rk_`.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": COOKIE,
            "description": "A browser's session; requests that change something also need its token in `X-CSRF-Token`.",
        },
    }


def _tags(paths: dict[str, Any]) -> set[str]:
    return {tag for item in paths.values() for operation in item.values() for tag in operation.get("tags", ())}


def _demand(described: dict[str, Any], access: Access) -> None:
    """Document the credentials that an operation takes and the scopes they need; guests need none."""
    if access == PUBLIC:
        return
    wanted = [access.scopes, *((scope,) for scope in access.instead)]
    described["security"] = [{}] if access.guest else []
    described["security"] += [{scheme: list(scopes)} for scopes in wanted for scheme in SCHEMES]


def _name_headers(described: dict[str, Any], handler: Any) -> None:
    """Document the headers of successful responses, also where the handler describes its responses itself."""
    headers = {
        one.name: {"description": one.description, "schema": {"type": "string"}}
        for one in handler.resolve_response_headers()
        if one.documentation_only and one.name.lower() != "content-type"
    }
    for status, answer in described["responses"].items():
        if headers and status.startswith("2"):
            answer["headers"] = answer.get("headers", {}) | headers


def _operation(operation: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = {str(operation.status): {"description": "Done."}}
    if operation.answer_headers:
        responses[str(operation.status)]["headers"] = {
            name: {"description": text, "schema": {"type": "string"}} for name, text in operation.answer_headers.items()
        }
    if operation.answer is not None:
        responses[str(operation.status)]["content"] = {"application/json": {"schema": schema_of(operation.answer)}}
    if "If-None-Match" in operation.headers:
        responses["304"] = NOT_MODIFIED
    for status, text in sorted(by_status(operation.errors).items()):
        responses[str(status)] = {
            "description": text,
            "content": {"application/problem+json": {"schema": schema_of(Problem)}},
        }
    made: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            | ({"description": operation.path_help[name]} if name in operation.path_help else {})
            for name in re.findall(r"{(\w+)}", operation.path)
        ]
        + _query_parameters(operation.query)
        + [
            {"name": name, "in": "header", "description": _HEADERS[name][0], "schema": _header_schema(name)}
            for name in operation.headers
        ],
        "responses": responses,
    }
    _demand(made, operation.access)
    if operation.description:
        made["description"] = operation.description
    if operation.body is not None:
        content: dict[str, Any] = {"schema": schema_of(operation.body)}
        if operation.example is not None:
            content["example"] = operation.example
        made["requestBody"] = {"required": not operation.body_optional, "content": {"application/json": content}}
    describe(made, operation.method, operation.access)
    return made


def _header_schema(name: str) -> dict[str, Any]:
    key = {"minLength": 1, "maxLength": KEY_CHARACTERS_MAX, "pattern": KEY_PATTERN}
    return {"type": _HEADERS[name][1]} | (key if name == "Idempotency-Key" else {})


def _query_parameters(kind: Any) -> list[dict[str, Any]]:
    """The fields of a struct as query parameters; those that may be None are optional."""
    if kind is None:
        return []
    _, components = msgspec.json.schema_components([kind], ref_template=REFERENCE)
    found: dict[str, Any] = components[kind.__name__]
    made = []
    for name, field in found["properties"].items():
        schema = {key: value for key, value in field.items() if key not in ("description", "default")}
        kinds = [one for one in schema.pop("anyOf", []) if one != {"type": "null"}]
        schema |= kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {}
        if field.get("default") is not None:
            schema["default"] = field["default"]
        parameter = {"name": name, "in": "query", "required": name in found.get("required", ()), "schema": schema}
        made.append(parameter | ({"description": field["description"]} if "description" in field else {}))
    return made
