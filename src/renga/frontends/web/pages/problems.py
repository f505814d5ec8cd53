"""Error pages: not found, gone, refused, and unavailable with a retry."""

from typing import Any, Literal, get_args

import structlog
from litestar import Request, Response, get
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from renga.frontends.web.basket import Basket
from renga.frontends.web.errors import PageNotFound
from renga.frontends.web.forms import local_path, posted
from renga.frontends.web.page import Page
from renga.frontends.web.pages import leads
from renga.frontends.web.shop import Shop
from renga.frontends.web.views import tile_of
from renga.frontends.web.visitor import visitor_of
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
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)

log = structlog.get_logger(__name__)

Kind = Literal[
    "variant",
    "missing",
    "gone",
    "refused",
    "cross_site",
    "stale",
    "hurried",
    "cart_away",
    "account_away",
    "unsure",
    "away",
    "broken",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

#: The nearest base class decides.
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
    TooManyRequests: 429,
    Unavailable: 503,
}


def status_of(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.status_code
    return next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), 500)


#: Refusals with their own page, by code.
_OWN_PAGES: dict[str, Kind] = {
    "variant_not_found": "variant",
    "cross_site_request": "cross_site",
    "form_stale": "stale",
    "csrf_token_wrong": "stale",
    "rate_limited": "hurried",
}


def kind_of(error: Exception, status: int, *, private: bool = False) -> Kind:
    """The error page for an error; ``private``: it happened on an account page."""
    if isinstance(error, Unavailable):
        if isinstance(error, OutcomeUnknown):
            return "unsure"
        if private or error.code == "sessions_unavailable":
            return "account_away"
        return "cart_away" if error.code == "store_unavailable" else "away"
    if isinstance(error, RengaError) and error.code in _OWN_PAGES:
        return _OWN_PAGES[error.code]
    if status >= 500:
        return "broken"
    return "missing" if status == 404 else "gone" if status == 410 else "refused"


def handlers(_: Shop) -> list[Any]:
    @get("/{page:str}", include_in_schema=False)
    async def nowhere(page: FromPath[str]) -> Response[bytes]:
        raise PageNotFound(page)

    return [nowhere]


def exception_handlers(shop: Shop) -> dict[int | type[Exception], Any]:
    """Turns every exception of the storefront into a page in the visitor's language.

    Each class with a handler of the application (which answers a problem document) must be listed: the nearest class wins.
    """

    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        status = status_of(error)
        if status == 500:
            log.error("page_failed", path=request.url.path, exc_info=error)
        kind = kind_of(error, status, private=request.state.get("private", False))
        return _problem_page(shop, request, kind, status, error)

    return dict.fromkeys((RengaError, HTTPException, Exception), answer) | leads.exception_handlers(shop)


def _problem_page(
    shop: Shop, request: Request[Any, Any, Any], kind: Kind, status: int, error: Exception
) -> Response[bytes]:
    visitor = visitor_of(request, shop.languages)
    tiles = tuple(tile_of(category, visitor.language) for category in shop.home_catalogue.categories_seen())
    page = Page(shop=shop, visitor=visitor, basket=Basket(trouble="away"), tiles=tiles)
    read = request.method in ("GET", "HEAD")
    response = page.answer(
        "problem.html",
        path="/",
        status=status,
        back=local_path(visitor.path) if read else request.state.get("back", "/"),
        robots="noindex",
        kind=kind,
        again=local_path(request.url.path),
        fields=None if read else posted(request),
        private=request.state.get("private", False),
    )
    if isinstance(error, Unavailable | TooManyRequests):
        response.headers["retry-after"] = str(error.retry_after_s)
    return response
