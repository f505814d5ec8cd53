"""Builds the catalogue module on PostgreSQL or MongoDB."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from renga.domains.catalog.cached import CachedCatalog, CachedCatalogAnswer, size_of
from renga.domains.catalog.contract import CatalogContracts
from renga.domains.catalog.jobs import jobs
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.reactions import consumers
from renga.domains.catalog.settings import CatalogSettings
from renga.domains.catalog.stores.opened import Stores
from renga.domains.catalog.stores.pages import ProductPages
from renga.domains.catalog.stores.postgres import PostgresProducts, PostgresTaxonomy
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.modules.opening import Opened, Opening
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.resources import Resources


@asynccontextmanager
async def open_catalog(opening: Opening) -> AsyncIterator[Opened]:
    """Open the catalogue on the store given by the settings. Raises MongoUrlInvalid, Unavailable."""
    resources = opening.resources
    stores = await _stores(opening.settings[CatalogSettings].store, resources)
    service = CatalogService(stores.products, stores.taxonomy, resources.clock, resources.new_id)
    cache = (
        resources.cache("catalog", CachedCatalogAnswer, size_of=size_of, source="catalog")
        if resources.platform.redis
        else None
    )
    yield Opened(
        contract=CatalogContracts(
            fresh=service, cached=service if cache is None else CachedCatalog(service, cache), managed=service
        ),
        local=service,
        outboxes={stores.outbox.name: stores.outbox},
        consumers=consumers(service.dependencies),
        jobs=lambda held: jobs(service.dependencies),
        checks=stores.checks,
    )


async def prepare_store(url: str) -> None:
    """Create MongoDB's indexes (PostgreSQL has migrations); no-op without a URL. Raises MongoUrlInvalid, Unavailable."""
    if url:
        from renga.domains.catalog.stores.mongo.opening import prepare_mongo

        await prepare_mongo(url)


async def _stores(url: str, resources: Resources) -> Stores:
    if not url:
        return stores_on_postgres(resources.database)
    # imported here because the driver costs start time and memory
    from renga.domains.catalog.stores.mongo.opening import open_on_mongo

    return await open_on_mongo(resources.documents(url), resources.clock)


def stores_on_postgres(pool: "asyncpg.Pool[asyncpg.Record]") -> Stores:
    """The stores on a pool whose database has the migrations."""
    pages = ProductPages()
    return Stores(
        products=PostgresProducts(pool, pages),
        taxonomy=PostgresTaxonomy(pool, pages),
        outbox=PostgresOutbox(pool, "catalog"),
    )


def catalog_on_postgres(pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock, new_id: IdSource) -> CatalogService:
    """The catalogue's service on a pool whose database has the migrations."""
    stores = stores_on_postgres(pool)
    return CatalogService(stores.products, stores.taxonomy, clock, new_id)
