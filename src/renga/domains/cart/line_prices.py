"""What a cart needs of an offer on its terms: price rows per currency, and how much of it a line may hold."""

from collections.abc import Callable
from typing import NamedTuple

from renga.domains.cart.contract import NewLine, VariantNotFound
from renga.domains.cart.model import line_id
from renga.domains.cart.ports import LineArgument, Rows, Sellable
from renga.domains.cart.price_keys import parts_of
from renga.domains.catalog.contract import Offer, price_rows, sold_in
from renga.kernel.languages import text_in

_NO_BREAKS: dict[str, Rows] = {}


class OfferPrices(NamedTuple):
    """``prices`` of one piece by currency, ``breaks`` the rows of currencies with quantity breaks."""

    prices: dict[str, int]
    breaks: dict[str, Rows]


def prices_on(offer: Offer, price_key: str, at: Callable[[], str]) -> OfferPrices:
    """The prices on these terms now; a currency in which one piece cannot be bought is absent.

    ``at`` tells the time in RFC 3339, as the catalogue's dated prices have it.
    """
    if not offer.price_list:
        return OfferPrices(offer.prices, _NO_BREAKS)
    channel, groups = parts_of(price_key)
    now = at()
    prices, breaks = {}, {}
    for currency in {*offer.plain_prices, *(entry.currency for entry in offer.price_list)}:
        rows = price_rows(offer, channel, groups, currency, now)
        if rows and rows[0][0] <= 1:
            prices[currency] = rows[0][1]
            if len(rows) > 1:
                breaks[currency] = rows
    return OfferPrices(prices, breaks)


def rows_on(offer: Offer, price_key: str, currency: str, at: Callable[[], str]) -> Rows | None:
    """The price rows in one currency; None if one piece cannot be bought in it."""
    if not offer.price_list:
        amount = offer.prices.get(currency)
        return None if amount is None else ((1, amount),)
    channel, groups = parts_of(price_key)
    now = at()
    rows = price_rows(offer, channel, groups, currency, now)
    return rows if rows and rows[0][0] <= 1 else None


def is_sold(offer: Offer, price_key: str) -> bool:
    """Whether it is sold in the channel of these terms."""
    return sold_in(offer, parts_of(price_key)[0])


def most_of(offer: Offer, sellable: Sellable, price_key: str) -> int | None:
    """How many pieces a line may hold; 0: it is not sold, None: any number."""
    if not is_sold(offer, price_key):
        return 0
    if sellable.counted:
        return sellable.most
    return 0 if offer.availability == "out_of_stock" else None


def line_argument(
    line: NewLine, offer: Offer | None, sellable: Sellable, *, price_key: str, language: str, at: Callable[[], str]
) -> LineArgument:
    """A new line with the catalogue's title and its prices on these terms. Raises VariantNotFound."""
    if offer is None:
        raise VariantNotFound(f"the catalogue has no sku {line.sku!r}", sku=line.sku)
    prices = prices_on(offer, price_key, at)
    return LineArgument(
        line=line_id(line.sku, line.options),
        quantity=line.quantity,
        sku=line.sku,
        title=offer.title.get(language) or text_in(offer.title, (language.lower(),)) or offer.sku,
        options=line.options,
        prices=prices.prices,
        breaks=prices.breaks,
        most=most_of(offer, sellable, price_key),
    )
