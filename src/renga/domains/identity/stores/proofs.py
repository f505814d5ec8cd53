"""Second factors, passkeys and challenges in PostgreSQL."""

from collections.abc import Sequence

import asyncpg

from renga.domains.identity.accounts.model.values import PasskeyRecord, TotpState
from renga.domains.identity.stores.connection import Connection

#: Expired challenges deleted by one insert.
SWEEP_MAX = 20

_SAVE_TOTP = """
    INSERT INTO identity.totp (account_id, secret, pending, last_step, checked_ms)
    VALUES ($1::text::uuid, $2, $3, $4, $5)
    ON CONFLICT (account_id) DO UPDATE SET secret = $2, pending = $3, last_step = $4, checked_ms = $5
"""
_ADD_PASSKEY = """
    INSERT INTO identity.passkeys
        (credential_id, account_id, public_key, sign_count, name, transports, synced, created_ms)
    VALUES ($1, $2::text::uuid, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""


class PostgresProofs:
    """``ports.ProofRows`` on a unit's connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def totp(self, account_id: str) -> TotpState:
        row = await self._connection.fetchrow(
            "SELECT * FROM identity.totp WHERE account_id = $1::text::uuid FOR UPDATE", account_id
        )
        if row is None:
            return TotpState()
        return TotpState(
            secret=row["secret"], pending=row["pending"], last_step=row["last_step"], checked_ms=row["checked_ms"]
        )

    async def save_totp(self, account_id: str, state: TotpState) -> None:
        s = state
        await self._connection.execute(_SAVE_TOTP, account_id, s.secret, s.pending, s.last_step, s.checked_ms)

    async def remove_totp(self, account_id: str) -> None:
        await self._connection.execute("DELETE FROM identity.totp WHERE account_id = $1::text::uuid", account_id)
        await self.set_recovery_codes(account_id, ())

    async def set_recovery_codes(self, account_id: str, hashes: Sequence[bytes]) -> None:
        await self._connection.execute(
            "DELETE FROM identity.recovery_codes WHERE account_id = $1::text::uuid", account_id
        )
        await self._connection.execute(
            "INSERT INTO identity.recovery_codes SELECT $1::text::uuid, unnest($2::bytea[])", account_id, list(hashes)
        )

    async def use_recovery_code(self, account_id: str, code_hash: bytes) -> bool:
        done = await self._connection.execute(
            "DELETE FROM identity.recovery_codes WHERE account_id = $1::text::uuid AND code_hash = $2",
            account_id,
            code_hash,
        )
        return done == "DELETE 1"

    async def recovery_codes_left(self, account_id: str) -> int:
        query = "SELECT count(*) FROM identity.recovery_codes WHERE account_id = $1::text::uuid"
        return int(await self._connection.fetchval(query, account_id))

    async def add_challenge(self, challenge: bytes, account_id: str | None, *, expires_ms: int, now_ms: int) -> None:
        await self._connection.execute(
            """
            DELETE FROM identity.challenges WHERE challenge IN (
                SELECT challenge FROM identity.challenges WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT $2
                FOR UPDATE SKIP LOCKED
            )
            """,
            now_ms,
            SWEEP_MAX,
        )
        await self._connection.execute(
            "INSERT INTO identity.challenges (challenge, account_id, expires_ms) VALUES ($1, $2::text::uuid, $3)",
            challenge,
            account_id,
            expires_ms,
        )

    async def take_challenge(self, challenge: bytes, account_id: str | None, now_ms: int) -> bool:
        done = await self._connection.execute(
            """
            DELETE FROM identity.challenges
            WHERE challenge = $1 AND account_id IS NOT DISTINCT FROM $2::text::uuid AND expires_ms > $3
            """,
            challenge,
            account_id,
            now_ms,
        )
        return done == "DELETE 1"

    async def add_passkey(self, passkey: PasskeyRecord) -> bool:
        p = passkey
        done = await self._connection.execute(
            *(_ADD_PASSKEY, p.credential_id, p.account_id, p.public_key, p.sign_count),
            *(p.name, list(p.transports), p.synced, p.created_ms),
        )
        return done == "INSERT 0 1"

    async def passkey(self, credential_id: bytes) -> PasskeyRecord | None:
        row = await self._connection.fetchrow(
            "SELECT * FROM identity.passkeys WHERE credential_id = $1 FOR UPDATE", credential_id
        )
        return None if row is None else _passkey(row)

    async def passkeys(self, account_id: str) -> Sequence[PasskeyRecord]:
        rows = await self._connection.fetch(
            "SELECT * FROM identity.passkeys WHERE account_id = $1::text::uuid ORDER BY created_ms, credential_id",
            account_id,
        )
        return [_passkey(row) for row in rows]

    async def use_passkey(self, credential_id: bytes, sign_count: int, now_ms: int) -> None:
        await self._connection.execute(
            "UPDATE identity.passkeys SET sign_count = $2, used_ms = $3 WHERE credential_id = $1",
            credential_id,
            sign_count,
            now_ms,
        )

    async def remove_passkey(self, account_id: str, credential_id: bytes) -> bool:
        done = await self._connection.execute(
            "DELETE FROM identity.passkeys WHERE account_id = $1::text::uuid AND credential_id = $2",
            account_id,
            credential_id,
        )
        return done == "DELETE 1"


def _passkey(row: "asyncpg.Record") -> PasskeyRecord:
    values = dict(row)
    return PasskeyRecord(
        **values | {"account_id": str(values["account_id"]), "transports": tuple(values["transports"])}
    )
