"""Pure: the price of one piece for a guest at a time, and the history of these prices in a product."""

from collections.abc import Mapping, Sequence

from renga.domains.catalog.contract import PricePoint, PriceTerms, Product, Variant, price_of
from renga.domains.catalog.model.limits import HISTORY_DAYS, HISTORY_MAX, HISTORY_POINTS_MAX
from renga.domains.catalog.model.timestamps import days_before

#: Minor units by sku and currency.
Prices = Mapping[tuple[str, str], int]


def offer_prices(variant: Variant, at: str) -> dict[str, int]:
    """The price of one piece for a guest in the default channel at this time, per currency."""
    if not variant.price_list:
        return variant.prices
    found = {}
    for currency in dict.fromkeys([*variant.prices, *(entry.currency for entry in variant.price_list)]):
        price = price_of(variant, PriceTerms(currency=currency, at=at))
        if price is not None:
            found[currency] = price.amount
    return found


def effective_prices(product: Product, at: str) -> dict[tuple[str, str], int]:
    """The prices of its offers at ``at``; none if it is sold nowhere (``channels`` must be as of ``at`` too)."""
    if not product.channels:
        return {}
    return {(v.sku, currency): amount for v in product.variants for currency, amount in offer_prices(v, at).items()}


def extended(history: Sequence[PricePoint], was: Prices, now: Prices, at: str, born: str) -> tuple[PricePoint, ...]:
    """The history after prices changed at ``at``, trimmed to its limits.

    A price that never changed has no point; its first change also adds a point for the price since ``born`` (creation).
    """
    known = {(point.sku, point.currency) for point in history}
    added = []
    for key in dict.fromkeys([*was, *now]):
        if was.get(key) == now.get(key):
            continue
        if key not in known and key in was:
            added.append(_point(key, was[key], born))
        added.append(_point(key, now.get(key), at))
    return trimmed(sorted([*history, *added], key=lambda point: point.at), at) if added else tuple(history)


def trimmed(history: Sequence[PricePoint], at: str) -> tuple[PricePoint, ...]:
    """The points needed for the last HISTORY_DAYS; if a series is too long, its lowest prices are kept."""
    since = days_before(at, HISTORY_DAYS)
    series: dict[tuple[str, str], list[PricePoint]] = {}
    for point in history:
        series.setdefault((point.sku, point.currency), []).append(point)
    points_max = max(2, min(HISTORY_POINTS_MAX, HISTORY_MAX // max(1, len(series))))
    kept = [p for points in series.values() for p in _shortened(_recent(points, since), points_max)]
    return tuple(sorted(kept, key=lambda point: point.at))


def _recent(points: list[PricePoint], since: str) -> list[PricePoint]:
    """The points from ``since`` on and the last one before it, unless the sale had ended by then."""
    before = [point for point in points if point.at < since][-1:]
    recent = [*before, *(point for point in points if point.at >= since)]
    return [] if [point.amount for point in recent] == [None] and before else recent


def _shortened(points: list[PricePoint], points_max: int) -> list[PricePoint]:
    while len(points) > points_max:
        lowest = min((p.amount for p in points if p.amount is not None), default=None)
        drop = next((index for index, p in enumerate(points[:-1]) if p.amount != lowest), 0)
        points = [*points[:drop], *points[drop + 1 :]]
    return points


def _point(key: tuple[str, str], amount: int | None, at: str) -> PricePoint:
    return PricePoint(sku=key[0], currency=key[1], amount=amount, at=at)
