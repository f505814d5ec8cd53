"""Search: the page of results, and suggestions while typing."""

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.params import FromQuery

from renga.domains.search.contract import TEXT_CHARS_MAX, Suggestion
from renga.frontends.web.i18n import Translator
from renga.frontends.web.listing import CHANNEL, CURSOR_ERRORS, find, query_of
from renga.frontends.web.listing_page import asked, listing_context
from renga.frontends.web.page import Page, open_page, redirect
from renga.frontends.web.question import ListingQuestion, address
from renga.frontends.web.shop import Shop
from renga.frontends.web.visitor import visitor_of
from renga.kernel.errors import Unavailable
from renga.platform.telemetry.degraded import count_degraded

PATH = "/search"
SUGGESTIONS_MAX = 8
#: Timeout of suggestions: typing must not wait for a slow index.
SUGGEST_TIMEOUT_S = 1.0


class SearchHint(msgspec.Struct, frozen=True, kw_only=True):
    """One suggestion below the search field: text, kind, URL."""

    kind: str
    text: str
    url: str
    label: str = ""
    image: str | None = None


def handlers(shop: Shop) -> list[Any]:
    """Empty for a shop without search."""
    if shop.search is None:
        return []

    @get(PATH, include_in_schema=False)
    async def search(request: Request[Any, Any, Any]) -> Response[bytes]:
        page = await open_page(shop, request)
        return await _found(shop, request, page)

    @get(f"{PATH}/suggest", include_in_schema=False)
    async def suggest(request: Request[Any, Any, Any], q: FromQuery[str] = "") -> Response[bytes]:
        visitor = visitor_of(request, shop.languages)
        found = await _suggestions(shop, " ".join(q.split())[:TEXT_CHARS_MAX], visitor.language)
        hints = [_hint(one, shop.translators[visitor.language]) for one in found]
        headers = {"cache-control": "private, max-age=60", "vary": "Cookie, Accept-Language"}
        return Response(msgspec.json.encode(hints), headers=headers, media_type="application/json")

    return [search, suggest]


async def _found(shop: Shop, request: Request[Any, Any, Any], page: Page) -> Response[bytes]:
    assert shop.search is not None
    question = asked(request, page)
    query = query_of(question, page.visitor.language, page.currency)
    try:
        listing = await find(shop.catalog, shop.search, query)
    except CURSOR_ERRORS:
        return redirect(shop, address(PATH, msgspec.structs.replace(question, cursor=None), page.currency))
    return page.answer(
        "search.html",
        path=PATH,
        robots="noindex",
        corrected=listing.corrected,
        meant=listing.did_you_mean,
        meant_url=address(PATH, ListingQuestion(text=listing.did_you_mean or ""), page.currency),
        tiles=[tile for tile in page.tiles if tile.parent is None],
        **listing_context(page, PATH, question, listing),
    )


async def _suggestions(shop: Shop, text: str, language: str) -> tuple[Suggestion, ...]:
    """Empty while search is unavailable: the field still works."""
    assert shop.search is not None
    if not text:
        return ()
    try:
        async with asyncio.timeout(SUGGEST_TIMEOUT_S):
            return await shop.search.suggest(text, language=language, channel=CHANNEL, limit=SUGGESTIONS_MAX)
    except (Unavailable, TimeoutError):
        count_degraded("suggest")
        return ()


def _hint(one: Suggestion, t: Translator) -> SearchHint:
    if one.kind == "product" and one.slug:
        return SearchHint(kind=one.kind, text=one.text, url=f"/p/{one.slug}", image=one.image)
    if one.kind == "category" and one.slug:
        return SearchHint(kind=one.kind, text=one.text, url=f"/c/{one.slug}", label=t("facet.category"))
    label = t("facet.brand") if one.kind == "brand" else ""
    return SearchHint(kind=one.kind, text=one.text, url=address(PATH, ListingQuestion(text=one.text), ""), label=label)
