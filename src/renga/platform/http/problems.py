"""Errors as problem details (RFC 9457): every error response is made here, with its stable ``code``."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException, ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types.empty import Empty
from litestar.utils.scope.state import ScopeState

from renga.kernel import errors
from renga.kernel.members import invalid
from renga.platform.auth.challenges import challenges

log = structlog.get_logger(__name__)

CONTENT_TYPE = "application/problem+json"

#: The HTTP status of each branch of the error tree; the nearest base class counts.
STATUS: dict[type[errors.RengaError], int] = {
    errors.RengaError: 500,
    errors.Invalid: 400,
    errors.Unprocessable: 422,
    errors.Unauthenticated: 401,
    errors.PaymentRequired: 402,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
}


class RouteNotFound(errors.NotFound):
    code = "route_not_found"
    title = "There is nothing at this address"


class MethodNotAllowed(errors.Invalid):
    code = "method_not_allowed"
    title = "This address does not take this method"


class UnsupportedMediaType(errors.Invalid):
    code = "unsupported_media_type"
    title = "The body must be application/json"


class InvalidJson(errors.Invalid):
    code = "invalid_json"
    title = "The body is not valid JSON"


class UnknownParameter(errors.Invalid):
    """The query has a parameter that this operation does not take; nothing was done."""

    code = "unknown_parameter"
    title = "The query has a parameter that is not known here"


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A problem document (RFC 9457). ``code`` is stable; further members depend on the code."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str = ""


STATUS[MethodNotAllowed] = 405
STATUS[UnsupportedMediaType] = 415


def status_of(error: type[errors.RengaError]) -> int:
    """The HTTP status of an error class."""
    return next(STATUS[base] for base in error.__mro__ if base in STATUS)


def by_status(found: Iterable[type[errors.RengaError]]) -> dict[int, str]:
    """The description of an operation's errors: for each status the codes and their titles."""
    texts: dict[int, list[str]] = {}
    for error in found:
        texts.setdefault(status_of(error), []).append(f"`{error.code}`: {error.title}")
    return {status: "; ".join(lines) for status, lines in texts.items()}


def problems(*found: type[errors.RengaError]) -> Mapping[int, ResponseSpec]:
    """The ``responses`` of a Litestar handler with these errors."""
    return {
        status: ResponseSpec(Problem, description=text, media_type=CONTENT_TYPE, generate_examples=False)
        for status, text in by_status(found).items()
    }


def document(error: errors.RengaError, request_id: str) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    """Status, body and extra headers of an error."""
    status = status_of(type(error))
    problem: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": status,
        "detail": error.detail,
        "code": error.code,
    }
    problem |= {name: value for name, value in error.extra.items() if name not in problem}
    if request_id:
        problem["request_id"] = request_id
    headers: list[tuple[bytes, bytes]] = []
    if isinstance(error, (errors.Unavailable, errors.TooManyRequests)):
        headers.append((b"retry-after", str(error.retry_after_s).encode()))
    if asked := challenges(error):
        headers.append((b"www-authenticate", b", ".join(asked)))
    if "allow" in error.extra:
        headers.append((b"allow", with_head(str(error.extra["allow"])).encode()))
    return status, msgspec.json.encode(problem), headers


def with_head(allow: str) -> str:
    """The methods of an ``Allow`` header, sorted, with HEAD where there is GET: the edge answers it (RFC 9110 §10.2.1)."""
    methods = {name.strip() for name in allow.split(",") if name.strip()}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def unexpected(error: BaseException) -> errors.RengaError:
    """The problem document of an unexpected error: it reveals nothing; the details are in the log."""
    log.error("request_failed", exc_info=error)
    return errors.RengaError("something went wrong here; the request id finds it in our log")


def _respond(error: errors.RengaError, request: Request[Any, Any, Any]) -> Response[bytes]:
    status, body, headers = document(error, str(request.scope.get("renga_request_id", "")))
    return Response(
        body,
        status_code=status,
        media_type=CONTENT_TYPE,
        headers={name.decode(): value.decode() for name, value in headers},
    )


def on_renga_error(request: Request[Any, Any, Any], error: errors.RengaError) -> Response[bytes]:
    return _respond(error, request)


def on_http_exception(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    wrong = _wrong_member(request) if isinstance(error, ValidationException) else None
    return _respond(wrong or _of_litestar(error), request)


def on_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    return _respond(unexpected(error), request)


def _wrong_member(request: Request[Any, Any, Any]) -> errors.RengaError | None:
    """The invalid member of a body that Litestar decoded, with its path; None for any other error."""
    body = ScopeState.from_scope(request.scope).json
    declared = request.route_handler.parsed_data_field
    if body is Empty or declared is None:
        return None
    try:
        msgspec.convert(body, declared.annotation, strict=False)
    except msgspec.ValidationError as error:
        return invalid(error, body, declared.annotation, strict=False)
    return None


def _of_litestar(error: HTTPException) -> errors.RengaError:
    if isinstance(error, NotFoundException):
        return RouteNotFound()
    if isinstance(error, MethodNotAllowedException):
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        return MethodNotAllowed(allow=", ".join(sorted(headers.get("allow", "").split(", "))))
    if isinstance(error, ValidationException):
        problems = error.extra if isinstance(error.extra, list) else []
        what = "; ".join(f"{p.get('key', 'body')}: {p.get('message', '')}" for p in problems if isinstance(p, dict))
        field = {"field": problems[0]["key"]} if len(problems) == 1 and "key" in problems[0] else {}
        return errors.Invalid(what or error.detail, **field)
    if error.status_code == 413:
        return errors.TooLarge(error.detail)
    if 400 <= error.status_code < 500:
        return errors.Invalid(error.detail)
    return unexpected(error)


EXCEPTION_HANDLERS: dict[int | type[Exception], Any] = {
    errors.RengaError: on_renga_error,
    HTTPException: on_http_exception,
    Exception: on_unexpected,
}
