"""Where the catalogue's store meets its use cases."""

from pathlib import Path

import asyncpg

from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.stores.opened import Stores as Stores
from renga.domains.catalog.stores.postgres import PostgresProducts, PostgresShelves
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres.revisions import Migrations

MIGRATIONS = Migrations("catalog", Path(__file__).parent / "stores" / "migrations" / "versions")


async def open_stores(url: str, pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> Stores:
    """On the MongoDB that the URL names (its indexes are made); without one on the pool, whose database has MIGRATIONS.

    Raises MongoUrlInvalid, Unavailable.
    """
    if not url:
        return _on_postgres(pool)
    # its driver costs time and memory that a shop without it need not pay
    from renga.domains.catalog.stores.mongo.opening import open_on_mongo

    return await open_on_mongo(url, clock)


async def prepare_stores(url: str) -> None:
    """What migrations are to PostgreSQL; nothing to do without a URL. Raises MongoUrlInvalid, Unavailable."""
    if url:
        from renga.domains.catalog.stores.mongo.opening import prepare_mongo

        await prepare_mongo(url)


def catalog_on(stores: Stores, clock: Clock, new_id: IdSource) -> CatalogService:
    return CatalogService(stores.products, stores.shelves, clock, new_id)


def open_catalog(pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock, new_id: IdSource) -> CatalogService:
    """The catalogue on a pool whose database has MIGRATIONS."""
    return catalog_on(_on_postgres(pool), clock, new_id)


def outbox(pool: "asyncpg.Pool[asyncpg.Record]") -> PostgresOutbox:
    """The outbox of the catalogue in PostgreSQL."""
    return PostgresOutbox(pool, "catalog")


def _on_postgres(pool: "asyncpg.Pool[asyncpg.Record]") -> Stores:
    async def close() -> None:
        """The pool is the process's."""

    return Stores(products=PostgresProducts(pool), shelves=PostgresShelves(pool), outbox=outbox(pool), close=close)
