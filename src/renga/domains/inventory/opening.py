"""Opens the inventory: connects its adapters to its ports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from renga.domains.catalog.contract import CatalogContracts
from renga.domains.inventory.batching import ReservationQueue
from renga.domains.inventory.compositions import CatalogCompositions
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.jobs import jobs
from renga.domains.inventory.local import LocalStock
from renga.domains.inventory.ports import Compositions
from renga.domains.inventory.stores.postgres import PostgresStock
from renga.domains.inventory.stores.register import PostgresStockRegister
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.modules.opening import Opened, Opening
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres import calls


def stock_on_postgres(
    pool: calls.Pool, compositions: Compositions, *, clock: Clock, new_id: IdSource, secret: bytes
) -> LocalStock:
    """The inventory on a pool whose database has the migrations."""
    dependencies = InventoryDependencies(
        store=PostgresStock(pool, secret),
        register=PostgresStockRegister(pool),
        compositions=compositions,
        clock=clock,
        new_id=new_id,
    )
    return LocalStock(dependencies, ReservationQueue(dependencies))


@asynccontextmanager
async def open_inventory(opening: Opening) -> AsyncIterator[Opened]:
    """The inventory on the process's database."""
    resources = opening.resources
    catalog: CatalogContracts = opening.contracts["catalog"]
    stock = stock_on_postgres(
        resources.database,
        CatalogCompositions(catalog),
        clock=resources.clock,
        new_id=resources.new_id,
        secret=resources.secret,
    )
    outbox = PostgresOutbox(resources.database, "inventory")
    try:
        yield Opened(
            contract=stock,
            outboxes={outbox.name: outbox},
            jobs=lambda held: jobs(stock.dependencies),
        )
    finally:
        await stock.queue.close()
