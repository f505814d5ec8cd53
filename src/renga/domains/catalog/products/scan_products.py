"""Use case: all products in any state, oldest first, batch by batch."""

from collections.abc import Sequence

from renga.domains.catalog.contract import Product
from renga.domains.catalog.ports import ProductStore
from renga.kernel.errors import Invalid

SCAN_MAX = 1_000


async def scan_products(store: ProductStore, *, after: int, limit: int) -> tuple[Sequence[Product], int | None]:
    if not 1 <= limit <= SCAN_MAX:
        raise Invalid(f"limit must be from 1 to {SCAN_MAX}", limit=limit)
    found = await store.scan(after=after, limit=limit)
    return [entry.product for entry in found], found[-1].position if len(found) == limit else None
