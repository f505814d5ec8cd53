"""The home page: the shop's picture, its categories, and products picked from all of them."""

from typing import Any

from litestar import Request, Response, get

from renga.frontends.web.page import open_page
from renga.frontends.web.shop import Shop
from renga.frontends.web.views import card_of

HERO = "/media/demo/hero.svg"
CATEGORIES_MAX = 12


def handlers(shop: Shop) -> list[Any]:
    @get("/", include_in_schema=False)
    async def home(request: Request[Any, Any, Any]) -> Response[bytes]:
        picks = await shop.home_catalogue.picks()
        page = await open_page(shop, request)
        terms = page.terms
        return page.answer(
            "home.html",
            path="/",
            hero=HERO,
            categories=[tile for tile in page.tiles if tile.parent is None][:CATEGORIES_MAX],
            picks=[card_of(product, page.visitor.language, terms) for product in picks],
        )

    return [home]
