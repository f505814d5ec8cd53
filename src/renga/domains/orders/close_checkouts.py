"""Use cases: end checkouts that nobody came back to, or whose cart has ended; forget old ones."""

from typing import Literal

import msgspec

from renga.domains.orders.contract import CheckoutNotFound
from renga.domains.orders.model.checkout_record import CheckoutRecord
from renga.domains.orders.model.checkout_states import checked_move
from renga.domains.orders.model.viewing import state_at
from renga.domains.orders.ports.checkouts import CheckoutStore
from renga.domains.orders.recording import closed
from renga.kernel.clock import DAY_MS, Clock
from renga.kernel.ids import IdSource

#: Checkouts that one round looks at.
DUE_MAX, FORGET_MAX = 200, 500


async def expire_due(store: CheckoutStore, clock: Clock, new_id: IdSource) -> tuple[int, int]:
    """How many were due, and how many this call ended. Safe with several workers."""
    ids = await store.due(clock.now_ms(), DUE_MAX)
    ended = 0
    for checkout_id in ids:
        ended += await expire_one(store, clock, new_id, checkout_id)
    return len(ids), ended


async def expire_one(store: CheckoutStore, clock: Clock, new_id: IdSource, checkout_id: str) -> bool:
    """False: somebody renewed, placed or ended it meanwhile."""
    try:
        async with store.unit(checkout_id) as unit:
            now_ms = clock.now_ms()
            due = unit.checkout.state == "open" and state_at(unit.checkout, now_ms) == "expired"
            if due:
                saved = await unit.save(ended(unit.checkout, "expired", now_ms))
                await unit.append([closed(saved, clock, new_id)])
            return due
    except CheckoutNotFound:
        return False


async def abandon_one(store: CheckoutStore, clock: Clock, new_id: IdSource, checkout_id: str) -> bool:
    """The cart has ended. A checkout that is being placed is left to that. False: it was not open."""
    try:
        async with store.unit(checkout_id) as unit:
            is_open = unit.checkout.state == "open"
            if is_open:
                saved = await unit.save(ended(unit.checkout, "abandoned", clock.now_ms()))
                await unit.append([closed(saved, clock, new_id)])
            return is_open
    except CheckoutNotFound:
        return False


async def forget_ended(store: CheckoutStore, clock: Clock, kept_days: int) -> int:
    """How many old ones were deleted."""
    return await store.forget(clock.now_ms() - kept_days * DAY_MS, FORGET_MAX)


def ended(record: CheckoutRecord, state: Literal["completed", "expired", "abandoned"], now_ms: int) -> CheckoutRecord:
    """Raises CheckoutMoveIllegal."""
    return msgspec.structs.replace(record, state=checked_move(record.state, state), ended_ms=now_ms)
