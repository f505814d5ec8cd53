"""Placings on PostgreSQL, over ``platform/process``."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
import structlog

from renga.domains.orders.ports.orders import PlacingAttempt
from renga.domains.orders.stores.order_rows import insert_attempt
from renga.kernel.errors import Unavailable
from renga.platform.postgres import calls
from renga.platform.process.model import FenceLost
from renga.platform.process.postgres import Processes
from renga.platform.process.tables import ClaimedProcess

log = structlog.get_logger(__name__)

_PLACING = """
    UPDATE orders.checkouts SET state = 'placing', version = version + 1
    WHERE id = $1 AND version = $2 AND state = 'open' AND expires_ms > $3 RETURNING true
"""


class _NotBegun(Exception):
    """Rolls the beginning back."""


class PostgresPlacings:
    """Implements ``ports.placing.Placings``. ``news``: the name of the signal of a payment."""

    def __init__(self, pool: calls.Pool, processes: Processes, news: str) -> None:
        self._pool, self.processes, self._news = pool, processes, news

    async def begin(
        self, attempt: PlacingAttempt, state: Mapping[str, Any], *, version: int, claimed_here: bool
    ) -> ClaimedProcess | None:
        try:
            async with calls.transaction(self._pool) as connection:
                now_ms = attempt.created_ms
                if not await connection.fetchval(_PLACING, UUID(attempt.checkout_id), version, now_ms):
                    raise _NotBegun
                process = await self.processes.begin(connection, attempt.id, dict(state), claimed_here=claimed_here)
                assert process is not None, "the id of an attempt is new"
                if not await insert_attempt(connection, msgspec.structs.replace(attempt, process_id=process.id)):
                    raise _NotBegun
        except _NotBegun:
            return None
        return process

    async def claim(self, process_id: int) -> ClaimedProcess | None:
        return await self.processes.claim_one(process_id)

    async def run(self, claimed: ClaimedProcess) -> None:
        try:
            await self.processes.work(claimed)
        except (FenceLost, Unavailable) as error:
            # nothing is lost: another worker has the process, or takes it when the lease ends
            log.warning("placing_left", attempt=claimed.key, error=str(error))

    async def tell(self, process_id: int, event_id: str) -> None:
        await self.processes.signal(process_id, self._news, {}, signal_id=event_id)
