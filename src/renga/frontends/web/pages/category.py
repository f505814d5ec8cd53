"""A category (or the whole shop): its products, filtered, sorted and paged by search."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from renga.domains.catalog.contract import CategoryNotFound
from renga.frontends.web.forms import plausible
from renga.frontends.web.listing import CURSOR_ERRORS, category_listing
from renga.frontends.web.listing_page import asked, listing_context
from renga.frontends.web.page import open_page, redirect
from renga.frontends.web.question import address
from renga.frontends.web.shop import Shop
from renga.frontends.web.social import social_image
from renga.frontends.web.views import Tile


def handlers(shop: Shop) -> list[Any]:
    @get("/c", include_in_schema=False)
    async def everything(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _listing(shop, request, None)

    @get("/c/{slug:str}", include_in_schema=False)
    async def category(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[bytes]:
        if not plausible(slug):
            raise CategoryNotFound
        return await _listing(shop, request, slug)

    return [everything, category]


async def _listing(shop: Shop, request: Request[Any, Any, Any], slug: str | None) -> Response[bytes]:
    page = await open_page(shop, request)
    path = "/c" if slug is None else f"/c/{slug}"
    if slug is not None and all(tile.slug != slug for tile in page.tiles):
        # a new or an unknown category: ask the catalogue
        await shop.catalog.products(limit=1, category=slug)
    question = asked(request, page)
    try:
        listing = await category_listing(
            shop.catalog, shop.search, question, slug, language=page.visitor.language, currency=page.currency
        )
    except CURSOR_ERRORS:
        return redirect(shop, path)
    here = next((tile for tile in page.tiles if tile.slug == slug), None)
    t = page.t
    plain = question.is_plain
    return page.answer(
        "category.html",
        path=address(path, question, page.currency) if plain else path,
        title=here.title if here else t("category.everything") if slug is None else slug,
        description=here.description if here else t("category.everything_description") if slug is None else "",
        parent=_parent(here, page.tiles),
        children=[tile for tile in page.tiles if slug and tile.parent == slug],
        social_image=social_image(shop, here.image if here else None),
        robots=None if plain else "noindex",
        **listing_context(page, path, question, listing),
    )


def _parent(tile: Tile | None, tiles: tuple[Tile, ...]) -> Tile | None:
    return next((other for other in tiles if tile and other.slug == tile.parent), None)
