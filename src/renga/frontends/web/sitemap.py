"""The shop's pages for search engines (sitemaps.org 0.9): an index, the pages of the frame, products in parts of one scan each.

A part holds the products after a multiple of PART_POSITIONS in the order in which they were made, so it is found without
reading those before it. Where positions have gaps two parts may name the same product, and none is left out.
"""

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from renga.domains.catalog.contract import DEFAULT_CHANNEL, Catalog, sold_in
from renga.frontends.web.shop import Shop

#: Positions of one part; its addresses, in every language, stay far below the protocol's 50,000.
PART_POSITIONS = 500
#: The protocol's own bound of an index, less the part of pages.
PARTS_MAX = 49_999
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"


async def index(shop: Shop) -> str:
    """The addresses of all parts. Raises Unavailable."""
    names = ["pages", *(str(part) for part in range(await parts(shop.catalog)))]
    entries = "".join(f"<sitemap><loc>{escape(f'{shop.base}/sitemap/{name}.xml')}</loc></sitemap>\n" for name in names)
    return f'{_HEAD}<sitemapindex xmlns="{_NAMESPACE}">\n{entries}</sitemapindex>\n'


async def pages(shop: Shop) -> str:
    """The first page and the categories."""
    paths = ["/", "/c", *(f"/c/{category.slug}" for category in await shop.home_catalogue.categories())]
    return _urlset(shop, ((path, "") for path in paths))


async def products(shop: Shop, part: int) -> str | None:
    """The pages of the part's products that are sold here; None where there is no such part."""
    if not 0 <= part < PARTS_MAX:
        return None
    found, _ = await shop.catalog.scan(after=part * PART_POSITIONS, limit=PART_POSITIONS)
    if not found:
        return None
    return _urlset(shop, ((f"/p/{one.slug}", one.updated_at) for one in found if sold_in(one, DEFAULT_CHANNEL)))


async def parts(catalog: Catalog) -> int:
    """How many parts have a product, found by halving: some 20 small reads for a million products."""
    below, above = 0, 1
    while above < PARTS_MAX and await _has(catalog, above - 1):
        below, above = above, min(above * 2, PARTS_MAX)
    while below < above:
        middle = (below + above) // 2
        if await _has(catalog, middle):
            below = middle + 1
        else:
            above = middle
    return below


async def _has(catalog: Catalog, part: int) -> bool:
    found, _ = await catalog.scan(after=part * PART_POSITIONS, limit=1)
    return bool(found)


def _urlset(shop: Shop, entries: Iterable[tuple[str, str]]) -> str:
    body = "".join(line for path, changed_at in entries for line in _entries(shop, path, changed_at))
    return f'{_HEAD}<urlset xmlns="{_NAMESPACE}" xmlns:xhtml="{_XHTML}">\n{body}</urlset>\n'


def _entries(shop: Shop, path: str, changed_at: str) -> Iterator[str]:
    """The page in each language, each entry with all of them, as hreflang wants it."""
    addresses = [(tag, shop.address_in(path, tag)) for tag in shop.languages]
    others = "".join(
        f'<xhtml:link rel="alternate" hreflang={quoteattr(tag)} href={quoteattr(address)}/>'
        for tag, address in [*addresses, ("x-default", f"{shop.base}{path}")]
    )
    changed = f"<lastmod>{escape(changed_at)}</lastmod>" if changed_at else ""
    for _, address in addresses:
        yield f"<url><loc>{escape(address)}</loc>{changed}{others}</url>\n"
