"""Rows of checkouts and quotes, and the unit that works on one of them under its lock."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from renga.domains.orders.model.checkout_record import CheckoutDetails, CheckoutRecord
from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.domains.orders.ports.checkouts import StartedCheckout
from renga.kernel.events import Event
from renga.kernel.once import Once
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.outbox.postgres import append
from renga.platform.postgres import calls

COLUMNS = """
    id::text, cart_id::text, customer, state, version, created_ms, expires_ms, ended_ms, quote_id::text, details::text
"""
_UPDATE = """
    UPDATE orders.checkouts SET customer = $2, state = $3, version = $4, expires_ms = $5, ended_ms = $6, quote_id = $7,
        details = $8::text::jsonb WHERE id = $1
"""
_QUOTE = "SELECT document::text FROM orders.quotes WHERE id = $1"
_INSERT_QUOTE = """
    INSERT INTO orders.quotes (id, checkout_id, created_ms, expires_ms, document) VALUES ($1, $2, $3, $4, $5::text::jsonb)
"""
_DROP_OTHERS = "DELETE FROM orders.quotes WHERE checkout_id = $1 AND id <> $2"

_details = msgspec.json.Decoder(CheckoutDetails)
_frozen = msgspec.json.Decoder(FrozenQuote)
_encode = msgspec.json.Encoder().encode


class PostgresCheckoutUnit:
    """Implements ``ports.checkouts.CheckoutUnit`` in an open transaction."""

    def __init__(self, connection: calls.Connection, checkout: CheckoutRecord, answers: IdempotentAnswers) -> None:
        self.connection, self._checkout, self._answers = connection, checkout, answers

    @property
    def checkout(self) -> CheckoutRecord:
        return self._checkout

    async def quote(self) -> FrozenQuote | None:
        if self._checkout.quote_id is None:
            return None
        document = await self.connection.fetchval(_QUOTE, UUID(self._checkout.quote_id))
        return None if document is None else quote_of(document)

    async def save(self, checkout: CheckoutRecord) -> CheckoutRecord:
        saved = msgspec.structs.replace(checkout, version=self._checkout.version + 1)
        quote_id = None if saved.quote_id is None else UUID(saved.quote_id)
        await self.connection.execute(
            _UPDATE, UUID(saved.id), saved.customer, saved.state, saved.version, saved.expires_ms, saved.ended_ms,
            quote_id, _encode(saved.details).decode(),
        )  # fmt: skip
        self._checkout = saved
        return saved

    async def show(self, quote: FrozenQuote) -> None:
        await insert_quote(self.connection, quote)
        await self.connection.execute(_DROP_OTHERS, UUID(quote.checkout_id), UUID(quote.id))

    async def keep_key(self, once: Once, now_ms: int, *, fresh: bool) -> bool:
        if await self._answers.claim(self.connection, once, now_ms) is not None:
            return False
        await self._answers.keep(self.connection, once, started_answer(self._checkout.id, fresh=fresh))
        return True

    async def append(self, events: Sequence[Event]) -> None:
        await append(self.connection, "orders", events)


async def insert_quote(connection: calls.Connection, quote: FrozenQuote) -> None:
    """Keep a quote of a checkout that is there."""
    document = _encode(quote).decode()
    ids = UUID(quote.id), UUID(quote.checkout_id)
    await connection.execute(_INSERT_QUOTE, *ids, quote.created_ms, quote.expires_ms, document)


def started_answer(checkout_id: str, *, fresh: bool) -> bytes:
    """What is kept under an idempotency key."""
    return _encode(StartedCheckout(checkout_id, fresh))


def row_of(checkout: CheckoutRecord) -> tuple[Any, ...]:
    """The values of all columns, in the order of ``COLUMNS``."""
    quote_id = None if checkout.quote_id is None else UUID(checkout.quote_id)
    return (
        UUID(checkout.id), UUID(checkout.cart_id), checkout.customer, checkout.state, checkout.version, checkout.created_ms,
        checkout.expires_ms, checkout.ended_ms, quote_id, _encode(checkout.details).decode(),
    )  # fmt: skip


def record_of(row: Any) -> CheckoutRecord:
    """A row of ``COLUMNS`` as the value."""
    return CheckoutRecord(
        id=row[0], cart_id=row[1], customer=row[2], state=row[3], version=row[4], created_ms=row[5], expires_ms=row[6],
        ended_ms=row[7], quote_id=row[8], details=_details.decode(row[9]),
    )  # fmt: skip


def quote_of(document: str) -> FrozenQuote:
    """A kept document as the value."""
    return _frozen.decode(document)
