"""All routes of the storefront, as Litestar handlers."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from renga.domains.cart.contract import Carts
from renga.domains.catalog.contract import Catalog
from renga.domains.pricing.contract import Pricing
from renga.domains.search.contract import Search
from renga.frontends.web.access import PAGES
from renga.frontends.web.account_exchange import AccountRoutes
from renga.frontends.web.identity_pages import IdentityPages
from renga.frontends.web.pages import (
    account,
    cart,
    category,
    currency,
    gate,
    home,
    preferences,
    problems,
    product,
    robots,
)
from renga.frontends.web.pages import search as search_pages
from renga.frontends.web.request_session import session_reader
from renga.frontends.web.same_origin import guard_of
from renga.frontends.web.shop import Shop, open_shop
from renga.kernel.clock import Clock, SystemClock
from renga.platform.http.gate import OPEN
from renga.platform.settings import PlatformSettings


def routes(
    catalog: Catalog,
    carts: Carts,
    *,
    settings: PlatformSettings,
    clock: Clock | None = None,
    identity: IdentityPages | None = None,
    search: Search | None = None,
    pricing: Pricing | None = None,
) -> list[Router]:
    """The pages over the contracts. Of the settings only ``public_url``, ``host`` and ``port`` are read.

    Without ``identity`` the shop has no accounts: no login, and every cart is a guest's.
    Without ``search`` there is no search page, without ``pricing`` no estimate on the cart page.

    Pictures are loaded from the catalogue's URLs; ``/media/demo/*`` belongs to another module.
    """
    shop = open_shop(catalog, carts, settings, clock or SystemClock(), identity, search, pricing)
    guards = [guard_of(shop.base)]
    pages = [
        *home.handlers(shop),
        *category.handlers(shop),
        *search_pages.handlers(shop),
        *product.handlers(shop),
        *cart.handlers(shop, guards),
        *currency.handlers(shop, guards),
        *preferences.handlers(shop, guards),
        *_account_pages(shop, guards),
        *robots.handlers(shop),
        *problems.handlers(shop),
        *_static(shop),
    ]
    read_session = session_reader(identity.sessions, shop.names, shop.jar) if identity and shop.names else None
    return [
        Router(
            path="/",
            route_handlers=pages,
            exception_handlers=problems.exception_handlers(shop),
            before_request=read_session,
            opt={"access": PAGES},
        )
    ]


def _account_pages(shop: Shop, guards: list[Any]) -> list[Any]:
    if shop.identity is None:
        return []
    account_routes = AccountRoutes(shop, shop.identity, guards)
    return [handler for handlers in (*gate.PAGES, *account.PAGES) for handler in handlers(account_routes)]


def _static(shop: Shop) -> list[Any]:
    @get("/static/{name:str}", include_in_schema=False, cache=False, opt=OPEN)
    async def static(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        return shop.assets.answer(name, request)

    return [static]
