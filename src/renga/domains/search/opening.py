"""Builds the search module: its index, contract, consumers and jobs."""

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from renga.domains.catalog.contract import Catalog, CatalogContracts
from renga.domains.catalog.contract.events import CategoryChanged, CollectionChanged, ProductTypeChanged
from renga.domains.inventory.contract import Stock
from renga.domains.search.contract import Verification
from renga.domains.search.indexing import Indexer
from renga.domains.search.jobs import build_when_empty
from renga.domains.search.local import LocalSearch
from renga.domains.search.ports import SearchIndex
from renga.domains.search.reactions import demand_consumer, index_consumer, stock_consumer, taxonomy_consumer
from renga.domains.search.rebuild import Progress, rebuild
from renga.domains.search.settings import SearchSettings
from renga.domains.search.steering import Steering
from renga.domains.search.stores.postgres.index import PostgresIndex
from renga.domains.search.stores.steering import PostgresSteering
from renga.domains.search.taxonomy import TaxonomyReader
from renga.domains.search.verify import verify
from renga.domains.search.zero_results import ZeroResultLog
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.bus.port import Bus, Consumer
from renga.platform.bus.subscribing import types_of
from renga.platform.modules.opening import Opened, Opening
from renga.platform.outbox.postgres import PostgresOutbox


def open_index(url: str, pool: "asyncpg.Pool[asyncpg.Record]") -> SearchIndex:
    """The index for a URL; empty: PostgreSQL. Raises SettingsInvalid."""
    if not url:
        return PostgresIndex(pool)
    # imported here because the driver costs memory
    from renga.domains.search.stores.opensearch.index import OpenSearchIndex

    return OpenSearchIndex(url)


class SearchModule:
    """Search in this process: its contract, and the consumers and jobs of a worker."""

    def __init__(
        self,
        url: str,
        *,
        pool: "asyncpg.Pool[asyncpg.Record]",
        catalog: Catalog,
        clock: Clock,
        new_id: IdSource,
        stock: Stock | None = None,
    ) -> None:
        self.index = open_index(url, pool)
        self.is_remote = bool(url)
        self._pool = pool
        self._catalog = catalog
        self._clock = clock
        self._store = PostgresSteering(pool)
        self._taxonomy = TaxonomyReader(catalog, clock)
        self._steering = Steering(self._store, catalog)
        self._zero_results = ZeroResultLog(self._store, clock)
        self._indexer = Indexer(catalog, self.index, self._store, TaxonomyReader(catalog, clock), clock, stock)
        self._has_stock = stock is not None
        self.search = LocalSearch(
            self.index, self._store, self._taxonomy, self._steering, self._zero_results, clock=clock, new_id=new_id
        )

    async def rebuild(self, progress: Progress | None = None) -> int:
        """Rebuild the index; returns its number of products."""
        return await rebuild(self._indexer, progress)

    async def verify(self) -> Verification:
        """Compare index and catalogue."""
        return await verify(self._catalog, self.index)

    def outbox(self) -> PostgresOutbox:
        return PostgresOutbox(self._pool, "search")

    def consumers(self) -> list[Consumer]:
        """The durable consumers that a worker runs."""
        return [
            index_consumer(self._indexer),
            taxonomy_consumer(self._indexer),
            demand_consumer(self._indexer, self._store, self._clock),
            *([stock_consumer(self._indexer)] if self._has_stock else []),
        ]

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """The jobs that a worker runs until cancelled."""
        return [build_when_empty(self._indexer)]

    def followers(self, bus: Bus) -> list[Coroutine[Any, Any, None]]:
        """The tasks that every process that serves the contract runs until cancelled."""
        return [self._steering.follow(bus), self._zero_results.run(), self._follow_taxonomy(bus)]

    async def _follow_taxonomy(self, bus: Bus) -> None:
        async for _ in bus.tail(types_of(CategoryChanged, ProductTypeChanged, CollectionChanged)):
            self._taxonomy.drop()

    async def check(self) -> None:
        """Readiness check: query the index. Raises SearchUnavailable."""
        await self.index.count()

    async def close(self) -> None:
        await self.index.close()


@asynccontextmanager
async def open_search(opening: Opening) -> AsyncIterator[Opened]:
    """Open search on the index given by the settings."""
    resources = opening.resources
    catalog: CatalogContracts = opening.contracts["catalog"]
    search = SearchModule(
        opening.settings[SearchSettings].index,
        pool=resources.database,
        catalog=catalog.fresh,
        clock=resources.clock,
        new_id=resources.new_id,
        stock=opening.contracts.get("inventory"),
    )
    outbox = search.outbox()
    try:
        yield Opened(
            contract=search.search,
            local=search,
            outboxes={outbox.name: outbox},
            consumers=search.consumers(),
            jobs=lambda held: search.jobs(),
            followers=lambda: search.followers(resources.bus),
            checks={"search": search.check} if search.is_remote else {},
        )
    finally:
        await search.close()
