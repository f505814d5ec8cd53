"""Use cases: products of the caller's merchants in any state: one by slug or sku, or a page of them."""

from renga.domains.catalog.access import Reach
from renga.domains.catalog.contract import Product, ProductPage, SkuNotFound, Status
from renga.domains.catalog.model.listing import cursor_of, position_of
from renga.domains.catalog.ports import ProductStore
from renga.domains.catalog.products.list_products import check_limit
from renga.domains.catalog.products.owning import own
from renga.domains.catalog.rows.reading import text_problem


async def find_own_product(store: ProductStore, slug: str, reach: Reach) -> Product:
    """Raises ProductNotFound."""
    found = {} if text_problem(slug) else await store.by_slug([slug])
    return own(found.get(slug), slug, reach)


async def find_own_product_of_sku(store: ProductStore, sku: str, reach: Reach) -> Product:
    """Raises SkuNotFound."""
    product = None if text_problem(sku) else (await store.by_sku([sku])).get(sku)
    if product is None or not reach.covers(product.merchant):
        raise SkuNotFound(f"there is no sku {sku[:120]!r}")
    return product


async def list_own_products(
    store: ProductStore, reach: Reach, *, limit: int, cursor: str | None, status: Status | None
) -> ProductPage:
    check_limit(limit)
    listed = f"own/{status or ''}"
    before = None if cursor is None else position_of(cursor, listed)
    wanted = None if reach.every else sorted(reach.merchants)
    found = await store.of_merchants(wanted, limit=limit + 1, before=before, status=status)
    following = cursor_of(found[limit - 1].position, listed) if len(found) > limit else None
    return ProductPage(items=tuple(entry.product for entry in found[:limit]), next=following)
