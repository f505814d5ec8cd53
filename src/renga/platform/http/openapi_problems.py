"""Problem details in the OpenAPI document: the codes of each error status of an operation."""

import re
from typing import Any

from renga.kernel.errors import Invalid, RengaError, TooLarge, TooManyRequests, Unauthenticated, Unavailable
from renga.platform.auth.access import PUBLIC, Access, InsufficientScope
from renga.platform.auth.authenticate import AmbiguousCredentials, CredentialInvalid
from renga.platform.auth.dpop import ProofInvalid
from renga.platform.cards.refusal import CardNumberRefused
from renga.platform.http.problems import CONTENT_TYPE, InvalidJson, UnknownParameter, UnsupportedMediaType, by_status
from renga.platform.json_bounds import JsonTooComplex
from renga.platform.mongo.away import DocumentStoreUnavailable
from renga.platform.postgres.errors import DatabaseUnavailable
from renga.platform.sessions.csrf import CrossSiteRequest, CsrfTokenWrong

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
#: A code as ``by_status`` writes it.
_CODE = re.compile(r"`([a-z0-9_]+)`: ")

#: The gate's errors, possible for every request.
_GATE = (
    Invalid,
    UnknownParameter,
    CardNumberRefused,
    AmbiguousCredentials,
    Unauthenticated,
    CredentialInvalid,
    ProofInvalid,
    TooManyRequests,
    RengaError,
    Unavailable,
    DatabaseUnavailable,
    DocumentStoreUnavailable,
)
_BODY = (TooLarge, UnsupportedMediaType, InvalidJson, JsonTooComplex)


def describe(operation: dict[str, Any], method: str, access: Access) -> None:
    """Describe every error of an operation as a problem document, with the enumeration of its possible codes."""
    responses = operation["responses"]
    texts = {status: responses.pop(status) for status in [*responses] if status >= "400"}
    lines = {status: _lines(answer.get("description", "")) for status, answer in texts.items()}
    for status, text in by_status(_common(operation, method, access)).items():
        kept = lines.setdefault(str(status), [])
        there = {one.partition(": ")[0] for one in kept}
        kept += [line for line in _lines(text) if line.partition(": ")[0] not in there]
    for status, found in sorted(lines.items()):
        own = _own_content(texts.get(status, {}))
        if found:
            own[CONTENT_TYPE] = {"schema": _one_of(found)}
            responses[status] = {"description": "; ".join(found), "content": own}


def _own_content(answer: dict[str, Any]) -> dict[str, Any]:
    """A handler's own schema for an error status (a reference to a component); the framework's default errors have none."""
    content = answer.get("content", {}).items()
    return {name: one for name, one in content if "$ref" in one.get("schema", {}) and one["schema"] != _PROBLEM}


def _lines(text: str) -> list[str]:
    """The codes with their titles; empty for the framework's own descriptions."""
    starts = [match.start() for match in _CODE.finditer(text)]
    ends = [*starts[1:], len(text)]
    return [text[start:end].removesuffix("; ") for start, end in zip(starts, ends, strict=False)]


def _common(operation: dict[str, Any], method: str, access: Access) -> list[type[RengaError]]:
    found: list[type[RengaError]] = [*_GATE]
    if access != PUBLIC:
        found.append(InsufficientScope)
    if method.upper() not in ("GET", "HEAD"):
        found += [CrossSiteRequest, CsrfTokenWrong]
    if "requestBody" in operation:
        found += _BODY
    return found


def _one_of(lines: list[str]) -> dict[str, Any]:
    codes = sorted({code for line in lines for code in _CODE.findall(line)[:1]})
    return {"allOf": [_PROBLEM, {"type": "object", "properties": {"code": {"type": "string", "enum": codes}}}]}
