"""PaymentStore on PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from renga.domains.payments.contract.errors import PaymentNotFound
from renga.domains.payments.model.means import StoredMeans, StoredOperation, StoredPayment
from renga.domains.payments.ports.store import PaymentKeyTaken, PaymentUnit, WholePayment
from renga.domains.payments.stores.commission_rates import NEWEST, NewestRates
from renga.domains.payments.stores.documents import means_of, operations_of, payment_of
from renga.domains.payments.stores.unit import PostgresPaymentUnit
from renga.kernel.clock import Clock
from renga.kernel.ids import canonical_uuid
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.postgres import calls

_LOCKED = f"SELECT payment::text, means::text, operations::text, ({NEWEST.format(known='$2')}) FROM payments.locked($1)"
_MEANS_OF = """
    (SELECT coalesce(jsonb_agg(to_jsonb(m) ORDER BY m.position), '[]') FROM payments.means m WHERE m.payment = p.id)::text
"""
_OPERATIONS_OF = """
    (SELECT coalesce(jsonb_agg(to_jsonb(o) ORDER BY o.created_ms, o.key), '[]')
     FROM payments.operations o WHERE o.payment = p.id)::text
"""
_WHOLE = f"SELECT to_jsonb(p)::text, {_MEANS_OF}, {_OPERATIONS_OF} FROM payments.payments p"
_OF_REFERENCE = f"""
    SELECT to_jsonb(p)::text, {_MEANS_OF}, '[]' FROM payments.payments p
    WHERE p.reference = $1 AND ($2::text IS NULL OR p.owner = $2) ORDER BY p.created_ms DESC, p.id DESC LIMIT $3
"""
_BY_REF = "SELECT payment FROM payments.means WHERE provider = $1 AND provider_ref = $2"
_BY_MEANS = "SELECT payment FROM payments.means WHERE provider = $1 AND id = $2"
#: Under the payment's lock, as everything about an operation: who writes an outcome now has read the newest fence.
_CLAIM = """
    WITH locked AS (
        SELECT p.id FROM payments.payments p JOIN payments.operations o ON o.payment = p.id WHERE o.key = $1 FOR UPDATE OF p
    )
    UPDATE payments.operations AS o SET fence = fence + 1, attempts = attempts + 1, lease_until_ms = $3, next_ms = $3
    FROM locked WHERE o.payment = locked.id AND key = $1 AND closed_ms IS NULL AND lease_until_ms <= $2
    RETURNING jsonb_build_array(to_jsonb(o))::text
"""
_DUE = """
    SELECT coalesce(jsonb_agg(to_jsonb(o)), '[]')::text FROM (
        SELECT * FROM payments.operations WHERE closed_ms IS NULL AND next_ms <= $1 ORDER BY next_ms LIMIT $2
    ) AS o
"""


class PostgresPayments:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool, secret: bytes, clock: Clock) -> None:
        self._pool, self._clock = pool, clock
        self._answers = IdempotentAnswers("payments", secret)
        self._rates = NewestRates()

    @asynccontextmanager
    async def unit(self, payment_id: str) -> AsyncIterator[PaymentUnit]:
        identifier = canonical_uuid(payment_id)
        async with calls.transaction(self._pool) as connection:
            unit = None if identifier is None else await self._locked(connection, UUID(identifier))
            if unit is None:
                raise PaymentNotFound(f"there is no payment {payment_id[:100]!r}")
            yield unit
            await unit.write()

    @asynccontextmanager
    async def unit_of(
        self, provider: str, *, ref: str | None = None, means: str | None = None
    ) -> AsyncIterator[PaymentUnit | None]:
        async with calls.transaction(self._pool) as connection:
            found = None
            if ref is not None:
                found = await connection.fetchval(_BY_REF, provider, ref)
            if found is None and means is not None and (identifier := canonical_uuid(means)):
                found = await connection.fetchval(_BY_MEANS, provider, UUID(identifier))
            unit = None if found is None else await self._locked(connection, found)
            yield unit
            if unit is not None:
                await unit.write()

    async def _locked(self, connection: calls.Connection, identifier: UUID) -> PostgresPaymentUnit | None:
        row = await connection.fetchrow(_LOCKED, identifier, self._rates.version)
        if row is None:
            return None
        payment, means, operations = payment_of(row[0]), means_of(row[1]), operations_of(row[2])
        rates = self._rates.learn(row[3])
        return PostgresPaymentUnit(connection, self._answers, self._clock, payment, means, operations, rates)

    @asynccontextmanager
    async def new_unit(self, payment: StoredPayment, means: Sequence[StoredMeans]) -> AsyncIterator[PaymentUnit]:
        no_operations: list[StoredOperation] = []
        # a payment that is made takes no money yet, but of gift cards and store credit
        values = (self._answers, self._clock, payment, list(means), no_operations)
        try:
            if any(one.internal or one.method == "card" for one in means):  # balances or attempts are locked
                async with calls.transaction(self._pool) as connection:
                    unit = PostgresPaymentUnit(connection, *values, await self._rates.newest(connection), new=True)
                    yield unit
                    await unit.write()
            else:  # nothing to lock: one statement is a transaction of its own
                unit = PostgresPaymentUnit(None, *values, self._rates.book, new=True)
                yield unit
                statement, arguments = unit.statement()
                await calls.execute(self._pool, statement, *arguments)
        except asyncpg.UniqueViolationError as error:
            if error.constraint_name == "payments_key_key":
                raise PaymentKeyTaken() from error
            raise

    async def payment(self, payment_id: str) -> WholePayment | None:
        identifier = canonical_uuid(payment_id)
        return None if identifier is None else await self._whole(f"{_WHOLE} WHERE p.id = $1", UUID(identifier))

    async def payment_by_key(self, key: str) -> WholePayment | None:
        return await self._whole(f"{_WHOLE} WHERE p.key = $1", key)

    async def _whole(self, query: str, argument: UUID | str) -> WholePayment | None:
        row = await calls.fetch_row(self._pool, query, argument)
        return None if row is None else _whole_of(row)

    async def payments_of(self, reference: str, owner: str | None, limit: int) -> Sequence[WholePayment]:
        return [_whole_of(row) for row in await calls.fetch(self._pool, _OF_REFERENCE, reference, owner, limit)]

    async def claim_operation(self, key: str, now_ms: int, lease_until_ms: int) -> StoredOperation | None:
        async with calls.transaction(self._pool) as connection:
            text = await connection.fetchval(_CLAIM, UUID(key), now_ms, lease_until_ms)
        return None if text is None else operations_of(text)[0]

    async def due_operations(self, now_ms: int, limit: int) -> Sequence[StoredOperation]:
        row = await calls.fetch_row(self._pool, _DUE, now_ms, limit)
        return [] if row is None else operations_of(row[0])


def _whole_of(row: "asyncpg.Record") -> WholePayment:
    return WholePayment(payment_of(row[0]), tuple(means_of(row[1])), tuple(operations_of(row[2])))
