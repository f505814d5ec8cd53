"""The visitor: language, currency, cart, message and account, read from untrusted cookies and headers."""

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Request

from renga.frontends.web import cookies
from renga.frontends.web.flash import Flash, decode
from renga.frontends.web.request_session import request_session
from renga.kernel.caller import Caller
from renga.kernel.ids import canonical_uuid
from renga.kernel.languages import shop_language

CURRENCIES = ("BRL", "USD")
DEFAULT_CURRENCY = "BRL"


class Visitor(msgspec.Struct, frozen=True, kw_only=True):
    """``chosen_language`` is set if the URL names a language (``?lang=en``, the hreflang alternates).

    ``account_id`` owns the carts; ``csrf`` is the session's form token, if any; ``unsure``: the session store is
    unavailable, so it is unknown whether the visitor is logged in.
    """

    language: str
    currency: str
    cart_id: str | None
    flash: Flash | None
    path: str
    chosen_language: str | None = None
    account_id: str | None = None
    name: str = ""
    csrf: str = ""
    unsure: bool = False

    @property
    def caller(self) -> Caller:
        """The caller for carts. The storefront's pages treat everyone as a buyer and pass no further scopes."""
        return Caller(self.account_id)


def visitor_of(request: Request[Any, Any, Any], languages: tuple[str, ...]) -> Visitor:
    """``languages`` are the shop's languages."""
    jar = request.cookies
    asked = request.query_params.get("lang")
    kept = jar.get(cookies.LANGUAGE)
    chosen = asked if asked in languages and asked != kept else None
    language = chosen or (kept if kept in languages else None)
    currency = jar.get(cookies.CURRENCY)
    found = request_session(request)
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "lang"])
    return Visitor(
        language=language or shop_language(request.headers.get("accept-language", ""), languages),
        currency=currency if currency in CURRENCIES else DEFAULT_CURRENCY,
        cart_id=canonical_uuid(jar.get(cookies.CART, "")),
        flash=decode(jar.get(cookies.FLASH)),
        path=f"{request.url.path}?{query}" if query else request.url.path,
        chosen_language=chosen,
        account_id=found.account_id,
        name=found.name,
        csrf=found.csrf,
        unsure=found.away,
    )
