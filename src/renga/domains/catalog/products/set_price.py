"""Use case: set or end the price of one sku in one currency, now or at a future time."""

import msgspec

from renga.domains.catalog.access import Reach
from renga.domains.catalog.contract import (
    MomentInvalid,
    PriceOutOfRange,
    Product,
    ScheduledPrice,
    SkuNotFound,
    TooManyScheduled,
)
from renga.domains.catalog.dependencies import CatalogDependencies
from renga.domains.catalog.model import Draft, draft_like
from renga.domains.catalog.model.limits import PRICE_MAX, SCHEDULED_MAX
from renga.domains.catalog.model.publishing import due_and_waiting
from renga.domains.catalog.model.timestamps import utc_timestamp
from renga.domains.catalog.products.change_product import write_one
from renga.domains.catalog.products.list_own_products import find_own_product_of_sku
from renga.domains.catalog.products.owning import check_version, own
from renga.kernel.clock import is_rfc3339
from renga.kernel.money import exponent


async def set_price(
    dependencies: CatalogDependencies,
    reach: Reach,
    sku: str,
    currency: str,
    amount: int | None,
    *,
    at: str | None = None,
    expected_version: int | None = None,
) -> Product:
    """Returns the product after it. A time in the past means now.

    Raises UnknownCurrency, PriceOutOfRange, MomentInvalid, TooManyScheduled, SkuNotFound (also for another merchant's sku),
    VersionMismatch, StaleWrite.
    """
    exponent(currency)
    if amount is not None and not 0 <= amount <= PRICE_MAX:
        raise PriceOutOfRange(f"a price is from 0 to {PRICE_MAX} minor units", field="amount", limit=PRICE_MAX)
    moment = utc_timestamp(at) if at is not None and is_rfc3339(at) else None
    if at is not None and moment is None:
        raise MomentInvalid(f"{at[:40]!r} is no moment such as 2026-11-25T00:00:00Z", field="at")
    slug = (await find_own_product_of_sku(dependencies.products, sku, reach)).slug

    def build_draft(current: Product | None, now: str) -> Draft:
        product = own(current, slug, reach)
        check_version(product.version, expected_version, slug)
        if sku not in {variant.sku for variant in product.variants}:
            raise SkuNotFound(f"there is no sku {sku!r}")
        draft = draft_like(product, now)
        if moment is None or moment <= now:
            return _with_price(draft, sku, currency, amount)
        return _with_scheduled(
            draft, product, ScheduledPrice(sku=sku, currency=currency, amount=amount, at=moment), now
        )

    return await write_one(dependencies, slug, build_draft, reach)


def _with_price(draft: Draft, sku: str, currency: str, amount: int | None) -> Draft:
    variants = []
    for variant in draft.variants:
        if variant.sku == sku:
            prices = {c: a for c, a in variant.prices.items() if c != currency}
            if amount is not None:
                prices[currency] = amount
            variant = msgspec.structs.replace(variant, prices=prices)
        variants.append(variant)
    return msgspec.structs.replace(draft, variants=tuple(variants))


def _with_scheduled(draft: Draft, product: Product, change: ScheduledPrice, now: str) -> Draft:
    """A second change of the same price at the same time replaces the first."""
    key = (change.at, change.sku, change.currency)
    others = [c for c in due_and_waiting(product.scheduled, now)[1] if (c.at, c.sku, c.currency) != key]
    if len(others) >= SCHEDULED_MAX:
        raise TooManyScheduled(f"at most {SCHEDULED_MAX} price changes of a product may wait", limit=SCHEDULED_MAX)
    return msgspec.structs.replace(draft, scheduled=(*others, change))
