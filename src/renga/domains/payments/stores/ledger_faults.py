"""Statements that find what does not add up, or was changed in spite of the triggers."""

from collections.abc import Iterable
from typing import Any, Literal

from renga.domains.payments.contract.ledger_reading import LedgerFault

_SUMS = """
    coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0) AS debits,
    coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0) AS credits
"""
#: The digest is that of ``ledger/model/balance.py``; columns sort by code point ("C").
CHANGED_TRANSACTIONS = r"""
    SELECT t.key, CASE WHEN count(e.transaction) <> t.entries
        THEN format('it has %s entries instead of %s', count(e.transaction), t.entries)
        ELSE 'its entries, kind or reference are not those that were posted' END
    FROM payments.ledger_transactions t LEFT JOIN payments.ledger_entries e ON e.transaction = t.id
    WHERE t.id > $1 AND t.id <= $2
    GROUP BY t.id
    HAVING count(e.transaction) <> t.entries OR t.digest <> sha256(convert_to(t.kind || E'\n' || t.reference || E'\n' ||
        string_agg(e.account || ' ' || e.currency || ' ' || e.amount, E'\n' ORDER BY e.account, e.currency, e.amount), 'UTF8'))
    ORDER BY t.id LIMIT $3
"""
UNBALANCED_TRANSACTIONS = """
    SELECT coalesce(t.key, e.transaction::text), format('%s entries of %stransaction sum to %s %s',
        count(*), CASE WHEN t.key IS NULL THEN 'no ' ELSE 'the ' END, sum(e.amount), e.currency)
    FROM payments.ledger_entries e LEFT JOIN payments.ledger_transactions t ON t.id = e.transaction
    WHERE e.transaction > $1 AND e.transaction <= $2
    GROUP BY e.transaction, t.key, e.currency HAVING sum(e.amount) <> 0 OR t.key IS NULL
    ORDER BY e.transaction LIMIT $3
"""
WRONG_CHECKPOINTS = f"""
    SELECT c.account, format('up to transaction %s it says %s - %s %s in %s entries, and the entries %s - %s in %s',
        c.upto, c.debits, c.credits, c.currency, c.entries, s.debits, s.credits, s.entries)
    FROM payments.ledger_checkpoints c
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries, {_SUMS} FROM payments.ledger_entries e
        WHERE e.account = c.account AND e.currency = c.currency AND e.transaction <= c.upto
    ) AS s
    WHERE (c.entries, c.debits, c.credits) IS DISTINCT FROM (s.entries, s.debits, s.credits)
    ORDER BY 1 LIMIT $1
"""
WRONG_TOTALS = f"""
    SELECT coalesce(t.kind, s.kind), format('it says %s - %s %s, and the entries %s - %s',
        t.debits, t.credits, coalesce(t.currency, s.currency), s.debits, s.credits)
    FROM payments.ledger_totals t
    FULL JOIN (
        SELECT split_part(e.account, ':', 1) AS kind, e.currency, {_SUMS} FROM payments.ledger_entries e
        WHERE e.transaction <= coalesce((SELECT upto FROM payments.ledger_horizon), 0) GROUP BY 1, 2
    ) AS s ON s.kind = t.kind AND s.currency = t.currency
    WHERE (t.debits, t.credits) IS DISTINCT FROM (s.debits, s.credits)
    ORDER BY 1 LIMIT $1
"""
NEWEST = """
    SELECT greatest(
        (SELECT max(id) FROM payments.ledger_transactions), (SELECT max(transaction) FROM payments.ledger_entries), 0)
"""


def faults_of(kind: Literal["unbalanced", "changed", "checkpoint", "totals"], rows: Iterable[Any]) -> list[LedgerFault]:
    """Faults of rows of a subject and a detail."""
    return [LedgerFault(kind=kind, subject=row[0], detail=row[1]) for row in rows]
