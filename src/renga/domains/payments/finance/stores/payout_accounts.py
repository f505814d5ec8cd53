"""PayoutAccountStore on PostgreSQL."""

from typing import Any

import msgspec

from renga.domains.payments.contract.payouts import PayoutAccount, PayoutSchedule
from renga.domains.payments.finance.ports.payouts import SealedDetails
from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.domains.payments.finance.stores.trail import record
from renga.kernel.clock import rfc3339
from renga.platform.postgres import calls

_COLUMNS = "shown::text, version, verified, changed_ms, paused_until_ms"
_READ = f"SELECT {_COLUMNS} FROM payments.payout_accounts WHERE merchant = $1"
_SEALED = "SELECT sealed FROM payments.payout_accounts WHERE merchant = $1"
#: Nothing changes if the details are the same; only a change of details pauses payouts, not the first ones.
_PUT = f"""
    INSERT INTO payments.payout_accounts AS held
        (merchant, version, shown, sealed, digest, verified, changed_ms, paused_until_ms)
    VALUES ($1, 1, $2::jsonb, $3, $4, false, $5, 0)
    ON CONFLICT (merchant) DO UPDATE SET version = held.version + 1, shown = excluded.shown, sealed = excluded.sealed,
        digest = excluded.digest, verified = false, changed_ms = excluded.changed_ms, paused_until_ms = $6
    WHERE held.digest <> excluded.digest
    RETURNING {_COLUMNS}
"""
_VERIFY = f"""
    UPDATE payments.payout_accounts SET verified = $3 WHERE merchant = $1 AND version = $2 RETURNING {_COLUMNS}
"""
_SCHEDULE = "SELECT document::text FROM payments.payout_schedules WHERE merchant = $1"
_PUT_SCHEDULE = """
    INSERT INTO payments.payout_schedules (merchant, document) VALUES ($1, $2::jsonb)
    ON CONFLICT (merchant) DO UPDATE SET document = excluded.document
"""

_schedule = msgspec.json.Decoder(PayoutSchedule)


class PostgresPayoutAccounts:
    """On a pool whose database has the migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def account(self, merchant: str, now_ms: int) -> PayoutAccount | None:
        row = await calls.fetch_row(self._pool, _READ, merchant)
        return None if row is None else _account(row, now_ms)

    async def sealed(self, merchant: str, entry: TrailEntry) -> bytes | None:
        async with calls.transaction(self._pool) as connection:
            row = await connection.fetchrow(_SEALED, merchant)
            if row is not None:
                await record(connection, entry)
        return None if row is None else bytes(row[0])

    async def put(self, details: SealedDetails, paused_until_ms: int, entry: TrailEntry) -> PayoutAccount:
        merchant, shown = details.account.merchant, msgspec.json.encode(details.account).decode()
        async with calls.transaction(self._pool) as connection:
            row = await connection.fetchrow(
                _PUT, merchant, shown, details.sealed, details.digest, entry.at_ms, paused_until_ms
            )
            if row is not None:
                await record(connection, entry)
            else:
                row = await connection.fetchrow(_READ, merchant)
        return _account(row, entry.at_ms)

    async def verify(self, merchant: str, version: int, verified: bool, entry: TrailEntry) -> PayoutAccount | None:
        async with calls.transaction(self._pool) as connection:
            row = await connection.fetchrow(_VERIFY, merchant, version, verified)
            if row is not None:
                await record(connection, entry)
        return None if row is None else _account(row, entry.at_ms)

    async def schedule(self, merchant: str) -> PayoutSchedule | None:
        row = await calls.fetch_row(self._pool, _SCHEDULE, merchant)
        return None if row is None else _schedule.decode(row[0])

    async def put_schedule(self, merchant: str, schedule: PayoutSchedule, entry: TrailEntry) -> None:
        async with calls.transaction(self._pool) as connection:
            await connection.execute(_PUT_SCHEDULE, merchant, msgspec.json.encode(schedule).decode())
            await record(connection, entry)


def _account(row: Any, now_ms: int) -> PayoutAccount:
    shown, version, verified, changed_ms, paused_until_ms = row
    return msgspec.structs.replace(
        msgspec.json.decode(shown, type=PayoutAccount),
        version=version,
        verified=verified,
        changed_at=rfc3339(changed_ms),
        resumes_at=rfc3339(paused_until_ms) if paused_until_ms > now_ms else None,
    )
