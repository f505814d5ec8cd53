"""WorkStore on PostgreSQL."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from renga.domains.payments.ports.work import (
    UNKNOWN_AFTER_MS,
    DueMeans,
    DueOperation,
    DueWebhook,
    DueWork,
    StoredUnknown,
)
from renga.platform.postgres import calls

#: Each part uses an index that holds only what waits. A worker without payments reads four empty indexes.
_DUE = """
    SELECT
    (SELECT coalesce(jsonb_agg(jsonb_build_array(o.key, o.payment, m.provider) ORDER BY o.next_ms), '[]') FROM (
        SELECT key, payment, means, next_ms FROM payments.operations
        WHERE closed_ms IS NULL AND next_ms <= $1 ORDER BY next_ms LIMIT $3
    ) AS o JOIN payments.means m ON m.id = o.means)::text,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(payment, id)), '[]') FROM (
        SELECT payment, id FROM payments.means
        WHERE state IN ('action_needed', 'pending') AND expires_ms <= $1 ORDER BY expires_ms LIMIT $3
    ) AS e)::text,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(payment, id)), '[]') FROM (
        SELECT payment, id FROM payments.means
        WHERE captured < amount AND state NOT IN ('declined', 'expired', 'voided')
            AND NOT document ?| ARRAY['ending_told', 'final'] AND authorised_until_ms <= $2
        ORDER BY authorised_until_ms LIMIT $3
    ) AS a)::text,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(provider, event_id)), '[]') FROM (
        SELECT provider, event_id FROM payments.webhook_events
        WHERE state = 'parked' AND next_ms IS NOT NULL AND next_ms <= $1 ORDER BY next_ms LIMIT $3
    ) AS w)::text,
    (SELECT count(*) FROM payments.operations WHERE closed_ms IS NULL AND next_ms IS NOT NULL
        AND state IN ('open', 'unknown') AND created_ms <= $4)
"""
_POSTPONE = """
    UPDATE payments.operations SET next_ms = $3
    WHERE key = ANY($1::uuid[]) AND closed_ms IS NULL AND lease_until_ms <= $2 AND next_ms < $3
"""
_UNKNOWN = """
    SELECT o.key::text, o.payment::text, m.provider, o.kind, o.amount, p.currency, o.created_ms, o.attempts
    FROM payments.operations o JOIN payments.means m ON m.id = o.means JOIN payments.payments p ON p.id = o.payment
    WHERE o.closed_ms IS NULL AND o.next_ms IS NOT NULL AND o.state IN ('open', 'unknown') AND o.created_ms <= $1
    ORDER BY o.created_ms, o.key LIMIT $2
"""
_operations = msgspec.json.Decoder(tuple[DueOperation, ...]).decode
_means = msgspec.json.Decoder(tuple[DueMeans, ...]).decode
_webhooks = msgspec.json.Decoder(tuple[DueWebhook, ...]).decode


class PostgresPaymentWork:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def due(self, now_ms: int, *, ending_before_ms: int, limit: int) -> DueWork:
        row = await calls.fetch_row(self._pool, _DUE, now_ms, ending_before_ms, limit, now_ms - UNKNOWN_AFTER_MS)
        assert row is not None  # a SELECT without FROM has one row
        return DueWork(
            operations=_operations(row[0]), expiring=_means(row[1]), ending=_means(row[2]), webhooks=_webhooks(row[3]),
            unknown=row[4],
        )  # fmt: skip

    async def postpone(self, keys: Sequence[str], now_ms: int, next_ms: int) -> None:
        await calls.execute(self._pool, _POSTPONE, [UUID(key) for key in keys], now_ms, next_ms)

    async def unknown(self, created_before_ms: int, limit: int) -> Sequence[StoredUnknown]:
        rows = await calls.fetch(self._pool, _UNKNOWN, created_before_ms, limit)
        return [
            StoredUnknown(
                key=row[0], payment=row[1], provider=row[2], kind=row[3], amount=row[4], currency=row[5],
                created_ms=row[6], attempts=row[7],
            )
            for row in rows
        ]  # fmt: skip
