"""Use case: compare the index with the catalogue. Changes during the comparison may be reported as differences."""

from renga.domains.catalog.contract import Catalog
from renga.domains.search.contract import Verification
from renga.domains.search.limits import BATCH_MAX, FINDINGS_MAX
from renga.domains.search.ports import SearchIndex


async def verify(catalog: Catalog, index: SearchIndex) -> Verification:
    """Keeps the id and version of each product in memory (about 150 bytes). Raises Unavailable."""
    wanted = await _wanted(catalog)
    there: dict[str, int] = {}
    last = ""
    while page := await index.versions(after=last, limit=BATCH_MAX):
        there |= dict(page)
        last = page[-1][0]
    missing = sorted(wanted.keys() - there.keys())
    surplus = sorted(there.keys() - wanted.keys())
    stale = sorted(one for one in wanted.keys() & there.keys() if there[one] < wanted[one])
    return Verification(
        products=len(wanted),
        documents=len(there),
        missing_count=len(missing),
        stale_count=len(stale),
        surplus_count=len(surplus),
        missing=tuple(missing[:FINDINGS_MAX]),
        stale=tuple(stale[:FINDINGS_MAX]),
        surplus=tuple(surplus[:FINDINGS_MAX]),
    )


async def _wanted(catalog: Catalog) -> dict[str, int]:
    """Versions of the products that are sold, by id."""
    found: dict[str, int] = {}
    after: int | None = 0
    while after is not None:
        products, after = await catalog.scan(after=after, limit=BATCH_MAX)
        found |= {product.id: product.version for product in products if product.channels}
    return found
