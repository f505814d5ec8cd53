"""WalletStore on PostgreSQL: gift cards, store credit, saved methods."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from renga.domains.payments.contract.errors import AmountExceeded
from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.contract.payments import CardSummary
from renga.domains.payments.model.means import SavedMethod
from renga.domains.payments.ports.store import StoredGiftCard
from renga.domains.payments.stores import ledger_writing
from renga.kernel.events import Event
from renga.kernel.ids import canonical_uuid
from renga.kernel.money import AMOUNT_MAX
from renga.kernel.once import Once
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.outbox.postgres import append
from renga.platform.postgres import calls

_NEW_CARD = """
    INSERT INTO payments.gift_cards (id, digest, currency, initial, created_ms) VALUES ($1::uuid, $2, $3, $4, $5)
"""
_CARD = """
    SELECT g.id, g.currency, g.initial, g.created_ms, (
        SELECT -coalesce(sum(amount), 0) FROM payments.ledger_entries
        WHERE account = 'gift_card:' || g.id AND currency = g.currency
    )::bigint
    FROM payments.gift_cards g WHERE g.id = $1
"""
_CARD_OF_CODE = _CARD.replace("g.id = $1", "g.digest = $1")
#: Locks the customer's row also if it is there, as a payment by store credit does.
_NEW_CREDIT = """
    INSERT INTO payments.store_credits (customer, created_ms) VALUES ($1, $2)
    ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer
"""
_CREDIT = """
    SELECT currency, -sum(amount)::bigint FROM payments.ledger_entries WHERE account = $1 GROUP BY currency ORDER BY currency
"""
_SAVED = """
    SELECT id, customer, method, provider, saved_ref, consent, consented_ms, usage, card::text FROM payments.saved_methods
    WHERE customer = $1 AND removed_ms IS NULL
"""
_REMOVE = """
    UPDATE payments.saved_methods SET removed_ms = $3 WHERE customer = $1 AND id = $2 AND removed_ms IS NULL RETURNING true
"""
#: What a payment keeps of its payer is the account's id and the country.
_FORGET = """
    UPDATE payments.payments
    SET document = jsonb_set(document, '{payer}', (document->'payer') - '{name,email,tax_id,address}'::text[])
    WHERE customer = $1 AND document ? 'payer'
"""
_card = msgspec.json.Decoder(CardSummary)


class PostgresWallets:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool, secret: bytes) -> None:
        self._pool = pool
        self._answers = IdempotentAnswers("payments", secret)

    async def issue_gift_card(
        self,
        card: StoredGiftCard,
        digest: bytes,
        posting: LedgerTransaction,
        event: Event,
        once: Once | None,
        answer: bytes,
    ) -> bytes:
        values = (UUID(card.id), digest, card.currency, card.initial, card.created_ms)
        return await self._once(_NEW_CARD, values, posting, event, once, answer, card.created_ms)

    async def grant_store_credit(
        self, customer: str, posting: LedgerTransaction, event: Event, once: Once | None, answer: bytes, now_ms: int
    ) -> bytes:
        return await self._once(_NEW_CREDIT, (customer, now_ms), posting, event, once, answer, now_ms)

    async def _once(
        self,
        statement: str,
        values: Sequence[Any],
        posting: LedgerTransaction,
        event: Event,
        once: Once | None,
        answer: bytes,
        now_ms: int,
    ) -> bytes:
        async with calls.transaction(self._pool) as connection:
            if once is not None:
                earlier = await self._answers.claim(connection, once, now_ms)
                if earlier is not None:
                    return earlier
            await connection.execute(statement, *values)
            await ledger_writing.post(connection, [posting], now_ms)
            await _check_owed(connection, posting)
            await append(connection, "payments", [event])
            if once is not None:
                await self._answers.keep(connection, once, answer)
        return answer

    async def gift_card(self, identifier: str) -> StoredGiftCard | None:
        canonical = canonical_uuid(identifier)
        row = None if canonical is None else await calls.fetch_row(self._pool, _CARD, UUID(canonical))
        return None if row is None else _card_of(row)

    async def gift_card_of_code(self, digest: bytes) -> StoredGiftCard | None:
        row = await calls.fetch_row(self._pool, _CARD_OF_CODE, digest)
        return None if row is None else _card_of(row)

    async def store_credit(self, customer: str) -> dict[str, int]:
        rows = await calls.fetch(self._pool, _CREDIT, f"store_credit:{customer}")
        return {row[0]: row[1] for row in rows}

    async def saved_methods(self, customer: str) -> Sequence[SavedMethod]:
        return [_saved_of(row) for row in await calls.fetch(self._pool, f"{_SAVED} ORDER BY id DESC", customer)]

    async def saved_method(self, customer: str, identifier: str) -> SavedMethod | None:
        canonical = canonical_uuid(identifier)
        if canonical is None:
            return None
        row = await calls.fetch_row(self._pool, f"{_SAVED} AND id = $2", customer, UUID(canonical))
        return None if row is None else _saved_of(row)

    async def remove_saved(self, customer: str, identifier: str, event: Event, now_ms: int) -> bool:
        async with calls.transaction(self._pool) as connection:
            if await connection.fetchval(_REMOVE, customer, UUID(identifier), now_ms) is None:
                return False
            await append(connection, "payments", [event])
        return True

    async def forget_payer(self, customer: str) -> None:
        await calls.execute(self._pool, _FORGET, customer)


def _card_of(row: Any) -> StoredGiftCard:
    return StoredGiftCard(id=str(row[0]), currency=row[1], initial=row[2], created_ms=row[3], left=row[4])


async def _check_owed(connection: calls.Connection, posting: LedgerTransaction) -> None:
    """What a customer or bearer has is an amount, too. Raises AmountExceeded."""
    for entry in posting.entries:
        if entry.amount < 0:
            owed = -await ledger_writing.balance_for_update(connection, entry.account, entry.currency)
            if owed > AMOUNT_MAX:
                left = AMOUNT_MAX - owed - entry.amount
                raise AmountExceeded("this is more than an amount may be, with what is there already", left=left)


def _saved_of(row: Any) -> SavedMethod:
    return SavedMethod(
        id=str(row[0]), customer=row[1], method=row[2], provider=row[3], saved_ref=row[4], consent=row[5],
        consented_ms=row[6], usage=row[7], card=None if row[8] is None else _card.decode(row[8]),
    )  # fmt: skip
