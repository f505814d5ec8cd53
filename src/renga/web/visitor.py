"""Who asks: language, currency, cart and pending message, read from cookies and headers that may hold anything."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request

from renga.kernel.ids import canonical_uuid
from renga.kernel.languages import LANGUAGES, shop_language
from renga.web import cookies
from renga.web.flash import Flash, decode

CURRENCIES = ("BRL", "USD")
DEFAULT_CURRENCY = "BRL"


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """``chosen_language`` is set when the address itself names a language (``?lang=en``, the hreflang alternates)."""

    language: str
    currency: str
    cart_id: str | None
    flash: Flash | None
    path: str
    chosen_language: str | None = None


def visitor_of(request: Request[Any, Any, Any]) -> Visitor:
    jar = request.cookies
    asked = request.query_params.get("lang")
    kept = jar.get(cookies.LANGUAGE)
    chosen = asked if asked in LANGUAGES and asked != kept else None
    language = chosen or (kept if kept in LANGUAGES else None)
    currency = jar.get(cookies.CURRENCY)
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "lang"])
    return Visitor(
        language=language or shop_language(request.headers.get("accept-language", "")),
        currency=currency if currency in CURRENCIES else DEFAULT_CURRENCY,
        cart_id=canonical_uuid(jar.get(cookies.CART, "")),
        flash=decode(jar.get(cookies.FLASH)),
        path=f"{request.url.path}?{query}" if query else request.url.path,
        chosen_language=chosen,
    )
