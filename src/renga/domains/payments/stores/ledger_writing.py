"""Writes ledger transactions, and reads balances under a lock, in the transaction of the caller."""

from collections.abc import Mapping, Sequence

import asyncpg

from renga.domains.payments.contract.errors import LedgerKeyConflict
from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.ledger.model.accounts import checked_account
from renga.domains.payments.ledger.model.balance import checked_batch, digest_of
from renga.domains.payments.stores.ledger_balances import BALANCES
from renga.platform.postgres.calls import Connection

#: Deadline of one statement.
CALL_TIMEOUT_S = 10.0
#: Raised by ``payments.post_ledger``: the key has another content.
_KEY_TAKEN = "LG001"

_POST = """
    SELECT payments.post_ledger($1, $2::text[], $3::bytea[], $4::text[], $5::text[], $6::smallint[],
        $7::text[], $8::smallint[], $9::text[], $10::text[], $11::bigint[])
"""
#: A lock that is given back when the transaction has ended and is visible to others.
_LOCK = """
    SELECT pg_advisory_xact_lock(hashtextextended('renga ledger ' || $1, 0)), current_setting('transaction_isolation')
"""


async def post(connection: Connection, transactions: Sequence[LedgerTransaction], now_ms: int) -> None:
    """Write transactions in the connection's open transaction, in one round trip. What is there already with the same content
    stays as it is.

    Keys are taken in sorted order, so that two callers never wait for each other in a circle. Raises LedgerUnbalanced and
    LedgerInvalid before anything is sent; LedgerKeyConflict: the key has another content, and PostgreSQL lets nothing that the
    caller's transaction did be committed.
    """
    batch = checked_batch(transactions)
    if not batch:
        return
    try:
        await connection.execute(_POST, now_ms, *_columns(batch), timeout=CALL_TIMEOUT_S)
    except asyncpg.PostgresError as error:
        if error.sqlstate != _KEY_TAKEN:
            raise
        raise LedgerKeyConflict(f"another transaction of the ledger has the key {error.args[0]!r}") from error


def _columns(batch: Mapping[str, LedgerTransaction]) -> tuple[list[object], ...]:
    entries = [(key, place, entry) for key, one in batch.items() for place, entry in enumerate(one.entries, 1)]
    return (
        list(batch),
        [digest_of(one) for one in batch.values()],
        [one.kind for one in batch.values()],
        [one.reference for one in batch.values()],
        [len(one.entries) for one in batch.values()],
        [key for key, _, _ in entries],
        [place for _, place, _ in entries],
        [entry.account for _, _, entry in entries],
        [entry.currency for _, _, entry in entries],
        [entry.amount for _, _, entry in entries],
    )


async def balance_for_update(connection: Connection, account: str, currency: str) -> int:
    """The balance of an account that is not to be overdrawn. Whoever else asks for it waits until this transaction has ended.

    Ask for several in sorted order, as ``balances_for_update`` does. Raises LedgerInvalid.
    """
    return (await balances_for_update(connection, [account], currency))[account]


async def balances_for_update(connection: Connection, accounts: Sequence[str], currency: str) -> dict[str, int]:
    """Several at once, locked in sorted order. Raises LedgerInvalid."""
    if not connection.is_in_transaction():
        raise RuntimeError("a lock of a balance lasts as long as the transaction, and there is none")
    names = sorted({checked_account(account) for account in accounts})
    for name in names:
        row = await connection.fetchrow(_LOCK, name, timeout=CALL_TIMEOUT_S)
        if row is None or row[1] != "read committed":
            raise RuntimeError("only READ COMMITTED sees what was spent while this transaction waited")
    # a statement of its own: its snapshot is younger than the locks
    rows = await connection.fetch(BALANCES, names, currency, timeout=CALL_TIMEOUT_S)
    return dict.fromkeys(names, 0) | {row["account"]: int(row["debits"] - row["credits"]) for row in rows}
