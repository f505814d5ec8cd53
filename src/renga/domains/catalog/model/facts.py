"""Pure: the events between two states of a product."""

from collections.abc import Iterator

from renga.domains.catalog.contract import EVERYWHERE, Product
from renga.domains.catalog.contract.events import PriceChanged, ProductArchived, ProductPublished, ProductUpdated
from renga.domains.catalog.model.price_history import effective_prices


def facts_of(old: Product | None, new: Product) -> Iterator[ProductUpdated | PriceChanged]:
    """One event of the product, then one for each changed price."""
    yield updated(old, new)
    yield from price_changes(old, new)


def updated(old: Product | None, new: Product) -> ProductUpdated:
    """ProductPublished if sold in a new channel, ProductArchived if no longer sold anywhere, else ProductUpdated."""
    sold = old.channels if old else ()
    fact = ProductUpdated
    if EVERYWHERE not in sold and not set(new.channels) <= set(sold):
        fact = ProductPublished
    elif sold and not new.channels:
        fact = ProductArchived
    skus = dict.fromkeys(v.sku for product in (old, new) if product for v in product.variants)
    return fact(product_id=new.id, slug=new.slug, version=new.version, skus=tuple(skus))


def price_changes(old: Product | None, new: Product) -> Iterator[PriceChanged]:
    """One per (sku, currency) whose amount changed; none for a new product."""
    if old is None:
        return
    before, after = effective_prices(old, old.updated_at), effective_prices(new, new.updated_at)
    for sku, currency in before | after:
        was, amount = before.get((sku, currency)), after.get((sku, currency))
        if was != amount:
            yield PriceChanged(
                product_id=new.id,
                slug=new.slug,
                version=new.version,
                sku=sku,
                currency=currency,
                amount=amount,
                was=was,
            )
