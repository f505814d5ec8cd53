"""What tests of payments share: a caller, payments in one line, and what the database says."""

from collections.abc import Coroutine
from itertools import count
from typing import Any

import asyncpg

from renga.domains.payments.contract.payments import NewMeans, NewPayment, Payment
from renga.domains.payments.contract.service import CaptureRequest, RefundRequest, VoidRequest
from renga.domains.payments.local import LocalPayments
from renga.kernel.caller import Caller
from renga.kernel.money import Money

SHOP = Caller("orders", frozenset({"payments:write"}), program=True)
FINANCE = Caller("fin", frozenset({"payments:read", "payments:manage"}))
_keys = count(1)


def card(amount: int | None = None, token: str | None = None, **more: Any) -> NewMeans:
    return NewMeans(method="card", amount=amount, token=token or f"tok_{next(_keys)}", **more)


class Till:
    """Pays as the shop does."""

    def __init__(self, payments: LocalPayments, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self.payments, self.pool = payments, pool

    def new(self, amount: int = 1000, *means: NewMeans, key: str | None = None, **more: Any) -> NewPayment:
        more.setdefault("reference", "order:1")
        currency = more.pop("currency", "BRL")
        return NewPayment(
            key=key or f"key-{next(_keys)}", amount=Money(amount, currency), means=means or (card(),), **more
        )

    async def pay(self, amount: int = 1000, *means: NewMeans, **more: Any) -> Payment:
        return await self.payments.pay(SHOP, self.new(amount, *means, **more))

    async def read(self, payment: Payment) -> Payment:
        return await self.payments.payment(FINANCE, payment.id)

    async def capture(self, payment: Payment, amount: int | None = None, *, final: bool = True, **more: Any) -> Payment:
        more.setdefault("key", f"key-{next(_keys)}")
        caller = more.pop("caller", SHOP)
        return await self.payments.capture(caller, payment.id, CaptureRequest(amount=amount, final=final, **more))

    async def void(self, payment: Payment, *, key: str | None = None, caller: Caller = SHOP) -> Payment:
        return await self.payments.void(caller, payment.id, VoidRequest(key=key or f"key-{next(_keys)}"))

    async def refund(self, payment: Payment, amount: int | None = None, **more: Any) -> Payment:
        more.setdefault("key", f"key-{next(_keys)}")
        caller = more.pop("caller", SHOP)
        return await self.payments.refund(caller, payment.id, RefundRequest(amount=amount, **more))

    async def ledger(self) -> dict[str, int]:
        """Balances that are not zero, by account."""
        query = """
            SELECT account, sum(amount)::bigint FROM payments.ledger_entries GROUP BY account
            HAVING sum(amount) <> 0 ORDER BY account
        """
        found = {row[0]: row[1] for row in await self.pool.fetch(query)}
        assert sum(found.values()) == 0
        return found

    async def events(self) -> list[str]:
        rows = await self.pool.fetch("SELECT event->>'type' FROM payments.outbox ORDER BY position")
        return [row[0].removeprefix("payments.") for row in rows]

    async def statements(self, work: Coroutine[Any, Any, object]) -> list[str]:
        """The statements that a piece of work runs, BEGIN and COMMIT included."""
        seen: list[str] = []

        def note(record: Any) -> None:
            seen.append(" ".join(record.query.split()))

        connections = [await self.pool.acquire() for _ in range(self.pool.get_max_size())]
        for connection in connections:
            connection.add_query_logger(note)
        for connection in connections:
            await self.pool.release(connection)
        await work
        # what the driver asks a new connection about types is not the work's own
        return [one for one in seen if "payments" in one or one in ("BEGIN;", "COMMIT;", "ROLLBACK;")]

    async def operations(self) -> list[tuple[str, str]]:
        rows = await self.pool.fetch("SELECT kind, state FROM payments.operations ORDER BY created_ms, key")
        return [(row[0], row[1]) for row in rows]
