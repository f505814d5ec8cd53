"""Background job of the catalogue: makes a new version of each product when one of its dates has come."""

from collections.abc import Coroutine
from typing import Any

from prometheus_client import Counter

from renga.domains.catalog.dependencies import CatalogDependencies
from renga.domains.catalog.model import advance
from renga.domains.catalog.ports import ProductStore, StaleWrite
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.ids import IdSource
from renga.platform.due_work import work_until_cancelled

#: Products per transaction.
DUE_BATCH_MAX = 100

APPLIED = Counter("renga_catalog_dates_applied", "Products changed because one of their dates has come")


def jobs(dependencies: CatalogDependencies) -> list[Coroutine[Any, Any, None]]:
    """The jobs that a worker runs until cancelled."""
    return [apply_due_until_cancelled(dependencies.products, dependencies.clock, dependencies.new_id)]


async def apply_due_until_cancelled(store: ProductStore, clock: Clock, new_id: IdSource) -> None:
    """Safe with several workers: of two that write the same product one gets StaleWrite and moves on."""
    await work_until_cancelled("dates of products", lambda: apply_due(store, clock, new_id), batch_max=DUE_BATCH_MAX)


async def apply_due(store: ProductStore, clock: Clock, new_id: IdSource) -> int:
    """One batch; returns how many products were due."""
    now = rfc3339(clock.now_ms())
    due = await store.due(now, DUE_BATCH_MAX)
    changes = [change for product in due if (change := advance(product, now=now, new_id=new_id))]
    if not changes:
        return 0
    try:
        await store.write(changes)
        APPLIED.inc(len(changes))
    except StaleWrite:
        # a concurrent write changed one of them: write each on its own, so that the others are not delayed
        for change in changes:
            try:
                await store.write([change])
                APPLIED.inc()
            except StaleWrite:
                continue
    return len(due)
