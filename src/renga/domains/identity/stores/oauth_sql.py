"""The statements of the authorization server's store."""

KEEP_CODE = """
    INSERT INTO identity.authorization_codes (code_hash, account_id, code, family_id, expires_ms)
    VALUES ($1, $2::text::uuid, $3::text::jsonb, $4::text::uuid, $5)
"""
LOCK_CODE = """
    SELECT code::text AS code, family_id::text AS family_id, used_ms
    FROM identity.authorization_codes WHERE code_hash = $1 FOR UPDATE
"""
USE_CODE = "UPDATE identity.authorization_codes SET used_ms = $2 WHERE code_hash = $1"

ADD_FAMILY = """
    INSERT INTO identity.refresh_families
        (id, account_id, client_id, grant_of, seed, created_ms, rotated_ms, expires_ms)
    VALUES ($1::text::uuid, $2::text::uuid, $3, $4::text::jsonb, $5, $6, $7, $8)
"""
FIND_FAMILY = """
    SELECT id::text AS id, grant_of::text AS grant_of, seed, generation, created_ms, rotated_ms, expires_ms, revoked_ms
    FROM identity.refresh_families WHERE id = $1::text::uuid
"""
LOCK_FAMILY = FIND_FAMILY + " FOR UPDATE"
ROTATE = "UPDATE identity.refresh_families SET generation = $2, rotated_ms = $3 WHERE id = $1::text::uuid"

_END = "UPDATE identity.refresh_families SET revoked_ms = $1, reason = $2 WHERE revoked_ms IS NULL AND "
#: Conditions by kind of revocation; the arguments from $3 on are the parts of its subject.
END_FAMILIES = {
    "family": _END + "id = $3::text::uuid",
    "account": _END + "account_id = $3::text::uuid",
    "client": _END + "client_id = $3",
    "grant": _END + "account_id = $3::text::uuid AND client_id = $4",
}

ADD_REVOCATION = "INSERT INTO identity.revoked_tokens (revocation, until_ms) VALUES ($1::text::jsonb, $2)"
UNTOLD = """
    SELECT position, revocation::text FROM identity.revoked_tokens
    WHERE NOT told AND until_ms >= $1 ORDER BY position LIMIT $2
"""
ALL_LIVE = """
    SELECT position, revocation::text FROM identity.revoked_tokens WHERE until_ms >= $1 ORDER BY position LIMIT $2
"""
ANNOUNCED = "UPDATE identity.revoked_tokens SET told = true WHERE position = ANY($1::bigint[])"


def _purge(table: str, key: str, over: str) -> str:
    return f"""
        WITH gone AS (
            DELETE FROM identity.{table} WHERE {key} IN (
                SELECT {key} FROM identity.{table} WHERE {over} LIMIT $2
            ) RETURNING 1
        ) SELECT count(*) FROM gone
    """


#: $1: rows that ended before this time are deleted; $2: most rows.
PURGE = (
    _purge("authorization_codes", "code_hash", "expires_ms < $1"),
    _purge("refresh_families", "id", "expires_ms < $1 OR revoked_ms < $1"),
    _purge("revoked_tokens", "position", "until_ms < $1"),
)
