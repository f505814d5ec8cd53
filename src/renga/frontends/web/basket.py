"""Cart operations of a visitor over the cart's contract: find it, add to it, change its currency."""

from typing import Literal

import msgspec
import structlog

from renga.domains.cart.contract import (
    Cart,
    CartAlreadyCompleted,
    CartHasExpired,
    CartMergedAway,
    CartNotFound,
    Carts,
    NewLine,
    Write,
)
from renga.frontends.web.errors import SessionsAway
from renga.frontends.web.visitor import Visitor
from renga.kernel.caller import Caller
from renga.kernel.errors import RengaError, Unavailable

log = structlog.get_logger(__name__)

Trouble = Literal["", "gone", "away"]

#: Separates the storefront's idempotency keys of new carts from those of API callers.
_SCOPE = "storefront"

#: Errors of a cart that never accepts another line.
_FINISHED = (CartHasExpired, CartNotFound, CartMergedAway, CartAlreadyCompleted)


class Basket(msgspec.Struct, frozen=True):
    """The visitor's cart. ``trouble``: ``gone`` (ended), or ``away`` while its store is unavailable."""

    cart: Cart | None = None
    trouble: Trouble = ""

    @property
    def has_lines(self) -> bool:
        return self.cart is not None and self.cart.state != "completed" and bool(self.cart.lines)


class Added(msgspec.Struct, frozen=True):
    """The cart that got the line; ``fresh``: a new cart replaced one that had ended."""

    cart_id: str
    fresh: bool


async def find_basket(carts: Carts, visitor: Visitor) -> Basket:
    """The visitor's cart, for pages where neither an ended cart nor an outage is an error."""
    try:
        return await read_basket(carts, visitor)
    except Unavailable as error:
        log.warning("cart_unavailable_for_page", code=error.code)
        return Basket(trouble="away")


async def read_basket(carts: Carts, visitor: Visitor) -> Basket:
    """The visitor's cart; raises Unavailable while its store is unavailable."""
    if visitor.cart_id is None:
        return Basket()
    if visitor.unsure:
        raise SessionsAway
    try:
        return Basket(await carts.read(visitor.caller, visitor.cart_id))
    except (CartHasExpired, CartNotFound, CartMergedAway):
        return Basket(trouble="gone")


def currency_of(basket: Basket, visitor: Visitor) -> str:
    """The currency of all prices on a page: that of a cart with lines, so that the price shown is the price added."""
    return basket.cart.currency if basket.cart and basket.has_lines else visitor.currency


async def add_to_basket(carts: Carts, visitor: Visitor, line: NewLine, key: str) -> Added:
    """Add a line to the visitor's cart, or to a new one if none can accept it. Raises what Carts.add_line raises."""
    basket = await read_basket(carts, visitor)
    write = write_of(visitor, key)
    if basket.cart is not None and basket.cart.currency == currency_of(basket, visitor):
        try:
            await carts.add_line(visitor.caller, basket.cart.id, line, write)
            return Added(basket.cart.id, fresh=False)
        except _FINISHED:
            basket = Basket(trouble="gone")
    cart_id = await _create(carts, visitor, visitor.currency, key)
    if visitor.account_id is not None:
        cart_id = await _current(carts, visitor.caller, cart_id)
    await carts.add_line(visitor.caller, cart_id, line, write)
    return Added(cart_id, fresh=basket.trouble == "gone")


async def change_currency(carts: Carts, visitor: Visitor, cart: Cart, currency: str, key: str) -> None:
    """Price all lines in another currency. Raises what Carts.set_terms raises."""
    terms = cart.terms
    await carts.set_terms(
        visitor.caller,
        cart.id,
        currency,
        channel=terms.channel,
        country=terms.country,
        region=terms.region,
        write=write_of(visitor, key),
    )


def write_of(visitor: Visitor, key: str, scope: str = "") -> Write:
    """The write options of this visitor, with their language."""
    return Write(key=key, whole=False, language=visitor.language, scope=scope)


async def _current(carts: Carts, caller: Caller, made: str) -> str:
    """The customer's one cart: the cart just created, or the one that the customer already has."""
    try:
        taken = await carts.take_over(caller, made)
    except RengaError as error:
        log.warning("cart_not_taken_over", code=error.code)
        return made
    return made if taken.left is not None or taken.cart_id is None else taken.cart_id


async def _create(carts: Carts, visitor: Visitor, currency: str, key: str) -> str:
    write = write_of(visitor, f"{key}:cart", _SCOPE)
    return (await carts.create(visitor.caller, currency, write=write)).cart_id
