"""Use case: one product by its slug."""

from renga.catalog.contract import Product, ProductNotFound
from renga.catalog.ports import ProductStore
from renga.catalog.reading import text_problem


async def find_product(store: ProductStore, slug: str) -> Product:
    found = {} if text_problem(slug) else await store.by_slug([slug])
    if slug not in found:
        raise ProductNotFound(f"there is no product {slug[:120]!r}")
    return found[slug]
