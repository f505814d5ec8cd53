"""Where the catalogue's store meets its use cases."""

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import asyncpg

from renga.catalog.jobs import apply_due_until_cancelled
from renga.catalog.reactions import categories_consumer, collections_consumer
from renga.catalog.service import CatalogService
from renga.catalog.stores.postgres import PostgresProducts, PostgresShelves
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.bus.port import Consumer
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres.revisions import Migrations

MIGRATIONS = Migrations("catalog", Path(__file__).parent / "stores" / "migrations" / "versions")


def open_catalog(pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock, new_id: IdSource) -> CatalogService:
    """The catalogue on a pool whose database has MIGRATIONS."""
    return CatalogService(PostgresProducts(pool), PostgresShelves(pool), clock, new_id)


def outbox(pool: "asyncpg.Pool[asyncpg.Record]") -> PostgresOutbox:
    """The catalogue's outbox, for the relay."""
    return PostgresOutbox(pool, "catalog")


def consumers(catalog: CatalogService) -> list[Consumer]:
    """The durable readers that a worker runs."""
    return [collections_consumer(catalog.tools), categories_consumer(catalog.tools)]


def jobs(catalog: CatalogService) -> list[Coroutine[Any, Any, None]]:
    """What a worker runs until it is cancelled."""
    return [apply_due_until_cancelled(catalog.tools.products, catalog.tools.clock, catalog.tools.new_id)]
