"""View model of the cart page: lines with the catalogue's present titles and pictures, and price changes."""

from collections.abc import Iterable, Mapping

import msgspec

from renga.domains.cart.contract import Cart, Line
from renga.domains.catalog.contract import Offer
from renga.frontends.web.i18n import localised
from renga.kernel.money import Money


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """``url`` and ``image`` are None if the catalogue no longer has the SKU or is unavailable."""

    line: str
    sku: str
    title: str
    options: tuple[str, ...]
    url: str | None
    image: str | None
    quantity: int
    unit_price: Money
    line_total: Money
    moved_to: Money | None
    withdrawn: bool


class CartView(msgspec.Struct, frozen=True, kw_only=True):
    lines: tuple[LineView, ...]
    total: Money
    items: int
    moved: int
    expires_at: str


class Conversion(msgspec.Struct, frozen=True, kw_only=True):
    """A line in another currency; ``after`` is None if it is not sold in that currency."""

    title: str
    quantity: int
    before: Money
    after: Money | None


def cart_view(cart: Cart, offers: Mapping[str, Offer] | None, language: str) -> CartView:
    """``offers`` is None while the catalogue is unavailable: lines then show their data from when they were added."""
    lines = tuple(_line_view(line, offers, language) for line in cart.lines)
    return CartView(
        lines=lines,
        total=cart.totals.total,
        items=cart.counts.items,
        moved=sum(line.moved_to is not None for line in lines),
        expires_at=cart.expires_at,
    )


def _line_view(line: Line, offers: Mapping[str, Offer] | None, language: str) -> LineView:
    offer = (offers or {}).get(line.sku)
    values = [localised(text, language) for text in offer.options.values()] if offer else []
    return LineView(
        line=line.line,
        sku=line.sku,
        title=title_of(line, offer, language),
        options=(*values, *line.options.values()),
        url=f"/p/{offer.slug}" if offer else None,
        image=offer.image if offer else None,
        quantity=line.quantity,
        unit_price=line.unit_price,
        line_total=line.line_total,
        moved_to=line.current_price if line.price_moved else None,
        withdrawn=offers is not None and offer is None,
    )


def title_of(line: Line, offer: Offer | None, language: str) -> str:
    return (localised(offer.title, language) if offer else "") or line.title


def conversions(
    lines: Iterable[Line], offers: Mapping[str, Offer], currency: str, language: str
) -> tuple[Conversion, ...]:
    """Lines at the present price in another currency."""
    return tuple(_conversion(line, offers.get(line.sku), currency, language) for line in lines)


def _conversion(line: Line, offer: Offer | None, currency: str, language: str) -> Conversion:
    amount = offer.prices.get(currency) if offer else None
    return Conversion(
        title=title_of(line, offer, language),
        quantity=line.quantity,
        before=line.line_total,
        after=Money(amount, currency) * line.quantity if amount is not None else None,
    )
