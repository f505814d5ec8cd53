"""Use case: export all products, or those of some merchants, in one of the formats, as a stream of pieces."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Literal

from renga.domains.catalog.access import Reach
from renga.domains.catalog.contract import Category, Product
from renga.domains.catalog.feeds.feed import Feed, FeedTerms
from renga.domains.catalog.feeds.google import GoogleFeed
from renga.domains.catalog.feeds.jsonl import JsonLines
from renga.domains.catalog.feeds.shopify import ShopifyCsv
from renga.domains.catalog.ports import Listed, ProductStore
from renga.kernel.money import exponent

Format = Literal["jsonl", "shopify", "google"]

#: Products per read.
PAGE_PRODUCTS = 100

_MAKERS: Mapping[str, Callable[[FeedTerms], Feed]] = {
    "jsonl": lambda _: JsonLines(),
    "shopify": ShopifyCsv,
    "google": GoogleFeed,
}


def make_feed(
    name: Format, *, shop_url: str, language: str, currency: str, at: str, categories: tuple[Category, ...]
) -> Feed:
    """Raises UnknownCurrency."""
    exponent(currency)
    taxonomy = {category.slug: category for category in categories}
    terms = FeedTerms(shop_url=shop_url, language=language, currency=currency, at=at, categories=taxonomy)
    return _MAKERS[name](terms)


async def export_products(store: ProductStore, feed: Feed, *, reach: Reach) -> AsyncIterator[str]:
    """The whole shop oldest first, so that an import restores the same order; a merchant's products newest first.

    Concurrent changes may or may not be included. Raises Unavailable.
    """
    yield feed.head()
    pages = _all(store) if reach.every else _of(store, reach.merchants)
    async for products in pages:
        yield "".join(feed.rows(product) for product in products)
    yield feed.tail()


async def _all(store: ProductStore) -> AsyncIterator[list[Product]]:
    after = 0
    while found := await store.scan(after=after, limit=PAGE_PRODUCTS):
        yield _products(found)
        after = found[-1].position


async def _of(store: ProductStore, merchants: frozenset[str]) -> AsyncIterator[list[Product]]:
    before: int | None = None
    names = sorted(merchants)
    while names and (found := await store.of_merchants(names, limit=PAGE_PRODUCTS, before=before)):
        yield _products(found)
        before = found[-1].position


def _products(found: Sequence[Listed]) -> list[Product]:
    return [entry.product for entry in found]
