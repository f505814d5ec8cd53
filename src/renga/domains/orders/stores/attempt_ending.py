"""PlacingWrites on PostgreSQL."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from renga.domains.orders.contract.errors import OrderNotFound
from renga.domains.orders.model.advancing_orders import OrderChange
from renga.domains.orders.ports.orders import AttemptState
from renga.domains.orders.stores.order_rows import ORDER, answer_attempt, insert_order, order_of
from renga.domains.orders.stores.orders import PostgresOrderUnit
from renga.kernel.errors import Unavailable
from renga.kernel.events import Event

#: So many numbers in a row are never taken.
NUMBERS_MAX = 10

_REOPEN = """
    UPDATE orders.checkouts SET state = 'open', version = version + 1, expires_ms = greatest(expires_ms, $2)
    WHERE id = $1 AND state = 'placing'
"""
_COMPLETE = """
    UPDATE orders.checkouts SET state = 'completed', version = version + 1, ended_ms = $2 WHERE id = $1 AND state = 'placing'
"""
_FORGET = "DELETE FROM orders.attempts WHERE id = $1 AND state = 'live'"


class PostgresPlacingWrites:
    """Implements ``ports.placing.PlacingWrites``."""

    async def answer(
        self, connection: Any, attempt_id: str, answer: Mapping[str, Any], state: AttemptState, now_ms: int
    ) -> None:
        await answer_attempt(connection, attempt_id, answer, state, now_ms)

    async def forget(self, connection: Any, attempt_id: str) -> None:
        await connection.execute(_FORGET, UUID(attempt_id))

    async def reopen(self, connection: Any, checkout_id: str, expires_ms: int) -> None:
        await connection.execute(_REOPEN, UUID(checkout_id), expires_ms)

    async def complete(self, connection: Any, checkout_id: str, now_ms: int) -> None:
        await connection.execute(_COMPLETE, UUID(checkout_id), now_ms)

    async def order(
        self, connection: Any, change: OrderChange, events: Sequence[Event], new_number: Callable[[], str]
    ) -> None:
        for _ in range(NUMBERS_MAX):
            if await insert_order(connection, change, events):
                return
            number = new_number()
            events = [msgspec.structs.replace(one, data={**one.data, "number": number}) for one in events]
            change = msgspec.structs.replace(change, order=msgspec.structs.replace(change.order, number=number))
        raise Unavailable("no free order number was found")

    async def unit(self, connection: Any, order_id: str) -> PostgresOrderUnit:
        row = await connection.fetchrow(f"SELECT {ORDER} FROM orders.orders WHERE id = $1 FOR UPDATE", UUID(order_id))
        if row is None:
            raise OrderNotFound()
        return PostgresOrderUnit(connection, order_of(row))
