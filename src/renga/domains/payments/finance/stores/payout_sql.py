"""Statements about payouts."""

from renga.domains.payments.stores.ledger_balances import BALANCES

COLUMNS = """
    id, merchant, currency, from_day, to_day, state, amount, held, opening, closing, sums::text AS sums, after_id,
    created_ms, changed_ms, reason, detail
"""
#: Leaps over the index of entries: one probe for each merchant and currency, whatever the number of entries.
OWED = """
    WITH RECURSIVE held (account, currency) AS (
        (
            SELECT account, currency FROM payments.ledger_entries
            WHERE account LIKE 'merchant:%' AND (account, currency) > ($1, $2) AND account < 'merchant;'
            ORDER BY account, currency LIMIT 1
        )
        UNION ALL
        SELECT e.account, e.currency FROM held CROSS JOIN LATERAL (
            SELECT account, currency FROM payments.ledger_entries
            WHERE (account, currency) > (held.account, held.currency) AND account < 'merchant;'
            ORDER BY account, currency LIMIT 1
        ) AS e
    )
    SELECT o.merchant, o.currency, s.document::text, p.to_day
    FROM (SELECT substr(account, 10) AS merchant, currency FROM held LIMIT $3) AS o
    LEFT JOIN payments.payout_schedules s ON s.merchant = o.merchant
    LEFT JOIN LATERAL (
        SELECT to_day FROM payments.payouts
        WHERE merchant = o.merchant AND currency = o.currency ORDER BY to_day DESC LIMIT 1
    ) AS p ON true
"""
#: One run at a time makes the payouts of a merchant in a currency.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('renga payout ' || $1, 0))"
LAST = f"SELECT {COLUMNS} FROM payments.payouts WHERE merchant = $1 AND currency = $2 ORDER BY to_day DESC LIMIT 1"
#: Changes of the account wait for the payout that looks at it.
ACCOUNT = "SELECT verified, paused_until_ms FROM payments.payout_accounts WHERE merchant = $1 FOR SHARE"

#: Entries of an account after an id and in a time, by kind and sign. A transaction that was numbered a minute before the end is
#: older than all that happen after it.
_GROUPS = """
    SELECT t.kind, sum(e.amount)::bigint AS amount, count(*) FILTER (WHERE t.kind <> 'payout') AS entries,
        max(e.transaction) FILTER (WHERE t.at_ms < $6) AS settled_id
    FROM payments.ledger_entries e JOIN payments.ledger_transactions t ON t.id = e.transaction
    WHERE e.account = $1 AND e.currency = $2 AND e.transaction > $3 AND t.at_ms >= $4 AND t.at_ms < $5
    GROUP BY t.kind, sign(e.amount)
"""
#: What was taken back after the period, and everything that happened after it.
_SINCE = """
    SELECT coalesce(sum(e.amount) FILTER (WHERE t.kind = ANY($7::text[])), 0)::bigint AS taken,
        coalesce(sum(e.amount), 0)::bigint AS total
    FROM payments.ledger_entries e JOIN payments.ledger_transactions t ON t.id = e.transaction
    WHERE e.account = $1 AND e.currency = $2 AND e.transaction > $3 AND t.at_ms >= $5 AND t.kind <> 'payout'
"""
_BALANCE = f"SELECT (b.debits - b.credits)::bigint FROM ({BALANCES.replace('$1::text[]', 'ARRAY[$1::text]')}) AS b"
#: The groups, what came since, and the balance: one statement, so that nothing is sold between two looks at a busy account.
PERIOD = f"""
    SELECT (SELECT coalesce(jsonb_agg(g), '[]') FROM ({_GROUPS}) AS g)::text AS groups, s.taken, s.total,
        coalesce(({_BALANCE}), 0) AS balance
    FROM ({_SINCE}) AS s
"""
#: Where entries of a time begin: the newest statement that ended before it knows.
AFTER_ID = """
    SELECT after_id FROM payments.payouts
    WHERE merchant = $1 AND currency = $2 AND to_day <= $3 ORDER BY to_day DESC LIMIT 1
"""
#: Sales after a moment, less what was given back of the same payments.
HELD = """
    SELECT coalesce(sum(-r.amount), 0)::bigint FROM (
        SELECT sum(e.amount) AS amount
        FROM payments.ledger_entries e JOIN payments.ledger_transactions t ON t.id = e.transaction
        WHERE e.account = $1 AND e.currency = $2 AND e.transaction > $3 AND t.at_ms >= $4 AND t.at_ms < $5
            AND t.kind = ANY($6::text[])
        GROUP BY t.reference
    ) AS r WHERE r.amount < 0
"""
#: The part of each payment's sales that its providers have not settled; all of what is younger than $7.
UNSETTLED = """
    SELECT coalesce(sum(
        CASE WHEN r.newest >= $7 THEN -r.amount ELSE least(-r.amount, ceil(-r.amount * greatest(o.owed, 0) / o.captured)) END
    ), 0)::bigint FROM (
        SELECT t.reference, sum(e.amount) AS amount, max(t.at_ms) FILTER (WHERE t.kind = ANY($8::text[])) AS newest
        FROM payments.ledger_entries e JOIN payments.ledger_transactions t ON t.id = e.transaction
        WHERE e.account = $1 AND e.currency = $2 AND e.transaction > $3 AND t.at_ms >= $4 AND t.at_ms < $5
            AND t.kind = ANY($6::text[])
        GROUP BY t.reference
    ) AS r
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(x.total), 0) AS owed,
            coalesce(sum(x.total) FILTER (WHERE x.total > 0 AND c.kind IN ('capture', 'late_money')), 1) AS captured
        FROM payments.ledger_transactions c CROSS JOIN LATERAL (
            SELECT sum(b.amount) AS total FROM payments.ledger_entries b
            WHERE b.transaction = c.id AND b.currency = $2
                AND split_part(b.account, ':', 1) IN ('clearing', 'receivable')
            OFFSET 0
        ) AS x
        WHERE c.reference = r.reference
    ) AS o
    WHERE r.amount < 0
"""
ADD = """
    INSERT INTO payments.payouts (id, merchant, currency, from_day, to_day, state, amount, held, opening, total, closing, sums,
        after_id, created_ms, changed_ms, reason, detail)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13, $14, $15, $16, $17)
"""
BY_ID = f"SELECT {COLUMNS} FROM payments.payouts WHERE id = $1::uuid"
LIST = f"""
    SELECT {COLUMNS} FROM payments.payouts
    WHERE ($1::text[] IS NULL OR merchant = ANY($1)) AND ($2::text IS NULL OR state = $2)
        AND ($3::bigint IS NULL OR (created_ms, id) < ($3, $4::uuid))
    ORDER BY created_ms DESC, id DESC LIMIT $5
"""
MOVE = """
    UPDATE payments.payouts SET state = $3, detail = $4, changed_ms = $5 WHERE id = $1::uuid AND state = ANY($2::text[])
    RETURNING true
"""
LINES = """
    SELECT e.transaction, e.position, e.amount, t.kind, t.reference, t.at_ms
    FROM payments.ledger_entries e JOIN payments.ledger_transactions t ON t.id = e.transaction
    WHERE e.account = $1 AND e.currency = $2 AND (e.transaction, e.position) > ($3, $4) AND t.at_ms >= $5 AND t.at_ms < $6
        AND t.kind <> 'payout'
    ORDER BY e.transaction, e.position LIMIT $7
"""
