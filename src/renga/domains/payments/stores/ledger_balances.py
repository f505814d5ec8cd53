"""Balances: the checkpoint of an account, and its entries after it."""

#: Of accounts in one currency; an account without entries has no row.
BALANCES = """
    SELECT a.account, coalesce(c.debits, 0) + s.debits AS debits, coalesce(c.credits, 0) + s.credits AS credits
    FROM unnest($1::text[]) AS a (account)
    LEFT JOIN payments.ledger_checkpoints c ON c.account = a.account AND c.currency = $2
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries, coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0) AS debits,
            coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0) AS credits
        FROM payments.ledger_entries e
        WHERE e.account = a.account AND e.currency = $2 AND e.transaction > coalesce(c.upto, 0)
    ) AS s
    WHERE s.entries > 0 OR c.account IS NOT NULL
"""

#: The currencies of an account, found by leaps over the index.
CURRENCIES_OF = """
    WITH RECURSIVE held (currency) AS (
        (SELECT currency FROM payments.ledger_entries WHERE account = $1 ORDER BY currency LIMIT 1)
        UNION ALL
        SELECT (
            SELECT e.currency FROM payments.ledger_entries e
            WHERE e.account = $1 AND e.currency > held.currency ORDER BY e.currency LIMIT 1
        ) FROM held WHERE held.currency IS NOT NULL
    )
    SELECT currency FROM held WHERE currency IS NOT NULL
"""

#: Of one account in every currency.
ACCOUNT_BALANCES = f"""
    SELECT h.currency, coalesce(c.debits, 0) + s.debits AS debits, coalesce(c.credits, 0) + s.credits AS credits
    FROM ({CURRENCIES_OF}) AS h
    LEFT JOIN payments.ledger_checkpoints c ON c.account = $1 AND c.currency = h.currency
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0) AS debits,
            coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0) AS credits
        FROM payments.ledger_entries e
        WHERE e.account = $1 AND e.currency = h.currency AND e.transaction > coalesce(c.upto, 0)
    ) AS s
    ORDER BY h.currency
"""
