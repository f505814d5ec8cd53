"""Use case: fresh offers of many skus in one round trip."""

from collections.abc import Sequence

from renga.domains.catalog.contract import OFFERS_MAX, Offer
from renga.domains.catalog.ports import ProductStore
from renga.domains.catalog.rows.reading import text_problem
from renga.kernel.errors import Invalid


async def quote_offers(store: ProductStore, skus: Sequence[str]) -> dict[str, Offer]:
    if len(skus) > OFFERS_MAX:
        raise Invalid(f"at most {OFFERS_MAX} skus may be asked for at once", limit=OFFERS_MAX)
    possible = [sku for sku in skus if not text_problem(sku)]
    return await store.offers(possible) if possible else {}
