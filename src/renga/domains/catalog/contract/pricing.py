"""Pure: which price of a variant applies (groups, channel, quantity, time), and the lowest price of the last 30 days."""

from collections.abc import Sequence

import msgspec

from renga.domains.catalog.contract.products import DEFAULT_CHANNEL, ListPrice, Offer, PricePoint, Product, Variant

LOWEST_DAYS = 30


class PriceTerms(msgspec.Struct, frozen=True, kw_only=True):
    """The conditions of a sale: ``groups`` are the customer groups of the buyer (none: a guest); ``at`` is RFC 3339 in UTC with
    milliseconds, as every time of the catalogue, so that string comparison is comparison in time."""

    currency: str
    at: str
    channel: str = DEFAULT_CHANNEL
    groups: tuple[str, ...] = ()
    quantity: int = 1


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """The price of one piece, in minor units. ``compare_at`` is the price to show struck through, None if there is none.

    ``until_at`` is the end of a dated price.
    """

    amount: int
    currency: str
    compare_at: int | None = None
    until_at: str | None = None


def price_of(variant: Variant, terms: PriceTerms) -> Price | None:
    """The matching list price, else the plain price; None if it is not sold in the currency.

    A matching list price takes precedence even if it is higher. Of several the most specific counts (group before channel
    before quantity before dates), then the lowest. All groups of the buyer rank alike.
    """
    best = _best(variant.price_list, terms)
    if best is not None:
        compare = best.compare_at if best.compare_at is not None else _struck(variant, best.amount, terms.currency)
        return Price(amount=best.amount, currency=best.currency, compare_at=compare, until_at=best.until_at)
    amount = variant.prices.get(terms.currency)
    if amount is None:
        return None
    compare = variant.compare_at.get(terms.currency)
    return Price(amount=amount, currency=terms.currency, compare_at=compare)


def price_rows(
    offer: Offer, channel: str, groups: Sequence[str], currency: str, at: str
) -> tuple[tuple[int, int], ...]:
    """The prices of one piece by quantity, as ``(min_quantity, amount)`` with ascending quantities and different neighbours.

    For each quantity this is what ``price_of`` says; ``amount_at`` looks it up. The first row is for one piece, except for a
    sku without a price for fewer pieces. Empty: not sold in this currency.
    """
    if not offer.price_list:
        amount = offer.prices.get(currency)
        return () if amount is None else ((1, amount),)
    terms = PriceTerms(currency=currency, at=at, channel=channel, groups=tuple(groups))
    plain = offer.plain_prices.get(currency)
    rows: list[tuple[int, int]] = []
    for quantity in sorted({1, *(max(1, entry.min_quantity) for entry in offer.price_list)}):
        best = _best(offer.price_list, msgspec.structs.replace(terms, quantity=quantity))
        amount = plain if best is None else best.amount
        if amount is not None and (not rows or rows[-1][1] != amount):
            rows.append((quantity, amount))
    return tuple(rows)


def amount_at(rows: Sequence[tuple[int, int]], quantity: int) -> int | None:
    """The price of one piece in ``price_rows`` if this many are bought; None: it is not sold in this quantity."""
    return next((amount for least, amount in reversed(rows) if least <= quantity), None)


def lowest_price(product: Product, sku: str, currency: str, *, since: str, until: str) -> int | None:
    """The lowest price that was in force at any moment from ``since`` to ``until`` (RFC 3339, UTC); None if nothing is known.

    For a reduced price, ``until`` is when the reduction began and ``since`` 30 days before (Directive 98/6/EC, article 6a).
    """
    points = [p for p in product.history if p.sku == sku and p.currency == currency and p.at < until]
    inside = [p.amount for p in points if p.at >= since and p.amount is not None]
    before = [p for p in points if p.at < since]
    if before and before[-1].amount is not None:
        inside.append(before[-1].amount)
    return min(inside, default=None)


def last_point(product: Product, sku: str, currency: str) -> PricePoint | None:
    """The point of the current price: since when it applies."""
    return next((p for p in reversed(product.history) if p.sku == sku and p.currency == currency), None)


def _struck(variant: Variant, amount: int, currency: str) -> int | None:
    """The plain price is shown struck through if the list price is lower and no ``compare_at`` is set."""
    if currency in variant.compare_at:
        return variant.compare_at[currency]
    plain = variant.prices.get(currency)
    return plain if plain is not None and plain > amount else None


def _best(price_list: Sequence[ListPrice], terms: PriceTerms) -> ListPrice | None:
    return min((entry for entry in price_list if _meets(entry, terms)), key=_rank, default=None)


def _meets(entry: ListPrice, terms: PriceTerms) -> bool:
    return (
        entry.currency == terms.currency
        and entry.channel in (None, terms.channel)
        and (entry.group is None or entry.group in terms.groups)
        and entry.min_quantity <= terms.quantity
        and (entry.from_at is None or entry.from_at <= terms.at)
        and (entry.until_at is None or terms.at < entry.until_at)
    )


def _rank(entry: ListPrice) -> tuple[bool, bool, int, bool, int]:
    dated = entry.from_at is not None or entry.until_at is not None
    return (entry.group is None, entry.channel is None, -entry.min_quantity, not dated, entry.amount)
