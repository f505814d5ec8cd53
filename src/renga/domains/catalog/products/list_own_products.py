"""Use cases: one product, or one page of products, of somebody's merchants, in any state."""

from renga.domains.catalog.contract import Product, ProductPage, Status
from renga.domains.catalog.dependencies import Merchants
from renga.domains.catalog.model.listing import cursor_of, position_of
from renga.domains.catalog.ports import ProductStore
from renga.domains.catalog.products.list_products import check_limit
from renga.domains.catalog.products.owning import own
from renga.domains.catalog.rows.reading import text_problem


async def find_own_product(store: ProductStore, slug: str, merchants: Merchants) -> Product:
    """Raises ProductNotFound."""
    found = {} if text_problem(slug) else await store.by_slug([slug])
    return own(found.get(slug), slug, merchants)


async def list_own_products(
    store: ProductStore, merchants: Merchants, *, limit: int, cursor: str | None, status: Status | None
) -> ProductPage:
    check_limit(limit)
    listed = f"own/{status or ''}"
    before = None if cursor is None else position_of(cursor, listed)
    wanted = None if merchants is None else sorted(merchants)
    found = await store.of_merchants(wanted, limit=limit + 1, before=before, status=status)
    following = cursor_of(found[limit - 1].position, listed) if len(found) > limit else None
    return ProductPage(items=tuple(entry.product for entry in found[:limit]), next=following)
