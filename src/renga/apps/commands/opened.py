"""What a command works on: the shop that runs, or, if none does, engines started for this one command."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from renga.apps.settings import Settings, reach
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.wiring import catalog_on, open_stores
from renga.kernel.clock import SystemClock
from renga.kernel.ids import id_source
from renga.platform.engines.folder import DataFolder
from renga.platform.postgres.pool import open_pool


@asynccontextmanager
async def opened_catalog(settings: Settings) -> AsyncIterator[CatalogService]:
    """The catalogue alone; its news leave with the worker of the shop, now or when one runs."""
    async with ready_engines(settings) as ready:
        clock = SystemClock()
        pool = await open_pool(ready.platform.database)
        try:
            stores = await open_stores(ready.platform.catalog, pool, clock)
            try:
                yield catalog_on(stores, clock, id_source(clock))
            finally:
                await stores.close()
        finally:
            await asyncio.wait_for(pool.close(), ready.platform.drain_s)


@asynccontextmanager
async def ready_engines(settings: Settings) -> AsyncIterator[Settings]:
    """The settings with the URLs of engines that answer, on a migrated database."""
    platform = settings.platform
    if (platform.database and platform.redis) or DataFolder(Path(platform.data)).holder():
        yield reach(settings)
        return
    # starting engines loads the whole shop, for its migrations: only who does it waits for that
    from renga.apps.compose import MIGRATIONS
    from renga.apps.up import engines
    from renga.platform.postgres.migrations import upgrade

    async with engines(settings) as (ready, _, _):
        await upgrade(ready.platform.database, MIGRATIONS)
        yield ready
