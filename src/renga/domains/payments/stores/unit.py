"""PaymentUnit on PostgreSQL: everything about a payment in one open transaction, written in one statement."""

from typing import Any
from uuid import UUID

import msgspec

from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.model.means import SavedMethod, StoredMeans, StoredOperation, StoredPayment
from renga.domains.payments.model.records import ProviderDispute
from renga.domains.payments.model.shares import CommissionRates
from renga.domains.payments.ports.store import Attempts, StoredGiftCard
from renga.domains.payments.ports.webhooks import StoredWebhook
from renga.domains.payments.stores import ledger_writing, webhooks
from renga.domains.payments.stores.documents import row_of
from renga.kernel.clock import Clock
from renga.kernel.events import Event, encode
from renga.kernel.once import Once
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.outbox.postgres import CHANNEL
from renga.platform.postgres import calls

_INSERT_PAYMENT = """
    INSERT INTO payments.payments SELECT n.* FROM jsonb_populate_record(NULL::payments.payments, $1::jsonb) AS n
"""
_UPDATE_PAYMENT = """
    UPDATE payments.payments AS p SET state = n.state, version = n.version, updated_ms = n.updated_ms, document = n.document
    FROM jsonb_populate_record(NULL::payments.payments, $1::jsonb) AS n WHERE p.id = n.id
"""
#: Means and operations are new or changed, events are recorded as ``outbox.append`` does; the arrays may be empty.
_WRITE = """
    WITH payment AS ({payment}),
    means AS (
        INSERT INTO payments.means SELECT n.* FROM jsonb_populate_recordset(NULL::payments.means, $2::jsonb) AS n
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, captured = excluded.captured, refunded = excluded.refunded,
            refund_asked = excluded.refund_asked, provider_ref = excluded.provider_ref,
            authorised_until_ms = excluded.authorised_until_ms, expires_ms = excluded.expires_ms,
            version = excluded.version, document = excluded.document
    ),
    operations AS (
        INSERT INTO payments.operations
        SELECT n.* FROM jsonb_populate_recordset(NULL::payments.operations, $3::jsonb) AS n
        ON CONFLICT (key) DO UPDATE SET amount = excluded.amount, state = excluded.state, fence = excluded.fence,
            lease_until_ms = excluded.lease_until_ms, attempts = excluded.attempts, next_ms = excluded.next_ms,
            closed_ms = excluded.closed_ms, reason = excluded.reason, request = excluded.request
    ),
    events AS (
        INSERT INTO payments.outbox (event)
        SELECT body::jsonb FROM unnest($4::text[]) WITH ORDINALITY AS given (body, place) ORDER BY place
    )
    SELECT pg_notify('{channel}', 'payments') WHERE cardinality($4::text[]) > 0
"""
_NEW = _WRITE.format(payment=_INSERT_PAYMENT, channel=CHANNEL)
_CHANGE = _WRITE.format(payment=_UPDATE_PAYMENT, channel=CHANNEL)
_DISPUTE = """
    INSERT INTO payments.disputes
        (provider, id, payment, means, state, amount, currency, reason, due_ms, opened_ms, changed_ms)
    VALUES ($1, $2, $3::uuid, $4::uuid, $5, $6, $7, $8, $9, $10, $10)
    ON CONFLICT (provider, id) DO UPDATE SET state = excluded.state, changed_ms = excluded.changed_ms
"""
_SAVED = """
    INSERT INTO payments.saved_methods
        (id, customer, method, provider, saved_ref, consent, consented_ms, usage, card)
    VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, $9::jsonb)
    ON CONFLICT (provider, saved_ref) DO UPDATE SET consent = excluded.consent, consented_ms = excluded.consented_ms,
        usage = excluded.usage, card = excluded.card, removed_ms = NULL
    WHERE saved_methods.customer = excluded.customer
"""
_GIFT_CARD = """
    SELECT id, currency, initial, created_ms FROM payments.gift_cards WHERE digest = $1 FOR UPDATE
"""
_CREDIT = "SELECT 1 FROM payments.store_credits WHERE customer = $1 FOR UPDATE"
_ATTEMPTS = "SELECT * FROM payments.attempts($1, $2, $3, $4, $5)"
_encode = msgspec.json.Encoder().encode


