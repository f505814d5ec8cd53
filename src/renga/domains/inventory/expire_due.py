"""Use case: give back reservations whose deadline has passed, each exactly once."""

from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.release_reservation import expire_reservation

#: Reservations that one round looks at.
DUE_MAX = 200


async def expire_due(dependencies: InventoryDependencies) -> int:
    """Returns how many were due. Of several sweepers one expires a reservation; the others find it expired under its lock."""
    due = await dependencies.store.due(dependencies.clock.now_ms(), DUE_MAX)
    for stored in due:
        await expire_reservation(dependencies, stored.reservation.id)
    return len(due)
