"""Use case: set, or end, the price of one sku in one currency."""

import msgspec

from renga.catalog.contract import Product
from renga.catalog.limits import PRICE_MAX, WRITE_ATTEMPTS_MAX
from renga.catalog.model import Draft, decide, draft_like
from renga.catalog.ports import ProductStore, StaleWrite
from renga.catalog.reading import text_problem
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.errors import NotFound, Unprocessable
from renga.kernel.ids import IdSource
from renga.kernel.money import exponent


class SkuNotFound(NotFound):
    code = "sku_not_found"
    title = "There is no such sku"


class PriceOutOfRange(Unprocessable):
    code = "price_out_of_range"
    title = "The price is out of range"


async def set_price(
    store: ProductStore, sku: str, currency: str, amount: int | None, *, clock: Clock, new_id: IdSource
) -> Product:
    """Returns the product as it is now. Raises UnknownCurrency, PriceOutOfRange, SkuNotFound, StaleWrite."""
    exponent(currency)
    if amount is not None and not 0 <= amount <= PRICE_MAX:
        raise PriceOutOfRange(f"a price is from 0 to {PRICE_MAX} minor units", limit=PRICE_MAX)
    for attempt in range(1, WRITE_ATTEMPTS_MAX + 1):
        product = await _product_of(store, sku)
        at = rfc3339(clock.now_ms())
        change = decide(product, _with_price(draft_like(product, at), sku, currency, amount), at=at, new_id=new_id)
        if change is None:
            return product
        try:
            await store.write([change])
        except StaleWrite:
            if attempt == WRITE_ATTEMPTS_MAX:
                raise
        else:
            return change.product
    raise AssertionError("unreachable: the last attempt returns or raises")


async def _product_of(store: ProductStore, sku: str) -> Product:
    slug = None if text_problem(sku) else (await store.owners([sku])).get(sku)
    product = (await store.by_slug([slug])).get(slug) if slug else None
    if product is None:
        raise SkuNotFound(f"there is no sku {sku!r}")
    return product


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
