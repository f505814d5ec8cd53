"""Change the currency of a cart with lines: shows the price changes, and sets the cart's terms after confirmation."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery

from renga.domains.cart.contract import CurrencyUnavailable, VariantNotAvailable
from renga.domains.catalog.contract import OFFERS_MAX
from renga.frontends.web import cookies
from renga.frontends.web.basket import Basket, change_currency, read_basket
from renga.frontends.web.cart_view import Conversion, conversions
from renga.frontends.web.errors import FormInvalid
from renga.frontends.web.flash import Flash
from renga.frontends.web.forms import BODY_MAX_BYTES, operation_key, read_form
from renga.frontends.web.page import open_page, redirect
from renga.frontends.web.shop import Shop
from renga.frontends.web.visitor import CURRENCIES, visitor_of
from renga.kernel.money import Money


def handlers(shop: Shop, guards: list[Any]) -> list[Any]:
    @get("/cart/currency", include_in_schema=False)
    async def offer(request: Request[Any, Any, Any], to: FromQuery[str] = "") -> Response[bytes]:
        return await _offer(shop, request, to)

    @post("/cart/currency", include_in_schema=False, guards=guards, request_max_body_size=BODY_MAX_BYTES)
    async def accept(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _accept(shop, request)

    return [offer, accept]


async def _offer(shop: Shop, request: Request[Any, Any, Any], to: str) -> Response[bytes]:
    basket = await read_basket(shop.carts, visitor_of(request, shop.languages))
    if not _movable(basket, to) or basket.cart is None:
        return redirect(shop, "/cart")
    held = (*basket.cart.lines, *basket.cart.saved)
    offers = await shop.catalog.offers([line.sku for line in held][:OFFERS_MAX])
    page = await open_page(shop, request, basket=basket)
    lines = conversions(basket.cart.lines, offers, to, page.visitor.language)
    saved = conversions(basket.cart.saved, offers, to, page.visitor.language)
    return page.answer(
        "currency.html",
        path="/cart/currency",
        back=f"/cart/currency?to={to}",
        robots="noindex",
        to=to,
        lines=lines,
        unsold=[line for line in (*lines, *saved) if line.after is None],
        before=basket.cart.totals.total,
        after=_sum(lines, to),
    )


def _movable(basket: Basket, to: str) -> bool:
    return basket.has_lines and basket.cart is not None and to in CURRENCIES and to != basket.cart.currency


def _sum(lines: tuple[Conversion, ...], currency: str) -> Money:
    return Money(sum(line.after.amount for line in lines if line.after), currency)


async def _accept(shop: Shop, request: Request[Any, Any, Any]) -> Response[bytes]:
    fields = await read_form(request)
    to = fields.get("to", "")
    if to not in CURRENCIES:
        raise FormInvalid
    visitor = visitor_of(request, shop.languages)
    basket = await read_basket(shop.carts, visitor)
    if not _movable(basket, to) or basket.cart is None:
        return redirect(shop, "/cart")
    key = f"{operation_key(fields, shop.new_key)}:{to}"
    try:
        await change_currency(shop.carts, visitor, basket.cart, to, key)
    except (CurrencyUnavailable, VariantNotAvailable):
        return redirect(shop, "/cart", Flash("currency_kept"))
    response = redirect(shop, "/cart", Flash("currency_changed"))
    shop.jar.put(response, cookies.CURRENCY, to)
    return response
