"""Background jobs of the inventory: expiry of reservations, the invariant of levels, old answers."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from renga.domains.inventory.contract import ALL_LEVELS
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.expire_due import DUE_MAX, expire_due
from renga.domains.inventory.verify_stock import verify_stock
from renga.kernel.caller import Caller
from renga.kernel.errors import Unavailable
from renga.platform.due_work import work_until_cancelled

log = structlog.get_logger(__name__)

#: Pause between two checks of all levels.
VERIFY_EVERY_S = 600.0

EXPIRED = Counter(
    "renga_inventory_reservations_expired",
    "Reservations that a worker saw after their deadline",
)
BROKEN = Gauge("renga_inventory_levels_broken", "Levels that differ from the journal or from the open reservations")


def jobs(dependencies: InventoryDependencies) -> list[Coroutine[Any, Any, None]]:
    """The jobs that a worker runs until cancelled."""
    return [expire_until_cancelled(dependencies), verify_until_cancelled(dependencies)]


async def expire_until_cancelled(dependencies: InventoryDependencies) -> None:
    """Safe with several workers."""

    async def step() -> int:
        looked = await expire_due(dependencies)
        EXPIRED.inc(looked)
        return looked

    await work_until_cancelled("reservations", step, batch_max=DUE_MAX)


async def verify_until_cancelled(dependencies: InventoryDependencies) -> None:
    """Levels that do not add up are logged and counted; nothing is repaired, because only people know what is on the shelf.

    Old answers are deleted with the same rhythm.
    """
    caller = Caller.of_system("inventory", ALL_LEVELS)
    while True:
        await asyncio.sleep(VERIFY_EVERY_S)
        try:
            while await dependencies.store.forget_answers(dependencies.clock.now_ms()):
                pass  # the next ones
            broken = await verify_stock(dependencies, caller)
        except Unavailable as error:
            log.warning("stock_not_verified", code=error.code, detail=error.detail)
            continue
        BROKEN.set(len(broken))
        for one in broken:
            log.error("stock_does_not_add_up", sku=one.sku, location=one.location)
