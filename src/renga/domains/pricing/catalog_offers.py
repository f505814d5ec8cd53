"""OfferBook: what the catalogue sells, and what of it is there."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from renga.domains.catalog.contract import (
    OFFERS_MAX,
    CatalogContracts,
    Offer,
    Product,
    base_content,
    last_point,
    lowest_price,
    price_rows,
    sold_in,
)
from renga.domains.pricing.collection_shelves import CollectionShelves
from renga.domains.pricing.contract import AttributeFact, OfferFacts, PriceRow, UnitMeasure
from renga.domains.pricing.stock_levels import NothingCounted, StockAvailability
from renga.kernel.buyer_terms import BuyerTerms
from renga.kernel.clock import DAY_MS, from_rfc3339, rfc3339
from renga.kernel.languages import text_in

LOWEST_MS = 30 * DAY_MS


class CatalogOffers:
    """Prices come fresh from the catalogue; the tree of categories and collections may be seconds old."""

    def __init__(self, catalog: CatalogContracts, stock: StockAvailability | None = None) -> None:
        self._catalog = catalog
        self._shelves = CollectionShelves(catalog)
        self._stock = stock or NothingCounted()

    async def offers(
        self,
        skus: Sequence[str],
        terms: BuyerTerms,
        *,
        now_ms: int,
        bases: Sequence[str] = (),
        collections: Sequence[str] = (),
    ) -> Mapping[str, OfferFacts]:
        parts = [skus[start : start + OFFERS_MAX] for start in range(0, len(skus), OFFERS_MAX)]
        found = await asyncio.gather(*(self._part(part, terms, bases, collections, now_ms) for part in parts))
        return {sku: facts for part in found for sku, facts in part.items()}

    async def _part(
        self, skus: Sequence[str], terms: BuyerTerms, bases: Sequence[str], collections: Sequence[str], now_ms: int
    ) -> dict[str, OfferFacts]:
        fresh = self._catalog.fresh
        offers, products, categories, available = await asyncio.gather(
            fresh.offers(skus),
            fresh.products_by_sku(skus),
            self._catalog.cached.categories(),
            self._stock.available(skus),
        )
        parents = {one.slug: one.parent for one in categories}
        shelves = await self._shelves.of(products.values(), collections, parents)
        return {
            sku: facts_of(
                offer, products.get(sku), terms, bases, now_ms, parents=parents,
                collections=shelves.get(offer.product_id, ()), available=_available(offer, available),
            )
            for sku, offer in offers.items()
        }  # fmt: skip


def _available(offer: Offer, counted: Mapping[str, int | None]) -> int | None:
    """Thousandths of a unit; None: not limited. What is not counted is as its merchant declares."""
    if offer.sku in counted:
        return counted[offer.sku]
    return 0 if offer.availability == "out_of_stock" else None


def facts_of(
    offer: Offer,
    product: Product | None,
    terms: BuyerTerms,
    bases: Sequence[str],
    now_ms: int,
    *,
    parents: Mapping[str, str | None],
    collections: tuple[str, ...],
    available: int | None,
) -> OfferFacts:
    """An offer as pricing needs it, for these terms."""
    plain = (offer.plain_prices if offer.price_list else offer.prices).get(terms.currency)
    compare_at = offer.compare_at.get(terms.currency)
    return OfferFacts(
        sku=offer.sku,
        title=text_in(offer.title, (terms.language.lower(),) if terms.language else ()) or offer.sku,
        product_id=offer.product_id,
        merchant=offer.merchant,
        rows=_rows(offer, terms, bases, rfc3339(now_ms)),
        plain=plain,
        compare_at=compare_at,
        lowest_30_days=None if product is None or compare_at is None else _lowest(product, offer.sku, terms.currency),
        brand=offer.brand,
        categories=_with_ancestors(offer.categories, parents),
        collections=collections,
        attributes={} if product is None else _attributes(product),
        tax_category=offer.tax_category,
        tax_code=offer.tax_code,
        weight_g=offer.weight_g,
        digital=offer.digital,
        cost=offer.cost.get(terms.currency),
        measure=_measure(offer),
        available_milli=available,
        sold=sold_in(offer, terms.channel),
    )


def _measure(offer: Offer) -> UnitMeasure | None:
    if offer.measure is None:
        return None
    base = base_content(offer.measure)
    return UnitMeasure(content=base.content, per=base.per, parts=base.parts)


def _rows(offer: Offer, terms: BuyerTerms, bases: Sequence[str], at: str) -> tuple[PriceRow, ...]:
    for currency in (terms.currency, *bases):
        rows = price_rows(offer, terms.channel, terms.verified.groups, currency, at)
        if rows:
            named = None if currency == terms.currency else currency
            return tuple(PriceRow(amount=amount, min_quantity=least, currency=named) for least, amount in rows)
    return ()


def _lowest(product: Product, sku: str, currency: str) -> int | None:
    """The lowest price of the 30 days before the present one began."""
    point = last_point(product, sku, currency)
    if point is None:
        return None
    since = rfc3339(from_rfc3339(point.at) - LOWEST_MS)
    return lowest_price(product, sku, currency, since=since, until=point.at)


def _with_ancestors(slugs: Sequence[str], parents: Mapping[str, str | None]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for slug in slugs:
        current: str | None = slug
        while current is not None and current not in found:
            found[current] = None
            current = parents.get(current)
    return tuple(found)


def _attributes(product: Product) -> dict[str, AttributeFact]:
    """Texts of several languages are no value that a condition could name."""
    kept: dict[str, AttributeFact] = {}
    for code, value in product.attributes.items():
        if isinstance(value, list):
            kept[code] = tuple(value)
        elif not isinstance(value, dict):
            kept[code] = msgspec.convert(value, str | int | float | bool)
    return kept
