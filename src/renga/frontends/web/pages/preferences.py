"""The language and currency switch. A cart with lines keeps its currency, so the visitor is asked first."""

from typing import Any

from litestar import Request, Response, post

from renga.frontends.web import cookies
from renga.frontends.web.basket import find_basket
from renga.frontends.web.forms import BODY_MAX_BYTES, local_path, read_form
from renga.frontends.web.page import redirect
from renga.frontends.web.shop import Shop
from renga.frontends.web.visitor import CURRENCIES, visitor_of


def handlers(shop: Shop, guards: list[Any]) -> list[Any]:
    @post("/preferences", include_in_schema=False, guards=guards, request_max_body_size=BODY_MAX_BYTES)
    async def preferences(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _choose(shop, request)

    return [preferences]


async def _choose(shop: Shop, request: Request[Any, Any, Any]) -> Response[bytes]:
    fields = await read_form(request)
    language, currency = fields.get("language"), fields.get("currency")
    back = local_path(fields.get("back", "/"))
    if currency in CURRENCIES and currency is not None:
        response = await _choose_currency(shop, request, currency, back)
    else:
        response = redirect(shop, back)
    if language in shop.languages and language is not None:
        shop.jar.put(response, cookies.LANGUAGE, language)
    return response


async def _choose_currency(shop: Shop, request: Request[Any, Any, Any], currency: str, back: str) -> Response[bytes]:
    basket = await find_basket(shop.carts, visitor_of(request, shop.languages))
    if basket.has_lines and basket.cart is not None and basket.cart.currency != currency:
        return redirect(shop, f"/cart/currency?to={currency}")
    response = redirect(shop, back)
    shop.jar.put(response, cookies.CURRENCY, currency)
    return response
