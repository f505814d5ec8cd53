"""Use case: check that every level adds up to its journal and to the open reservations."""

from collections.abc import Sequence

from renga.domains.inventory.access import check_whole_stock
from renga.domains.inventory.contract.levels import BrokenLevel
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.kernel.caller import Caller

#: Skus per statement, and broken levels that are reported.
CHUNK_SKUS, BROKEN_MAX = 200, 1_000


async def verify_stock(dependencies: InventoryDependencies, caller: Caller) -> Sequence[BrokenLevel]:
    check_whole_stock(caller)
    broken: list[BrokenLevel] = []
    after: str | None = ""
    while after is not None and len(broken) < BROKEN_MAX:
        found, after = await dependencies.register.broken(after, CHUNK_SKUS)
        broken.extend(found)
    return broken
