"""A category (or the whole shop): its products, page by page with cursors."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from renga.catalog.contract import CategoryNotFound, CursorInvalid, ProductPage
from renga.web.forms import plausible
from renga.web.page import Page, open_page, redirect
from renga.web.shop import Shop
from renga.web.views import Tile, card_of

PAGE_SIZE = 12
_CURSOR_MAX_CHARS = 1_000


def handlers(shop: Shop) -> list[Any]:
    @get("/c", include_in_schema=False)
    async def everything(request: Request[Any, Any, Any], cursor: FromQuery[str | None] = None) -> Response[bytes]:
        return await _listing(shop, request, None, cursor)

    @get("/c/{slug:str}", include_in_schema=False)
    async def category(
        request: Request[Any, Any, Any], slug: FromPath[str], cursor: FromQuery[str | None] = None
    ) -> Response[bytes]:
        if not plausible(slug):
            raise CategoryNotFound
        return await _listing(shop, request, slug, cursor)

    return [everything, category]


async def _listing(
    shop: Shop, request: Request[Any, Any, Any], slug: str | None, cursor: str | None
) -> Response[bytes]:
    path = "/c" if slug is None else f"/c/{slug}"
    try:
        if cursor is not None and len(cursor) > _CURSOR_MAX_CHARS:
            raise CursorInvalid
        products = await shop.catalog.products(limit=PAGE_SIZE, cursor=cursor, category=slug)
    except CursorInvalid:
        return redirect(shop, path)
    page = await open_page(shop, request)
    return _answer(page, path, slug, cursor, products)


def _answer(page: Page, path: str, slug: str | None, cursor: str | None, products: ProductPage) -> Response[bytes]:
    here = next((tile for tile in page.tiles if tile.slug == slug), None)
    t = page.t
    return page.answer(
        "category.html",
        path=f"{path}?{urlencode({'cursor': cursor})}" if cursor else path,
        title=here.title if here else t("category.everything"),
        description=here.description if here else t("category.everything_description"),
        parent=_parent(here, page.tiles),
        children=[tile for tile in page.tiles if slug and tile.parent == slug],
        cards=[card_of(product, page.visitor.language, page.currency) for product in products.items],
        first=path if cursor else None,
        next=f"{path}?{urlencode({'cursor': products.next})}" if products.next else None,
        social_image=here.image if here else None,
        current=path,
    )


def _parent(tile: Tile | None, tiles: tuple[Tile, ...]) -> Tile | None:
    return next((other for other in tiles if tile and other.slug == tile.parent), None)
