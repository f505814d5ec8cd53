"""One page for one visitor: the data of its frame, and the response with the headers of a personal page."""

import asyncio
from typing import Any

import msgspec
import structlog
from litestar import Request, Response

from renga.domains.catalog.contract import Category, PriceTerms
from renga.frontends.web import cookies
from renga.frontends.web.basket import Basket, currency_of, find_basket
from renga.frontends.web.flash import Flash, encode
from renga.frontends.web.formats import date_text, money_text
from renga.frontends.web.i18n import Translator
from renga.frontends.web.shop import Shop
from renga.frontends.web.social import social_image
from renga.frontends.web.views import Tile, tile_of
from renga.frontends.web.visitor import CURRENCIES, Visitor, visitor_of
from renga.kernel.clock import rfc3339
from renga.kernel.errors import Unavailable
from renga.kernel.money import Money
from renga.platform.telemetry.degraded import count_degraded

log = structlog.get_logger(__name__)

NAVIGATION_MAX = 8

#: A page shows a cart and holds single-use form keys: it is private, and going back must reload it.
_HEADERS = {
    "cache-control": "private, no-store",
    "vary": "Cookie, Accept-Language",
    "content-security-policy": "default-src 'self'; img-src 'self' https: data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
}


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A visitor at a page, with their cart, their verified customer groups and the shop's categories."""

    shop: Shop
    visitor: Visitor
    basket: Basket
    tiles: tuple[Tile, ...]
    groups: tuple[str, ...] = ()

    @property
    def t(self) -> Translator:
        return self.shop.translators[self.visitor.language]

    @property
    def currency(self) -> str:
        return currency_of(self.basket, self.visitor)

    @property
    def now(self) -> str:
        """The time of the prices shown."""
        return rfc3339(self.shop.clock.now_ms())

    @property
    def terms(self) -> PriceTerms:
        """The terms of the prices shown."""
        return PriceTerms(currency=self.currency, at=self.now, groups=self.groups)

    def answer(self, template: str, *, path: str, status: int = 200, **context: Any) -> Response[bytes]:
        """Render a template; ``path`` is the page's canonical address in this shop."""
        body = self.shop.templates.render(template, self._frame(path) | context)
        response = Response(body, status_code=status, headers=_HEADERS, media_type="text/html")
        if self.visitor.flash:
            self.shop.jar.drop(response, cookies.FLASH)
        if self.visitor.chosen_language:
            self.shop.jar.put(response, cookies.LANGUAGE, self.visitor.chosen_language)
        return response

    def _frame(self, path: str) -> dict[str, Any]:
        shop, language = self.shop, self.visitor.language

        def money(amount: Money) -> str:
            return money_text(amount, language)

        cart = self.basket.cart
        return {
            "t": self.t,
            "language": language,
            "languages": shop.language_names,
            "direction": self.t.direction,
            "currency": self.currency,
            "currencies": CURRENCIES,
            "money": money,
            "date": lambda moment: date_text(moment, language),
            "navigation": [tile for tile in self.tiles if tile.parent is None][:NAVIGATION_MAX],
            "item_count": cart.counts.items if cart and cart.state != "completed" else 0,
            "flash": self.visitor.flash,
            "here": path,
            "back": self.visitor.path,
            "canonical": shop.address_in(path, language),
            "alternates": [(tag, shop.address_in(path, tag)) for tag in shop.languages],
            "default_address": f"{shop.base}{path}",
            "base": shop.base,
            "accounts": shop.identity is not None,
            "searchable": shop.search is not None,
            "who_name": self.visitor.name,
            "logged_in": self.visitor.account_id is not None,
            "csrf": self.visitor.csrf,
            "robots": None,
            "social_image": social_image(shop, None),
        }


async def open_page(shop: Shop, request: Request[Any, Any, Any], *, basket: Basket | None = None) -> Page:
    """Load the visitor, their cart (unless given), their groups and the categories. An outage of any is no error here."""
    visitor = visitor_of(request, shop.languages)
    categories, found, groups = await asyncio.gather(
        _categories(shop), _basket(shop, visitor, basket), _groups(shop, visitor)
    )
    tiles = tuple(tile_of(category, visitor.language) for category in categories)
    return Page(shop=shop, visitor=visitor, basket=found, tiles=tiles, groups=groups)


async def _basket(shop: Shop, visitor: Visitor, known: Basket | None) -> Basket:
    return known if known is not None else await find_basket(shop.carts, visitor)


async def _groups(shop: Shop, visitor: Visitor) -> tuple[str, ...]:
    """Without them the page has a guest's prices."""
    if shop.identity is None or visitor.account_id is None:
        return ()
    try:
        return (await shop.identity.facts.facts(visitor.caller)).groups
    except Unavailable as error:
        log.warning("page_without_groups", code=error.code)
        count_degraded("buyer_facts")
        return ()


async def _categories(shop: Shop) -> tuple[Category, ...]:
    """Empty during an outage: the page's own call of the catalogue reports it."""
    try:
        return await shop.home_catalogue.categories()
    except Unavailable as error:
        log.warning("page_without_navigation", code=error.code)
        return ()


def redirect(shop: Shop, path: str, flash: Flash | None = None) -> Response[bytes]:
    """303 See Other (post/redirect/get), with an optional message for the next page."""
    headers = {"location": path, "cache-control": "no-store"}
    response = Response(b"", status_code=303, headers=headers, media_type="text/html")
    if flash:
        shop.jar.put(response, cookies.FLASH, encode(flash))
    return response
