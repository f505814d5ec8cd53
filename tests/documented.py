"""Holds answers against ``contracts/openapi.json``: status, content type and body of an operation, the code of a problem.

``conftest.py`` sends every answer that a test's client gets from an address of the document through ``check``: what the document
does not say fails the test that met it.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx
from jsonschema import Draft202012Validator

DOCUMENT = Path(__file__).parents[1] / "contracts" / "openapi.json"
PROBLEM = "application/problem+json"
#: Problems of the server itself, before any operation is found.
BESIDE_OPERATIONS = frozenset({"route_not_found", "method_not_allowed", "headers_too_large", "target_too_long"})
#: Bodies that are held against a schema, for one operation and status; further ones cost time and tell nothing new.
BODIES_MAX = 12
#: Where tests have the simulated payment provider: its addresses are not the shop's, though some have the same names.
PROVIDER_HOST = "provider.test"


class UndocumentedAnswer(AssertionError):
    """The document does not say that this operation answers so."""


class DocumentedOperation(NamedTuple):
    method: str
    path: str
    id: str
    responses: dict[str, Any]


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8"))
    return found


@cache
def _operations() -> list[tuple[re.Pattern[str], DocumentedOperation]]:
    """Fixed paths before those with parameters."""
    found = []
    for path, item in sorted(document()["paths"].items(), key=lambda pair: pair[0].count("{")):
        pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) + "/?")
        for method, operation in item.items():
            found.append(
                (pattern, DocumentedOperation(method.upper(), path, operation["operationId"], operation["responses"]))
            )
    return found


def operation_of(method: str, raw_path: str) -> DocumentedOperation | None:
    """The operation at an address, None for what is not in the document."""
    return next((one for pattern, one in _operations() if one.method == method and pattern.fullmatch(raw_path)), None)


@cache
def _validator(operation: str, status: str, media_type: str) -> Draft202012Validator:
    responses = next(one.responses for _, one in _operations() if one.id == operation)
    schema = responses[status]["content"][media_type]["schema"]
    return Draft202012Validator({**schema, "components": {"schemas": document()["components"]["schemas"]}})


_seen: dict[tuple[str, str], int] = {}


def check(method: str, raw_path: str, status: int, media_type: str, body: bytes) -> str | None:
    """The id of the operation that answered so (None: none of the document). Raises UndocumentedAnswer."""
    operation = operation_of(method, raw_path)
    if operation is None:
        return None
    told = f"{operation.id} ({method} {unquote(raw_path)}) answers {status}"
    if media_type == PROBLEM and json.loads(body).get("code") in BESIDE_OPERATIONS:
        return None
    response = operation.responses.get(str(status))
    if response is None:
        raise UndocumentedAnswer(f"{told}, the document has {sorted(operation.responses)}: {body[:300]!r}")
    content = response.get("content", {})
    if not body and not content:
        return operation.id
    documented = {name.partition(";")[0]: name for name in content}
    if media_type not in documented:
        raise UndocumentedAnswer(f"{told} as {media_type!r}, the document has {sorted(content)}")
    if media_type == PROBLEM or (media_type == "application/json" and _is_new(operation.id, str(status))):
        _check_body(told, _validator(operation.id, str(status), documented[media_type]), json.loads(body))
    return operation.id


def _is_new(operation: str, status: str) -> bool:
    _seen[operation, status] = _seen.get((operation, status), 0) + 1
    return _seen[operation, status] <= BODIES_MAX


def _check_body(told: str, validator: Draft202012Validator, body: Any) -> None:
    wrong = next(validator.iter_errors(body), None)
    if wrong is not None:
        raise UndocumentedAnswer(f"{told}; at {wrong.json_path}: {wrong.message[:400]} (in {str(body)[:300]})")


def check_response(response: httpx.Response) -> None:
    """The same of what a client got; a stream that nobody has read is not read here."""
    request = response.request
    if request.url.host == PROVIDER_HOST or "renga-provider" in response.headers:
        return
    if not response.is_closed or not hasattr(response, "_content"):
        return
    media_type = response.headers.get("content-type", "").partition(";")[0].strip()
    path = request.url.raw_path.decode("ascii").partition("?")[0]
    body = b"" if request.method == "HEAD" else response.content
    check(request.method, path, response.status_code, media_type, body)
