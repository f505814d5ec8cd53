"""Idempotency for a SQL domain: key, hash of the request and answer in a row, written in the transaction of the change.

``claim`` comes first in the transaction, ``keep`` last. A second request with the same key waits for the first one's
transaction: after a commit it gets its answer, after a rollback it does the work. There is no state in between. A domain's
migration creates ``<schema>.idempotency (id bytea PRIMARY KEY, fingerprint bytea, answer bytea, made_ms bigint)``.

The answer (it may contain a new API key) is encrypted with a key derived from the caller's idempotency key, of which only a
digest is stored: the table and the shop's secret together do not reveal it.
"""

import hashlib
import hmac
import os
import re
from typing import Any, Protocol

from renga.kernel.errors import OutcomeUnknown
from renga.kernel.once import IdempotencyConflict, Once

#: How long answers are kept, and the most rows that one sweep deletes.
KEPT_MS = 86_400_000
SWEEP_ROWS_MAX = 1_000
CALL_TIMEOUT_S = 5.0

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_NONCE_BYTES = 12


class AnswerLost(OutcomeUnknown):
    code = "answer_lost"
    title = "This was done, but its answer cannot be read any more"


class AnswersConnection(Protocol):
    """The methods of an open transaction's connection that are needed here."""

    async def fetchrow(self, query: str, *args: object, timeout: float | None = None) -> object:  # noqa: ASYNC109 # asyncpg's name
        """The first row of a query, None if there is none."""
        ...

    async def execute(self, query: str, *args: object, timeout: float | None = None) -> str:  # noqa: ASYNC109 # asyncpg's name
        """Run one statement."""
        ...


class IdempotentAnswers:
    """The answers in ``schema``; ``secret`` is the shop's."""

    def __init__(self, schema: str, secret: bytes) -> None:
        if not _IDENTIFIER.fullmatch(schema):
            raise ValueError(f"{schema!r} is not a schema name")
        self._secret = secret
        self._claim = f"""
            INSERT INTO {schema}.idempotency (id, fingerprint, made_ms) VALUES ($1, $2, $3)
            ON CONFLICT DO NOTHING RETURNING 1
        """
        self._read = f"SELECT fingerprint, answer FROM {schema}.idempotency WHERE id = $1"
        self._keep = f"UPDATE {schema}.idempotency SET answer = $2 WHERE id = $1"
        self._sweep = f"""
            DELETE FROM {schema}.idempotency WHERE id IN
            (SELECT id FROM {schema}.idempotency WHERE made_ms < $1 ORDER BY made_ms LIMIT $2 FOR UPDATE SKIP LOCKED)
        """

    async def claim(self, connection: AnswersConnection, once: Once, now_ms: int) -> bytes | None:
        """None: this transaction must do the work. Else the answer of the first call. Raises IdempotencyConflict."""
        name = self._derive(b"id", once)
        if await connection.fetchrow(self._claim, name, once.fingerprint, now_ms, timeout=CALL_TIMEOUT_S):
            return None
        row = await connection.fetchrow(self._read, name, timeout=CALL_TIMEOUT_S)
        if row is None or row["answer"] is None:  # type: ignore[index]  # asyncpg's Record
            raise AnswerLost()  # deleted by a sweep between the two statements
        return self._open(name, once, row)

    async def find(self, connection: AnswersConnection, once: Once) -> bytes | None:
        """As ``claim`` without claiming, for use before the transaction of the work."""
        name = self._derive(b"id", once)
        row = await connection.fetchrow(self._read, name, timeout=CALL_TIMEOUT_S)
        return None if row is None else self._open(name, once, row)

    def _open(self, name: bytes, once: Once, row: Any) -> bytes:
        if not hmac.compare_digest(row["fingerprint"], once.fingerprint):
            raise IdempotencyConflict()
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        sealed: bytes = row["answer"]
        try:
            answer = AESGCM(self._derive(b"seal", once)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name)
        except InvalidTag as error:
            raise AnswerLost() from error
        once.replay.happened = True
        return answer

    async def keep(self, connection: AnswersConnection, once: Once, answer: bytes) -> None:
        """Store the answer of a claimed key."""
        # imported here: a worker sweeps these rows and seals none
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        name = self._derive(b"id", once)
        nonce = os.urandom(_NONCE_BYTES)
        sealed = AESGCM(self._derive(b"seal", once)).encrypt(nonce, answer, name)
        await connection.execute(self._keep, name, nonce + sealed, timeout=CALL_TIMEOUT_S)

    async def sweep(self, connection: AnswersConnection, now_ms: int) -> int:
        """Delete rows older than KEPT_MS, at most SWEEP_ROWS_MAX; returns how many."""
        done = await connection.execute(self._sweep, now_ms - KEPT_MS, SWEEP_ROWS_MAX, timeout=CALL_TIMEOUT_S)
        return int(done.rpartition(" ")[2])

    def _derive(self, purpose: bytes, once: Once) -> bytes:
        parts = (b"renga idempotency", purpose, once.scope.encode(), once.key.encode())
        return hmac.digest(self._secret, b"".join(len(p).to_bytes(4, "big") + p for p in parts), hashlib.sha256)
