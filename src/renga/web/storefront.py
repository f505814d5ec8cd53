"""The storefront's front door: everything a browser may ask of the shop, as Litestar handlers."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from renga.cart.contract import Carts
from renga.catalog.contract import Catalog
from renga.kernel.clock import Clock, SystemClock
from renga.platform.settings import PlatformSettings
from renga.web.pages import cart, category, currency, home, preferences, problems, product
from renga.web.same_origin import guard_of
from renga.web.shop import Shop, open_shop


def routes(catalog: Catalog, carts: Carts, *, settings: PlatformSettings, clock: Clock | None = None) -> list[Router]:
    """The pages over two contracts. Of the settings only ``public_url``, ``host`` and ``port`` are read.

    Products' pictures are shown from the addresses that the catalogue names; ``/media/demo/*`` is another room's.
    """
    shop = open_shop(catalog, carts, settings, clock or SystemClock())
    guards = [guard_of(shop.base)]
    pages = [
        *home.handlers(shop),
        *category.handlers(shop),
        *product.handlers(shop),
        *cart.handlers(shop, guards),
        *currency.handlers(shop, guards),
        *preferences.handlers(shop, guards),
        *problems.handlers(shop),
        *_static(shop),
    ]
    return [Router(path="/", route_handlers=pages, exception_handlers=problems.exception_handlers(shop))]


def _static(shop: Shop) -> list[Any]:
    @get("/static/{name:str}", include_in_schema=False, cache=False)
    async def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        return shop.assets.answer(name, request)

    return [static]
