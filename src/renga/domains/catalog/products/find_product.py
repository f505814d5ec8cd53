"""Use case: one product by its slug if it is sold in the channel; or many by slug, id or sku, in any state."""

from collections.abc import Awaitable, Callable, Sequence

from renga.domains.catalog.contract import Product, ProductNotFound, sold_in
from renga.domains.catalog.ports import ProductStore
from renga.domains.catalog.rows.reading import text_problem
from renga.kernel.errors import Invalid


async def find_product(store: ProductStore, slug: str, channel: str) -> Product:
    """Raises ProductNotFound, also if it is not sold in the channel."""
    found = {} if text_problem(slug) else await store.by_slug([slug])
    if slug not in found or not sold_in(found[slug], channel):
        raise ProductNotFound(f"there is no product {slug[:120]!r}")
    return found[slug]


async def find_many(
    lookup: Callable[[Sequence[str]], Awaitable[dict[str, Product]]], names: Sequence[str], names_max: int
) -> dict[str, Product]:
    """A lookup of at most ``names_max`` names; impossible names are skipped. Raises Invalid for too many."""
    if len(names) > names_max:
        raise Invalid(f"at most {names_max} may be asked for at once", limit=names_max)
    possible = [name for name in names if not text_problem(name)]
    return await lookup(possible) if possible else {}
