"""WebhookStore on PostgreSQL. The primary key (provider, event id) is the inbox check."""

from collections.abc import Mapping, Sequence
from typing import get_args
from uuid import UUID

import asyncpg

from renga.domains.payments.contract.payments import PaymentMethod
from renga.domains.payments.contract.webhooks import WebhookState
from renga.domains.payments.ports.webhooks import StoredWebhook
from renga.kernel.ids import canonical_uuid
from renga.platform.postgres import calls

_COLUMNS = "provider, event_id, state, kind, ref, received_ms, body, tries, reason, payment, means, next_ms"
_VALUES = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12"
#: An event without effect takes the new state; one that had its effect stays, and no row is returned.
_PUT = f"""
    INSERT INTO payments.webhook_events AS e ({_COLUMNS}) VALUES ({_VALUES})
    ON CONFLICT (provider, event_id) DO UPDATE SET state = excluded.state, body = excluded.body, tries = e.tries + 1,
        reason = excluded.reason, payment = excluded.payment, means = excluded.means, next_ms = excluded.next_ms
    WHERE e.state <> 'applied' RETURNING true
"""
_PARK = f"""
    INSERT INTO payments.webhook_events ({_COLUMNS}) VALUES ({_VALUES}) ON CONFLICT DO NOTHING RETURNING true
"""
_TRY_AGAIN = """
    UPDATE payments.webhook_events SET state = $3, reason = $4, tries = $5, next_ms = $6
    WHERE provider = $1 AND event_id = $2 AND state <> 'applied'
"""
_KNOWN = "SELECT event_id FROM payments.webhook_events WHERE provider = $1 AND event_id = ANY($2::text[])"
_METHOD = """
    SELECT method FROM payments.means WHERE provider = $1 AND (provider_ref = $2 OR id = $3)
    ORDER BY (provider_ref = $2) DESC NULLS LAST LIMIT 1
"""
_EVENT = f"SELECT {_COLUMNS} FROM payments.webhook_events WHERE provider = $1 AND event_id = $2"
_PAGE = f"""
    SELECT {_COLUMNS} FROM payments.webhook_events
    WHERE (received_ms, provider, event_id) < ($1, $2, $3) {{only}}
    ORDER BY received_ms DESC, provider DESC, event_id DESC LIMIT $4
"""
#: The state is written out, so that the partial index of parked events serves them.
_PAGES: Mapping[WebhookState | None, str] = {None: _PAGE.format(only="")} | {
    state: _PAGE.format(only=f"AND state = '{state}'") for state in get_args(WebhookState)
}
_FORGET = """
    DELETE FROM payments.webhook_events WHERE (provider, event_id) IN (
        SELECT provider, event_id FROM payments.webhook_events WHERE received_ms < $1 AND state <> 'parked'
        ORDER BY received_ms LIMIT $2 FOR UPDATE SKIP LOCKED)
"""
#: Later than every event.
_END = (2**63 - 1, "", "")


async def put(connection: calls.Connection, event: StoredWebhook) -> bool:
    """In the transaction of the event's effect; False: it had it before."""
    return await connection.fetchval(_PUT, *_row_of(event)) is not None


class PostgresWebhooks:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def known(self, provider: str, event_ids: Sequence[str]) -> frozenset[str]:
        return frozenset(row[0] for row in await calls.fetch(self._pool, _KNOWN, provider, list(event_ids)))

    async def method_of(self, provider: str, ref: str, means: str | None) -> PaymentMethod | None:
        identifier = None if means is None else canonical_uuid(means)
        row = await calls.fetch_row(
            self._pool, _METHOD, provider, ref, None if identifier is None else UUID(identifier)
        )
        return None if row is None else row[0]

    async def park(self, event: StoredWebhook) -> bool:
        async with calls.transaction(self._pool) as connection:
            return await connection.fetchval(_PARK, *_row_of(event)) is not None

    async def try_again(self, event: StoredWebhook) -> None:
        await calls.execute(
            self._pool, _TRY_AGAIN, event.provider, event.id, event.state, event.reason, event.tries, event.next_ms
        )

    async def event(self, provider: str, event_id: str) -> StoredWebhook | None:
        row = await calls.fetch_row(self._pool, _EVENT, provider, event_id)
        return None if row is None else _event_of(row)

    async def events(
        self, state: WebhookState | None, before: tuple[int, str, str] | None, limit: int
    ) -> Sequence[StoredWebhook]:
        rows = await calls.fetch(self._pool, _PAGES[state], *(before or _END), limit)
        return [_event_of(row) for row in rows]

    async def forget(self, before_ms: int, limit: int) -> int:
        done = await calls.execute(self._pool, _FORGET, before_ms, limit)
        return int(done.rpartition(" ")[2])


def _row_of(event: StoredWebhook) -> tuple[object, ...]:
    payment, means = (None if one is None else UUID(one) for one in (event.payment, event.means))
    return (
        event.provider, event.id, event.state, event.kind, event.ref, event.received_ms, event.body, event.tries,
        event.reason, payment, means, event.next_ms,
    )  # fmt: skip


def _event_of(row: "asyncpg.Record") -> StoredWebhook:
    payment, means = (None if one is None else str(one) for one in (row[9], row[10]))
    return StoredWebhook(
        provider=row[0], id=row[1], state=row[2], kind=row[3], ref=row[4], received_ms=row[5], body=row[6], tries=row[7],
        reason=row[8], payment=payment, means=means, next_ms=row[11],
    )  # fmt: skip
