"""Consumers of search: update the index from the catalogue's events, count demand."""

from collections import Counter
from collections.abc import Sequence

from renga.domains.cart.contract.events import ItemAddedToCart
from renga.domains.catalog.contract import OFFERS_MAX
from renga.domains.catalog.contract.events import (
    CategoryChanged,
    PriceChanged,
    ProductArchived,
    ProductPublished,
    ProductTypeChanged,
    ProductUpdated,
)
from renga.domains.inventory.contract.events import BackInStock, StockAdjusted, StockDepleted, StockReceived
from renga.domains.search.indexing import Indexer
from renga.domains.search.ports import SteeringStore
from renga.kernel.clock import Clock
from renga.platform.bus.port import Consumer
from renga.platform.bus.subscribing import Heard, subscribe

#: Batch of events that are indexed together.
BATCH_MAX, WAIT_MS = 500, 100
DEMAND_BATCH_MAX, DEMAND_WAIT_MS = 1_000, 2_000
#: Deadline for indexing all products; the time grows with the catalogue.
_WHOLE_TIMEOUT_S = 3_600.0

_PRODUCTS = (ProductPublished, ProductUpdated, ProductArchived, PriceChanged)
_STOCK = (StockDepleted, BackInStock, StockReceived, StockAdjusted)
_TAXONOMY = (CategoryChanged, ProductTypeChanged)


def index_consumer(indexer: Indexer) -> Consumer:
    """Indexes the current state of changed products, so late, repeated and reordered events lead to the same index."""

    async def keep(news: Sequence[Heard[ProductUpdated | PriceChanged]]) -> None:
        await indexer.bring(one.fact.product_id for one in news)

    return subscribe(_PRODUCTS, keep, name="search.index", batch_max=BATCH_MAX, batch_wait_ms=WAIT_MS)


def taxonomy_consumer(indexer: Indexer) -> Consumer:
    """Documents contain titles of categories and facets of types: all are indexed again, once per batch of events."""

    async def keep(news: Sequence[Heard[CategoryChanged | ProductTypeChanged]]) -> None:
        indexer.taxonomy.drop()
        await indexer.bring_all()

    return subscribe(
        _TAXONOMY,
        keep,
        name="search.taxonomy",
        batch_max=BATCH_MAX,
        batch_wait_ms=DEMAND_WAIT_MS,
        handler_timeout_s=_WHOLE_TIMEOUT_S,
    )


def stock_consumer(indexer: Indexer) -> Consumer:
    """Indexes the products of skus that ran out, came back or are counted otherwise now; reads the stock when it does."""

    async def keep(news: Sequence[Heard[StockDepleted | BackInStock | StockReceived | StockAdjusted]]) -> None:
        await indexer.bring_skus(one.fact.sku for one in news)

    return subscribe(_STOCK, keep, name="search.stock", batch_max=BATCH_MAX, batch_wait_ms=WAIT_MS)


def demand_consumer(indexer: Indexer, store: SteeringStore, clock: Clock) -> Consumer:
    """Counts products added to carts as demand. A repeated event counts twice, which only affects the ranking slightly."""

    async def count(news: Sequence[Heard[ItemAddedToCart]]) -> None:
        skus = Counter(one.fact.sku for one in news)
        seen: Counter[str] = Counter()
        names = list(skus)
        for start in range(0, len(names), OFFERS_MAX):
            products = await indexer.catalog.products_by_sku(names[start : start + OFFERS_MAX])
            for sku, product in products.items():
                seen[product.id] += skus[sku]
        if seen:
            scores = await store.add_demand({one: float(n) for one, n in seen.items()}, clock.now_ms())
            await indexer.index.set_popularity(scores)

    return subscribe(
        ItemAddedToCart,
        count,
        name="search.demand",
        batch_max=DEMAND_BATCH_MAX,
        batch_wait_ms=DEMAND_WAIT_MS,
    )
