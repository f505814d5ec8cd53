"""Search in memory, true to its contract as far as pages need it: words of titles, brands and prices to narrow by."""

import unicodedata
from collections import Counter

from renga.domains.catalog.contract import Product, sold_in
from renga.domains.search.contract import (
    Bucket,
    Facet,
    Filter,
    Hit,
    Range,
    SearchCursorInvalid,
    SearchPage,
    SearchQuery,
    Suggestion,
)
from tests.catalog.fake import FakeCatalog


def fold(text: str) -> str:
    """Lower case, without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))


class FakeSearch:
    """Over a catalogue in memory. ``trouble`` is raised by every call while it is set; ``asked`` are all questions.

    ``corrections`` maps a folded text to what is searched for instead; ``meant`` to what may be better.
    """

    def __init__(self, catalog: FakeCatalog) -> None:
        self._catalog = catalog
        self.trouble: Exception | None = None
        self.asked: list[SearchQuery] = []
        self.corrections: dict[str, str] = {}
        self.meant: dict[str, str] = {}

    async def search(self, query: SearchQuery) -> SearchPage:
        self.asked.append(query)
        if self.trouble:
            raise self.trouble
        if query.cursor is not None and not query.cursor.isdecimal():
            raise SearchCursorInvalid
        corrected = self.corrections.get(fold(query.text))
        found = self._sorted(query, [p for p in self._matching(query, corrected) if _meets(p, query, query.filters)])
        start = int(query.cursor or 0)
        shown = found[start : start + query.limit]
        return SearchPage(
            hits=tuple(Hit(product_id=product.id, slug=product.slug) for product in shown),
            total=len(found),
            facets=tuple(self._facets(query, corrected)) if found else (),
            next=str(start + query.limit) if start + query.limit < len(found) else None,
            corrected=corrected,
            did_you_mean=self.meant.get(fold(query.text)),
        )

    async def suggest(
        self, text: str, *, language: str = "pt-BR", channel: str = "web", limit: int = 8
    ) -> tuple[Suggestion, ...]:
        if self.trouble:
            raise self.trouble
        found = [
            Suggestion(kind="product", text=title, slug=product.slug, image=product.image)
            for product in self._catalog.by_slug.values()
            for title in [product.title.get(language, "")]
            if any(word.startswith(fold(text)) for word in fold(title).split())
        ]
        taxonomy = [
            Suggestion(kind="category", text=shelf.title[language], slug=shelf.slug)
            for shelf in self._catalog.taxonomy
            if fold(shelf.title.get(language, "")).startswith(fold(text))
        ]
        return tuple([Suggestion(kind="query", text=text), *taxonomy, *found][:limit]) if found or taxonomy else ()

    def _matching(self, query: SearchQuery, corrected: str | None) -> list[Product]:
        words = fold(corrected or query.text).split()
        return [
            product
            for product in self._catalog.by_slug.values()
            if sold_in(product, query.channel)
            and (query.category is None or query.category in product.categories)
            and all(any(word in fold(title) for title in product.title.values()) for word in words)
        ]

    def _sorted(self, query: SearchQuery, products: list[Product]) -> list[Product]:
        if query.sort in ("price_asc", "price_desc"):
            return sorted(products, key=lambda p: _price(p, query) or 0, reverse=query.sort == "price_desc")
        return sorted(products, key=lambda p: p.title[query.language]) if query.sort == "title" else products

    def _facets(self, query: SearchQuery, corrected: str | None) -> list[Facet]:
        def others(facet: str) -> list[Product]:
            rest = tuple(one for one in query.filters if one.facet != facet)
            return [p for p in self._matching(query, corrected) if _meets(p, query, rest)]

        chosen = next((one.values for one in query.filters if one.facet == "brand"), ())
        counts = Counter(product.brand for product in others("brand") if product.brand)
        buckets = tuple(Bucket(value=b, label=b, count=n, selected=b in chosen) for b, n in counts.most_common())
        prices = [price for product in others("price") if (price := _price(product, query)) is not None]
        facets = [Facet(facet="brand", label="brand", kind="terms", buckets=buckets)]
        if prices:
            parts = ((float(min(prices)), float(max(prices)), len(prices)),)
            span = Range(least=min(prices), greatest=max(prices), parts=parts)
            facets.append(Facet(facet="price", label="price", kind="range", range=span))
        return facets


def _price(product: Product, query: SearchQuery) -> int | None:
    return min((v.prices[query.currency] for v in product.variants if query.currency in v.prices), default=None)


def _meets(product: Product, query: SearchQuery, filters: tuple[Filter, ...]) -> bool:
    for one in filters:
        if one.facet == "brand" and product.brand not in one.values:
            return False
        if one.facet == "price":
            price = _price(product, query)
            if price is None or price < (one.at_least or 0) or price > (one.at_most or price):
                return False
    return True