class PostgresPaymentUnit:
    """In an open transaction. ``new``: the payment is inserted. Without a connection: ``statement`` is all that is written."""

    def __init__(
        self,
        connection: "calls.Connection | None",
        answers: IdempotentAnswers,
        clock: Clock,
        payment: StoredPayment,
        means: list[StoredMeans],
        operations: list[StoredOperation],
        rates: CommissionRates,
        *,
        new: bool = False,
    ) -> None:
        self.rates = rates
        self._connection, self._answers, self._clock, self._new = connection, answers, clock, new
        self.payment = payment
        self.means = {one.id: one for one in means}
        self.operations = {one.key: one for one in operations}
        self._means = set(self.means) if new else set[str]()
        self._operations = set[str]()
        self._payment = new
        self._transactions: list[LedgerTransaction] = []
        self._events: list[Event] = []
        self._disputes: list[tuple[str, ProviderDispute]] = []
        self._saved: list[SavedMethod] = []

    def put_payment(self, payment: StoredPayment) -> None:
        self._payment = self._payment or payment != self.payment
        self.payment = payment

    def put_means(self, means: StoredMeans) -> None:
        if self.means.get(means.id) != means:
            self.means[means.id] = means
            self._means.add(means.id)

    def put_operation(self, operation: StoredOperation) -> None:
        if self.operations.get(operation.key) != operation:
            self.operations[operation.key] = operation
            self._operations.add(operation.key)

    def put_dispute(self, means: str, dispute: ProviderDispute) -> None:
        self._disputes.append((means, dispute))

    def put_saved(self, saved: SavedMethod) -> None:
        self._saved.append(saved)

    def post(self, *transactions: LedgerTransaction) -> None:
        self._transactions += transactions

    def append(self, *events: Event) -> None:
        self._events += events

    async def hold_gift_card(self, digest: bytes) -> StoredGiftCard | None:
        row = await self._open.fetchrow(_GIFT_CARD, digest)
        if row is None:
            return None
        left = -await ledger_writing.balance_for_update(self._open, f"gift_card:{row[0]}", row[1])
        return StoredGiftCard(id=str(row[0]), currency=row[1], initial=row[2], left=left, created_ms=row[3])

    async def hold_store_credit(self, customer: str, currency: str) -> int:
        if await self._open.fetchval(_CREDIT, customer) is None:
            return 0
        return -await ledger_writing.balance_for_update(self._open, f"store_credit:{customer}", currency)

    async def hold_attempts(self, *, since_ms: int, open_since_ms: int, limit: int) -> Attempts:
        reference, address = self.payment.reference, self.payment.payer.address
        row = await self._open.fetchrow(_ATTEMPTS, reference, address, since_ms, open_since_ms, limit)
        assert row is not None  # the function returns one row
        return Attempts(of_reference_ms=tuple(row[0]), of_address_ms=tuple(row[1]), open_attempts=row[2])

    async def put_webhook(self, event: StoredWebhook) -> bool:
        return await webhooks.put(self._open, event)

    async def claim(self, once: Once, now_ms: int) -> bytes | None:
        return await self._answers.claim(self._open, once, now_ms)

    async def keep(self, once: Once, answer: bytes) -> None:
        await self._answers.keep(self._open, once, answer)

    async def write(self) -> None:
        if self._payment or self._means or self._operations or self._events:
            statement, arguments = self.statement()
            await self._open.execute(statement, *arguments)
        now_ms = self._clock.now_ms()
        if self._transactions:
            await ledger_writing.post(self._open, self._transactions, now_ms)
        for means, dispute in self._disputes:
            await self._write_dispute(self.means[means], dispute, now_ms)
        for saved in self._saved:
            await self._write_saved(saved)
        self._new = self._payment = False
        self._means, self._operations = set(), set()
        self._transactions, self._events, self._disputes, self._saved = [], [], [], []

    def statement(self) -> tuple[str, tuple[object, ...]]:
        """Writes the payment, its means, its operations and its events."""
        return (_NEW if self._new else _CHANGE), (
            _encode(row_of(self.payment)).decode(),
            self._rows([self.means[one] for one in sorted(self._means)]),
            self._rows([self.operations[one] for one in sorted(self._operations)]),
            [encode(event).decode() for event in self._events],
        )

    @property
    def _open(self) -> calls.Connection:
        if self._connection is None:
            raise RuntimeError("a unit of one statement holds, posts and saves nothing")
        return self._connection

    @staticmethod
    def _rows(values: list[Any]) -> str:
        return _encode([row_of(one) for one in values]).decode()

    async def _write_dispute(self, means: StoredMeans, dispute: ProviderDispute, now_ms: int) -> None:
        await self._open.execute(
            _DISPUTE, means.provider, dispute.id, UUID(means.payment), UUID(means.id), dispute.state, dispute.amount,
            self.payment.currency, dispute.reason, dispute.due_ms, now_ms,
        )  # fmt: skip

    async def _write_saved(self, one: SavedMethod) -> None:
        card = None if one.card is None else _encode(one.card).decode()
        await self._open.execute(
            _SAVED, UUID(one.id), one.customer, one.method, one.provider, one.saved_ref, one.consent, one.consented_ms,
            one.usage, card,
        )  # fmt: skip
