"""Search in memory, true to its contract where these tests look: words in titles, one facet, suggestions."""

import msgspec

from renga.domains.catalog.contract import sold_in
from renga.domains.search.contract import (
    Bucket,
    Facet,
    Hit,
    Range,
    SearchCursorInvalid,
    SearchPage,
    SearchQuery,
    Suggestion,
)
from tests.catalog.fake import FakeCatalog


class MemorySearch:
    """``trouble`` is raised by every call while it is set; ``asked`` are the questions."""

    def __init__(self, catalog: FakeCatalog) -> None:
        self._catalog = catalog
        self.trouble: Exception | None = None
        self.asked: list[SearchQuery] = []

    async def search(self, query: SearchQuery) -> SearchPage:
        self.asked.append(query)
        if self.trouble:
            raise self.trouble
        words = query.text.lower().split()
        found = [
            product
            for product in self._catalog.by_slug.values()
            if sold_in(product, query.channel)
            and all(any(word in text.lower() for text in product.title.values()) for word in words)
            and (query.category is None or query.category in product.categories)
        ]
        for narrow in query.filters:
            if narrow.facet == "brand":
                found = [product for product in found if product.brand in narrow.values]
        if query.cursor is not None and not query.cursor.isdecimal():
            raise SearchCursorInvalid
        start = int(query.cursor or 0)
        brands = sorted({product.brand for product in found if product.brand})
        chosen = {value for narrow in query.filters for value in narrow.values}
        buckets = tuple(
            Bucket(value=brand, label=brand, count=sum(p.brand == brand for p in found), selected=brand in chosen)
            for brand in brands
        )
        end = start + query.limit
        return SearchPage(
            hits=tuple(Hit(product_id=p.id, slug=p.slug, sku=p.variants[0].sku) for p in found[start:end]),
            total=len(found),
            facets=(
                Facet(facet="brand", label="Marca", kind="terms", buckets=buckets),
                Facet(
                    facet="price",
                    label="Preço",
                    kind="range",
                    range=Range(least=100, greatest=200.5, parts=((100, 150, 1), (150, 200.5, 2))),
                    unit="BRL",
                ),
            ),
            next=str(end) if end < len(found) else None,
            did_you_mean="caneca" if query.text == "canexa" else None,
        )

    async def suggest(
        self, text: str, *, language: str = "pt-BR", channel: str = "web", limit: int = 8
    ) -> tuple[Suggestion, ...]:
        if self.trouble:
            raise self.trouble
        if not text:
            return ()
        page = await self.search(SearchQuery(text=text, language=language, channel=channel, limit=limit))
        products = [self._catalog.by_slug[hit.slug] for hit in page.hits]
        return tuple(
            msgspec.convert({"kind": "product", "text": p.title.get(language, p.slug), "slug": p.slug}, Suggestion)
            for p in products
        )
