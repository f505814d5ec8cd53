"""Where the catalogue's store meets its use cases."""

from pathlib import Path

import asyncpg

from renga.catalog.service import CatalogService
from renga.catalog.stores.postgres import PostgresProducts, PostgresShelves
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres.revisions import Migrations

MIGRATIONS = Migrations("catalog", Path(__file__).parent / "stores" / "migrations" / "versions")


def open_catalog(pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock, new_id: IdSource) -> CatalogService:
    """The catalogue on a pool whose database has MIGRATIONS."""
    return CatalogService(PostgresProducts(pool), PostgresShelves(pool), clock, new_id)


def outbox(pool: "asyncpg.Pool[asyncpg.Record]") -> PostgresOutbox:
    """The catalogue's outbox, for the relay."""
    return PostgresOutbox(pool, "catalog")
