"""A ledger for tests: posts, and says what its accounts hold."""

import asyncio
import contextlib
import itertools
from collections.abc import Sequence
from typing import Any

from renga.domains.payments.contract.ledger import LedgerEntry, LedgerTransaction
from renga.domains.payments.contract.ledger_reading import READING_LEDGER
from renga.domains.payments.ledger.count_checkpoints import CheckpointCounter
from renga.domains.payments.ledger.local import LocalLedger
from renga.domains.payments.stores.ledger_checkpoints import PostgresLedgerCheckpoints
from renga.domains.payments.stores.ledger_reading import PostgresLedger
from renga.domains.payments.stores.ledger_writing import post
from renga.kernel.caller import Caller
from renga.platform.postgres import calls

FINANCE = Caller("fiona", frozenset({READING_LEDGER}))
#: 2026-11-30T12:00:00Z.
NOON_MS = 1_796_040_000_000

_keys = itertools.count(1)


def entry(account: str, amount: int, currency: str = "BRL") -> LedgerEntry:
    return LedgerEntry(account, amount, currency)


def transaction(
    *entries: LedgerEntry, key: str | None = None, kind: str = "capture", reference: str = "order:1"
) -> LedgerTransaction:
    key = f"key-{next(_keys)}" if key is None else key
    return LedgerTransaction(key=key, kind=kind, reference=reference, entries=entries)


def transfer(
    source: str, target: str, amount: int, *, key: str | None = None, currency: str = "BRL"
) -> LedgerTransaction:
    return transaction(entry(source, -amount, currency), entry(target, amount, currency), key=key, kind="transfer")


async def sees_own(caller: Caller, merchant: str) -> bool:
    return merchant in caller.merchants


async def finished(counter: CheckpointCounter) -> None:
    """It has counted what there was."""
    async with asyncio.timeout(20):
        while await counter.step():
            await asyncio.sleep(0)


class Books:
    """The ledger of a test's database. Every account with two entries is worth a checkpoint, ten transactions are a batch."""

    def __init__(self, pool: calls.Pool) -> None:
        self.pool = pool
        self.ledger = LocalLedger(PostgresLedger(pool), sees_own)
        self.checkpoints = PostgresLedgerCheckpoints(pool, batch=10, entries_min=2)

    async def post(self, *transactions: LedgerTransaction, at_ms: int = NOON_MS) -> None:
        async with calls.transaction(self.pool) as connection:
            await post(connection, transactions, at_ms)

    async def fail_after(self, *transactions: LedgerTransaction) -> None:
        """Post, and then raise: everything is rolled back."""
        with contextlib.suppress(ZeroDivisionError):
            async with calls.transaction(self.pool) as connection:
                await post(connection, transactions, NOON_MS)
                raise ZeroDivisionError

    async def balance(self, account: str, currency: str = "BRL") -> int:
        found = await self.ledger.reads.balances(account)
        return {one.currency: one.balance for one in found}.get(currency, 0)

    async def counted(self) -> int:
        """Count all that has settled; returns how many accounts have a checkpoint."""
        await finished(CheckpointCounter(self.checkpoints))
        number: int = await self.pool.fetchval("SELECT count(*) FROM payments.ledger_checkpoints")
        return number

    async def rows(self) -> tuple[Sequence[Any], Sequence[Any]]:
        """Everything that is stored, to see that nothing changed."""
        return (
            [tuple(row) for row in await self.pool.fetch("SELECT * FROM payments.ledger_transactions ORDER BY id")],
            [tuple(row) for row in await self.pool.fetch("SELECT * FROM payments.ledger_entries ORDER BY 1, 2")],
        )

    async def keys(self) -> list[str]:
        return [row[0] for row in await self.pool.fetch("SELECT key FROM payments.ledger_transactions ORDER BY key")]

    async def adds_up(self) -> None:
        """Nothing is wrong, whole and by checkpoints."""
        assert await self.ledger.verify(FINANCE) == []
        whole = await self.ledger.trial_balance(FINANCE, whole=True)
        assert whole.balanced
        assert await self.ledger.trial_balance(FINANCE) == whole
