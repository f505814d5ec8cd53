"""The storefront's cookies: cart, session, preferences, one-time message. Their values are never trusted."""

from typing import Any, Literal

from litestar import Response
from litestar.datastructures import Cookie

from renga.platform.sessions import set_cookie
from renga.platform.sessions.cookies import secret_of

CART = "renga_cart"
LANGUAGE = "renga_language"
CURRENCY = "renga_currency"
FLASH = "renga_flash"
POSTAL_CODE = "renga_postal_code"

_CART_AGE_S = 90 * 24 * 3600
_CHOICE_AGE_S = 365 * 24 * 3600
_FLASH_AGE_S = 60
#: Long enough for one purchase: somebody else may use the browser tomorrow.
_POSTAL_CODE_AGE_S = 24 * 3600
_AGES_S = {
    CART: _CART_AGE_S,
    LANGUAGE: _CHOICE_AGE_S,
    CURRENCY: _CHOICE_AGE_S,
    FLASH: _FLASH_AGE_S,
    POSTAL_CODE: _POSTAL_CODE_AGE_S,
}

_SAME_SITE: Literal["lax"] = "lax"


class Jar:
    """Sets cookies with the shop's attributes; ``secure`` if the shop's public address is https."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure

    def session_in(self, header: str) -> str | None:
        """The session secret from a Cookie header."""
        return secret_of(header, secure=self._secure)

    def put_session(self, response: Response[Any], secret: str) -> None:
        response.set_cookie(set_cookie.keep(secret, secure=self._secure))

    def drop_session(self, response: Response[Any]) -> None:
        response.set_cookie(set_cookie.drop(secure=self._secure))

    def put(self, response: Response[Any], name: str, value: str) -> None:
        response.set_cookie(self._cookie(name, value, _AGES_S[name]))

    def drop(self, response: Response[Any], name: str) -> None:
        response.set_cookie(self._cookie(name, "", 0))

    def _cookie(self, name: str, value: str, age_s: int) -> Cookie:
        return Cookie(
            key=name, value=value, max_age=age_s, path="/", httponly=True, secure=self._secure, samesite=_SAME_SITE
        )
