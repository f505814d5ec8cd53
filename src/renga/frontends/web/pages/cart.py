"""The cart: show it with an estimate, change lines and coupon codes. Every post answers with a redirect."""

from typing import Any
from urllib.parse import quote

import structlog
from litestar import Request, Response, get, post
from litestar.params import FromPath

from renga.domains.cart.contract import Cart, CartNotFound, LineNotFound, NewLine, VariantNotFound
from renga.domains.catalog.contract import OFFERS_MAX, Catalog, Offer
from renga.frontends.web import cookies
from renga.frontends.web.basket import Added, add_to_basket, read_basket, write_of
from renga.frontends.web.cart_view import cart_view
from renga.frontends.web.errors import SessionsAway
from renga.frontends.web.estimates import POSTAL_CODE_MAX_CHARS
from renga.frontends.web.flash import Flash, of_error
from renga.frontends.web.forms import BODY_MAX_BYTES, Fields, operation_key, plausible, quantity, read_form
from renga.frontends.web.page import open_page, redirect
from renga.frontends.web.shop import Shop
from renga.frontends.web.visitor import Visitor, visitor_of
from renga.kernel.errors import RengaError, Unavailable, Unprocessable
from renga.platform.cards.declared import identifiers

log = structlog.get_logger(__name__)


def handlers(shop: Shop, guards: list[Any]) -> list[Any]:
    @get("/cart", include_in_schema=False)
    async def cart(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _show(shop, request)

    @post(
        "/cart/lines",
        include_in_schema=False,
        guards=guards,
        request_max_body_size=BODY_MAX_BYTES,
        opt=identifiers("sku"),
    )
    async def add(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _add(shop, visitor_of(request, shop.languages), await read_form(request))

    @post("/cart/lines/{line:str}", include_in_schema=False, guards=guards, request_max_body_size=BODY_MAX_BYTES)
    async def change(request: Request[Any, Any, Any], line: FromPath[str]) -> Response[bytes]:
        return await _change(shop, visitor_of(request, shop.languages), line, await read_form(request))

    @post("/cart/lines/{line:str}/remove", include_in_schema=False, guards=guards, request_max_body_size=BODY_MAX_BYTES)
    async def remove(request: Request[Any, Any, Any], line: FromPath[str]) -> Response[bytes]:
        return await _remove(shop, visitor_of(request, shop.languages), line, await read_form(request))

    @post("/cart/coupons", include_in_schema=False, guards=guards, request_max_body_size=BODY_MAX_BYTES)
    async def apply(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await _coupon(shop, visitor_of(request, shop.languages), await read_form(request))

    return [cart, add, change, remove, apply]


async def _show(shop: Shop, request: Request[Any, Any, Any]) -> Response[bytes]:
    basket = await read_basket(shop.carts, visitor_of(request, shop.languages))
    page = await open_page(shop, request, basket=basket)
    if basket.trouble == "gone":
        response = page.answer("cart_gone.html", path="/cart", status=410, robots="noindex")
        shop.jar.drop(response, cookies.CART)
        return response
    if basket.cart is None or not basket.has_lines:
        return page.answer("cart_empty.html", path="/cart", robots="noindex")
    view = cart_view(basket.cart, await known_offers(shop.catalog, basket.cart), page.visitor.language)
    asked = request.query_params.get("postal_code")
    postal_code = (asked if asked is not None else request.cookies.get(cookies.POSTAL_CODE, "")).strip()
    estimate = await shop.estimates.of(page.visitor.caller, basket.cart, postal_code[:POSTAL_CODE_MAX_CHARS])
    response = page.answer(
        "cart.html", path="/cart", cart=view, estimate=estimate, postal_code=postal_code, robots="noindex"
    )
    if asked is not None and estimate is not None and estimate.shipped:
        shop.jar.put(response, cookies.POSTAL_CODE, postal_code)
    return response


async def known_offers(catalog: Catalog, cart: Cart) -> dict[str, Offer] | None:
    """Present offers for a cart's lines; None while the catalogue is unavailable: the cart can be shown without."""
    try:
        return await catalog.offers([line.sku for line in cart.lines][:OFFERS_MAX])
    except Unavailable as error:
        log.warning("offers_unavailable", code=error.code)
        return None


async def _add(shop: Shop, visitor: Visitor, fields: Fields) -> Response[bytes]:
    sku = fields.get("sku", "")
    offer = (await shop.catalog.offers([sku])).get(sku) if plausible(sku) else None
    if offer is None:
        raise VariantNotFound
    back = f"/p/{offer.slug}?sku={quote(sku, safe='')}"
    key = operation_key(fields, shop.new_key)
    try:
        line = NewLine(sku=sku, quantity=quantity(fields))
        added = await add_to_basket(shop.carts, visitor, line, key)
    except RengaError as error:
        return _refused(shop, error, back)
    return _accepted(shop, added, back)


def _accepted(shop: Shop, added: Added, back: str) -> Response[bytes]:
    response = redirect(shop, back, Flash("added_fresh" if added.fresh else "added"))
    shop.jar.put(response, cookies.CART, added.cart_id)
    return response


def _refused(shop: Shop, error: RengaError, back: str) -> Response[bytes]:
    """Redirect to the form with a message; an error without a message is re-raised and gets an error page."""
    flash = of_error(error)
    if flash is None:
        raise error
    log.info("form_refused", code=error.code)
    return redirect(shop, back, flash)


async def _change(shop: Shop, visitor: Visitor, line: str, fields: Fields) -> Response[bytes]:
    try:
        cart_id = _own_line(visitor, line)
        write = write_of(visitor, operation_key(fields, shop.new_key))
        await shop.carts.set_quantity(visitor.caller, cart_id, line, quantity(fields), write)
    except RengaError as error:
        return _refused(shop, error, "/cart")
    return redirect(shop, "/cart", Flash("updated"))


async def _remove(shop: Shop, visitor: Visitor, line: str, fields: Fields) -> Response[bytes]:
    try:
        cart_id = _own_line(visitor, line)
        write = write_of(visitor, operation_key(fields, shop.new_key))
        await shop.carts.remove_line(visitor.caller, cart_id, line, write)
    except RengaError as error:
        return _refused(shop, error, "/cart")
    return redirect(shop, "/cart", Flash("removed"))


async def _coupon(shop: Shop, visitor: Visitor, fields: Fields) -> Response[bytes]:
    """Apply the code of the form, or remove the one that its button names."""
    write = write_of(
        visitor, f"{operation_key(fields, shop.new_key)}:{fields.get('code', fields.get('remove', ''))[:40]}"
    )
    try:
        cart_id = _own_cart(visitor)
        if "remove" in fields:
            await shop.carts.remove_coupon(visitor.caller, cart_id, fields["remove"], write)
        else:
            await shop.carts.apply_coupon(visitor.caller, cart_id, fields.get("code", ""), write)
    except Unprocessable as error:
        return redirect(shop, "/cart", of_error(error) or Flash("coupon_invalid"))
    except RengaError as error:
        return _refused(shop, error, "/cart")
    return redirect(shop, "/cart", Flash("updated"))


def _own_cart(visitor: Visitor) -> str:
    if visitor.cart_id is None:
        raise CartNotFound
    if visitor.unsure:
        raise SessionsAway
    return visitor.cart_id


def _own_line(visitor: Visitor, line: str) -> str:
    cart_id = _own_cart(visitor)
    if not plausible(line):
        raise LineNotFound
    return cart_id
