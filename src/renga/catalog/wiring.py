"""Where the catalogue's store meets its use cases."""

from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from renga.catalog.cached import CachedCatalog, Held, size_of
from renga.catalog.jobs import apply_due_until_cancelled
from renga.catalog.ports import ProductStore, ShelfStore
from renga.catalog.reactions import categories_consumer, collections_consumer
from renga.catalog.service import CatalogService
from renga.catalog.stores.mongo import Catalogue, MongoOutbox, MongoProducts, MongoShelves, ensure_indexes
from renga.catalog.stores.postgres import PostgresProducts, PostgresShelves
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.bus.port import Consumer
from renga.platform.cache.factory import make_cache
from renga.platform.cache.settings import CacheSettings
from renga.platform.mongo.client import Client, ask_server, close_client, database_of, open_client, ping
from renga.platform.outbox.port import Outbox
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres.revisions import Migrations
from renga.platform.redis.client import HotRedis

MIGRATIONS = Migrations("catalog", Path(__file__).parent / "stores" / "migrations" / "versions")


class Stores(msgspec.Struct, frozen=True, kw_only=True):
    """The catalogue's stores on the engine that was chosen. ``checks``: of an engine that is the catalogue's alone."""

    products: ProductStore
    shelves: ShelfStore
    outbox: Outbox
    checks: dict[str, Callable[[], Awaitable[None]]] = {}
    close: Callable[[], Awaitable[None]]


async def open_stores(url: str, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> Stores:
    """On the MongoDB that the URL names (its indexes are made); without one on the pool, whose database has MIGRATIONS.

    Raises MongoUrlInvalid, Unavailable.
    """
    if not url:
        return _on_postgres(pool)
    client = open_client(url)
    try:
        return await _on_mongo(client, clock)
    except BaseException:
        await close_client(client)
        raise


async def prepare_stores(url: str) -> None:
    """What migrations are to PostgreSQL; nothing to do without a URL. Raises MongoUrlInvalid, Unavailable."""
    if url:
        client = open_client(url)
        try:
            await ensure_indexes(database_of(client))
        finally:
            await close_client(client)


def catalog_on(stores: Stores, clock: Clock, new_id: IdSource) -> CatalogService:
    return CatalogService(stores.products, stores.shelves, clock, new_id)


def open_catalog(pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock, new_id: IdSource) -> CatalogService:
    """The catalogue on a pool whose database has MIGRATIONS."""
    return catalog_on(_on_postgres(pool), clock, new_id)


def cached(catalog: CatalogService, settings: CacheSettings, clock: Clock, redis: HotRedis | None) -> CachedCatalog:
    """The catalogue for readers who may see what was true a moment ago; its cache is to be told the news, and closed."""
    return CachedCatalog(
        catalog, make_cache("catalog", Held, settings, clock, redis, size_of=size_of, source="catalog")
    )


def outbox(pool: "asyncpg.Pool[asyncpg.Record]") -> PostgresOutbox:
    """The outbox of the catalogue in PostgreSQL."""
    return PostgresOutbox(pool, "catalog")


def _on_postgres(pool: "asyncpg.Pool[asyncpg.Record]") -> Stores:
    async def close() -> None:
        """The pool is the process's."""

    return Stores(products=PostgresProducts(pool), shelves=PostgresShelves(pool), outbox=outbox(pool), close=close)


async def _on_mongo(client: Client, clock: Clock) -> Stores:
    server = await ask_server(client)
    database = database_of(client)
    await ensure_indexes(database)
    catalogue = Catalogue(client, database, transactions=server.transactions, clock=clock)

    async def check() -> None:
        await ping(client)

    async def close() -> None:
        await close_client(client)

    return Stores(
        products=MongoProducts(catalogue),
        shelves=MongoShelves(catalogue),
        outbox=MongoOutbox(catalogue),
        checks={"catalog_store": check},
        close=close,
    )


def consumers(catalog: CatalogService) -> list[Consumer]:
    """The durable readers that a worker runs."""
    return [collections_consumer(catalog.tools), categories_consumer(catalog.tools)]


def jobs(catalog: CatalogService) -> list[Coroutine[Any, Any, None]]:
    """What a worker runs until it is cancelled."""
    return [apply_due_until_cancelled(catalog.tools.products, catalog.tools.clock, catalog.tools.new_id)]
