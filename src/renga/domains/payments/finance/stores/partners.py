"""PartnerStore on PostgreSQL."""

from collections.abc import Sequence
from uuid import UUID

from renga.domains.payments.contract.partners import PartnerPayment
from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.domains.payments.finance.stores.trail import record
from renga.kernel.clock import rfc3339
from renga.kernel.money import Money
from renga.platform.postgres import calls

_PROVIDERS = "SELECT provider FROM payments.payment_partners WHERE account = $1"
_PARTNER = "SELECT account FROM payments.payment_partners WHERE provider = $1"
_PUT = """
    INSERT INTO payments.payment_partners (provider, account, changed_ms) VALUES ($1, $2, $3)
    ON CONFLICT (provider) DO UPDATE SET account = excluded.account, changed_ms = excluded.changed_ms
"""
_REMOVE = "DELETE FROM payments.payment_partners WHERE provider = $1"
_PAYMENTS = """
    SELECT m.id, m.provider_ref, m.method, m.state, m.amount, m.captured, m.refunded, p.currency, p.created_ms
    FROM payments.means m JOIN payments.payments p ON p.id = m.payment
    WHERE m.provider = $1 AND m.provider_ref IS NOT NULL AND ($2::uuid IS NULL OR m.id < $2)
    ORDER BY m.id DESC LIMIT $3
"""


class PostgresPartners:
    """On a pool whose database has the migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def providers_of(self, account: str) -> frozenset[str]:
        return frozenset(row[0] for row in await calls.fetch(self._pool, _PROVIDERS, account))

    async def partner(self, provider: str) -> str | None:
        row = await calls.fetch_row(self._pool, _PARTNER, provider)
        return None if row is None else str(row[0])

    async def put(self, provider: str, account: str | None, entry: TrailEntry) -> None:
        async with calls.transaction(self._pool) as connection:
            if account is None:
                await connection.execute(_REMOVE, provider)
            else:
                await connection.execute(_PUT, provider, account, entry.at_ms)
            await record(connection, entry)

    async def payments(self, provider: str, after: str | None, limit: int) -> Sequence[PartnerPayment]:
        rows = await calls.fetch(self._pool, _PAYMENTS, provider, None if after is None else UUID(after), limit)
        return [
            PartnerPayment(
                means=str(row["id"]),
                provider_ref=row["provider_ref"],
                method=row["method"],
                state=row["state"],
                amount=Money(row["amount"], row["currency"]),
                captured=Money(row["captured"], row["currency"]),
                refunded=Money(row["refunded"], row["currency"]),
                created_at=rfc3339(row["created_ms"]),
            )
            for row in rows
        ]
