"""Writes ledger transactions."""

from collections.abc import Sequence

from renga.domains.payments.contract.errors import LedgerKeyConflict, LedgerUnbalanced
from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.platform.postgres import calls

_TRANSACTION = """
    INSERT INTO payments.ledger_transactions (key, kind, reference, at_ms) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key) DO NOTHING RETURNING id
"""
_ENTRIES = """
    INSERT INTO payments.ledger_entries (transaction, account, currency, amount)
    SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[])
"""


async def post(connection: calls.Connection, transactions: Sequence[LedgerTransaction], now_ms: int) -> None:
    """In the caller's transaction. Raises LedgerUnbalanced, LedgerKeyConflict."""
    for one in transactions:
        sums: dict[str, int] = {}
        for entry in one.entries:
            sums[entry.currency] = sums.get(entry.currency, 0) + entry.amount
        if any(sums.values()) or not one.entries:
            raise LedgerUnbalanced(f"{one.key}: {sums}")
        identifier = await connection.fetchval(_TRANSACTION, one.key, one.kind, one.reference, now_ms)
        if identifier is None:
            raise LedgerKeyConflict(one.key)
        columns = zip(*((entry.account, entry.currency, entry.amount) for entry in one.entries), strict=True)
        await connection.execute(_ENTRIES, identifier, *map(list, columns))
