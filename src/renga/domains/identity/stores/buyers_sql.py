"""SQL of buyers: groups with their precedence, tax numbers, and what of it is exported and erased."""

LOCK_GROUPS = "SELECT pg_advisory_xact_lock(hashtextextended('identity.customer_groups', 0))"
FIND_GROUPS = """
    SELECT code, name::text, merchant_id::text FROM identity.customer_groups WHERE code = ANY($1::text[])
    ORDER BY code FOR UPDATE
"""
COUNT_GROUPS = "SELECT count(*) FROM identity.customer_groups WHERE merchant_id IS NOT DISTINCT FROM $1::text::uuid"
PUT_GROUP = """
    INSERT INTO identity.customer_groups (code, merchant_id, name, created_ms)
    VALUES ($1, $2::text::uuid, $3::text::jsonb, $4) ON CONFLICT (code) DO UPDATE SET name = excluded.name
"""
GROUPS = """
    SELECT code, name::text, merchant_id::text FROM identity.customer_groups
    WHERE $1::text IS NULL OR merchant_id = $1::text::uuid ORDER BY code
"""
CUSTOMERS = "SELECT email, since_ms FROM identity.group_addresses WHERE code = $1 ORDER BY email"

#: Accounts for which a group has effect, or had before they left it.
ACCOUNTS_IN = """
    SELECT account_id::text FROM identity.account_groups WHERE code = $1
    UNION SELECT a.id::text FROM identity.group_addresses g JOIN identity.accounts a ON a.email = g.email WHERE g.code = $1
"""
TAKE_GROUPS = """
    DELETE FROM identity.account_groups WHERE account_id = $1::text::uuid AND NOT code = ANY($2::text[]) RETURNING code
"""
GIVE_GROUPS = """
    INSERT INTO identity.account_groups (account_id, code, since_ms)
    SELECT $1::text::uuid, code, $3 FROM unnest($2::text[]) AS code
    ON CONFLICT (account_id, code) DO NOTHING RETURNING code
"""
RETURN_TO_GROUPS = """
    DELETE FROM identity.left_groups WHERE account_id = $1::text::uuid AND code = ANY($2::text[]) RETURNING code
"""
PUT_ADDRESS = """
    INSERT INTO identity.group_addresses (code, email, since_ms) VALUES ($1, $2, $3)
    ON CONFLICT (code, email) DO NOTHING RETURNING code
"""
DROP_ADDRESS = "DELETE FROM identity.group_addresses WHERE code = $1 AND email = $2 RETURNING code"
LEAVE = """
    INSERT INTO identity.left_groups (account_id, code, left_ms) VALUES ($1::text::uuid, $2, $3)
    ON CONFLICT (account_id, code) DO NOTHING
"""

# Those of administrators first, then each merchant's first, each merchant's second, …: no merchant crowds out another's.
# Groups of merchants that are closed or not approved have no effect.
GROUPS_OF = """
    SELECT g.code, g.name::text, g.merchant_id::text
    FROM (
        SELECT code, 0 AS nth, since_ms FROM identity.account_groups WHERE account_id = $1::text::uuid
        UNION ALL
        SELECT x.code, row_number() OVER (PARTITION BY x.merchant_id ORDER BY p.since_ms, x.code), p.since_ms
        FROM identity.accounts a
        JOIN identity.group_addresses p ON p.email = a.email
        JOIN identity.customer_groups x ON x.code = p.code
        WHERE a.id = $1::text::uuid AND a.verified_ms IS NOT NULL AND a.erased_ms IS NULL
    ) AS placed
    JOIN identity.customer_groups g ON g.code = placed.code
    LEFT JOIN identity.merchants m ON m.id = g.merchant_id
    WHERE (g.merchant_id IS NULL OR (m.closed_ms IS NULL AND m.status = 'approved'))
        AND NOT EXISTS (SELECT FROM identity.left_groups l WHERE l.account_id = $1::text::uuid AND l.code = g.code)
    ORDER BY placed.nth, placed.since_ms, g.code LIMIT 100
"""
ACCOUNT = """
    SELECT 1 FROM identity.accounts WHERE id = $1::text::uuid AND verified_ms IS NOT NULL AND erased_ms IS NULL
"""
BUYER = "SELECT * FROM identity.buyer_tax WHERE account_id = $1::text::uuid"
TAX = f"{BUYER} AND tax_id IS NOT NULL"
PUT_TAX = """
    INSERT INTO identity.buyer_tax (account_id, country, tax_id, company, is_company, stated_ms, verified_ms)
    VALUES ($1::text::uuid, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (account_id) DO UPDATE SET country = excluded.country, tax_id = excluded.tax_id, company = excluded.company,
        is_company = excluded.is_company, stated_ms = excluded.stated_ms, verified_ms = excluded.verified_ms
"""
PUT_EXEMPTION = """
    INSERT INTO identity.buyer_tax (account_id, certificate, certificate_until) VALUES ($1::text::uuid, $2, $3)
    ON CONFLICT (account_id) DO UPDATE SET certificate = excluded.certificate, certificate_until = excluded.certificate_until
"""
LOCK_ACCOUNTS = "SELECT 1 FROM identity.accounts WHERE id = ANY($1::text[]::uuid[]) ORDER BY id FOR NO KEY UPDATE"
NEXT_VERSIONS = """
    UPDATE identity.accounts SET version = version + 1 WHERE id = ANY($1::text[]::uuid[]) AND erased_ms IS NULL
    RETURNING id::text, version
"""

EXPORT_GROUPS = """
    SELECT g.code, g.name::text, g.merchant_id::text, p.since_ms, l.left_ms
    FROM (
        SELECT code, since_ms FROM identity.account_groups WHERE account_id = $1::text::uuid
        UNION SELECT p.code, p.since_ms FROM identity.group_addresses p
            JOIN identity.accounts a ON a.email = p.email WHERE a.id = $1::text::uuid
    ) AS p JOIN identity.customer_groups g ON g.code = p.code
    LEFT JOIN identity.left_groups l ON l.account_id = $1::text::uuid AND l.code = g.code ORDER BY p.since_ms, g.code
"""
ERASE = (
    "DELETE FROM identity.group_addresses WHERE email = (SELECT email FROM identity.accounts WHERE id = $1::text::uuid)",
    "DELETE FROM identity.account_groups WHERE account_id = $1::text::uuid",
    "DELETE FROM identity.left_groups WHERE account_id = $1::text::uuid",
    "DELETE FROM identity.buyer_tax WHERE account_id = $1::text::uuid",
)
