"""Pages for what went wrong: not found, gone, refused, and the cart's moment of rest with a way to try again."""

from typing import Any, Literal

import structlog
from litestar import Request, Response, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from renga.kernel.errors import (
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    OutcomeUnknown,
    PreconditionFailed,
    RengaError,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)
from renga.web.basket import Basket
from renga.web.errors import PageNotFound
from renga.web.forms import local_path, posted
from renga.web.page import Page
from renga.web.shop import Shop
from renga.web.views import tile_of
from renga.web.visitor import visitor_of

log = structlog.get_logger(__name__)

Kind = Literal["variant", "missing", "gone", "refused", "cross_site", "cart_away", "unsure", "away", "broken"]
KINDS: tuple[Kind, ...] = (
    "variant",
    "missing",
    "gone",
    "refused",
    "cross_site",
    "cart_away",
    "unsure",
    "away",
    "broken",
)

#: The nearest ancestor decides.
_STATUSES: dict[type[RengaError], int] = {
    Unprocessable: 422,
    Invalid: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    PreconditionFailed: 412,
    TooLarge: 413,
    Unavailable: 503,
}


def status_of(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.status_code
    return next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), 500)


def kind_of(error: Exception, status: int) -> Kind:
    """Which page tells of the error."""
    if isinstance(error, Unavailable):
        if isinstance(error, OutcomeUnknown):
            return "unsure"
        return "cart_away" if error.code == "store_unavailable" else "away"
    if isinstance(error, RengaError) and error.code in ("variant_not_found", "cross_site_request"):
        return "variant" if error.code == "variant_not_found" else "cross_site"
    if status >= 500:
        return "broken"
    return "missing" if status == 404 else "gone" if status == 410 else "refused"


def handlers(_: Shop) -> list[Any]:
    @get("/{page:str}", include_in_schema=False)
    async def nowhere(page: FromPath[str]) -> Response[bytes]:
        raise PageNotFound(page)

    return [nowhere]


def exception_handlers(shop: Shop) -> dict[int | type[Exception], Any]:
    """Every exception under the storefront becomes a page in the visitor's language.

    Each class that the application itself answers (as a problem document) must be named: the nearest class wins.
    """

    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        status = status_of(error)
        if status == 500:
            log.error("page_failed", path=request.url.path, exc_info=error)
        return _problem_page(shop, request, kind_of(error, status), status, error)

    return dict.fromkeys((RengaError, HTTPException, Exception), answer)


def _problem_page(
    shop: Shop, request: Request[Any, Any, Any], kind: Kind, status: int, error: Exception
) -> Response[bytes]:
    visitor = visitor_of(request)
    tiles = tuple(tile_of(category, visitor.language) for category in shop.shelf.categories_seen())
    page = Page(shop=shop, visitor=visitor, basket=Basket(trouble="away"), tiles=tiles)
    read = request.method in ("GET", "HEAD")
    response = page.answer(
        "problem.html",
        path="/",
        status=status,
        back=local_path(visitor.path) if read else "/",
        robots="noindex",
        kind=kind,
        again=local_path(request.url.path),
        fields=None if read else posted(request),
    )
    if isinstance(error, Unavailable):
        response.headers["retry-after"] = str(error.retry_after_s)
    return response
