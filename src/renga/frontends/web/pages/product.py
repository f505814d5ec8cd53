"""A product: its picture and texts, the choice of a variant, and the form that adds it to the cart."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from renga.domains.catalog.contract import ProductNotFound
from renga.frontends.web.forms import plausible
from renga.frontends.web.page import open_page
from renga.frontends.web.product_view import product_view, structured_data
from renga.frontends.web.shop import Shop
from renga.frontends.web.social import social_image
from renga.platform.cards.declared import identifiers


def handlers(shop: Shop) -> list[Any]:
    @get("/p/{slug:str}", include_in_schema=False, opt=identifiers("sku"))
    async def product(
        request: Request[Any, Any, Any], slug: FromPath[str], sku: FromQuery[str | None] = None
    ) -> Response[bytes]:
        if not plausible(slug):
            raise ProductNotFound
        found = await shop.catalog.product(slug)
        page = await open_page(shop, request)
        types = await shop.catalog.product_types() if found.type else ()
        view = product_view(found, sku, page.terms, page.t, types=types)
        return page.answer(
            "product.html",
            path=view.url,
            product=view,
            home=next((tile for tile in page.tiles if tile.slug in view.categories), None),
            data=structured_data(
                found, view, page.visitor.language, f"{shop.base}{view.url}", shop.base, now_ms=shop.clock.now_ms()
            ),
            social_image=social_image(shop, view.image),
        )

    return [product]
