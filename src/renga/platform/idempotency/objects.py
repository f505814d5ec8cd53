"""Idempotency for data outside SQL: key, hash of the request and answer in one object of an object store.

Only for work that is idempotent by itself (an upsert, a picture under its hash): two simultaneous calls with one key both do
it, and the later answer is kept. An answer is valid for KEPT_MS; a lifecycle rule may delete ``answers/`` after that. It is
encrypted as in ``postgres.py``: it cannot be read without the key that the caller chose.
"""

import hashlib
import hmac
import os
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from renga.kernel.clock import Clock, SystemClock
from renga.kernel.once import IdempotencyConflict, Once
from renga.platform.idempotency.postgres import KEPT_MS, AnswerLost

_NONCE_BYTES = 12


class Objects(Protocol):
    """The methods of an object store that are needed here."""

    async def put(self, name: str, content: bytes, media_type: str) -> None:
        """Keep an object; the same name again replaces it."""
        ...

    async def get(self, name: str) -> bytes | None:
        """The object, None if there is none."""
        ...


class KeptObjectAnswer(msgspec.Struct, frozen=True, array_like=True):
    """The answer of an earlier call. ``fingerprint`` is that of its request."""

    made_ms: int
    fingerprint: bytes
    answer: bytes

    def check(self, once: Once) -> bytes:
        """The answer if the request is the same. Raises IdempotencyConflict."""
        if not hmac.compare_digest(self.fingerprint, once.fingerprint):
            raise IdempotencyConflict()
        once.replay.happened = True
        return self.answer


class ObjectAnswers:
    """The answers in one store, whose errors are raised unchanged."""

    def __init__(self, store: Objects, clock: Clock | None = None) -> None:
        self._store = store
        self._clock = clock or SystemClock()

    async def find(self, once: Once) -> bytes | None:
        """The answer of an earlier call with this key. Raises IdempotencyConflict, AnswerLost."""
        kept = await self.kept(once.scope, once.key)
        return None if kept is None else kept.check(once)

    async def kept(self, scope: str, key: str) -> KeptObjectAnswer | None:
        """As ``find``, before the request's fingerprint is known: call ``check`` on it later. Raises AnswerLost."""
        name = _derive(b"id", scope, key)
        sealed = await self._store.get(_name(name))
        if sealed is None:
            return None
        try:
            opened = AESGCM(_derive(b"seal", scope, key)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name)
        except InvalidTag as error:
            raise AnswerLost() from error
        found = msgspec.msgpack.decode(opened, type=KeptObjectAnswer)
        return found if self._clock.now_ms() - found.made_ms < KEPT_MS else None

    async def keep(self, once: Once, answer: bytes) -> None:
        """Store the answer for later calls with this key."""
        name, nonce = _derive(b"id", once.scope, once.key), os.urandom(_NONCE_BYTES)
        content = msgspec.msgpack.encode(KeptObjectAnswer(self._clock.now_ms(), once.fingerprint, answer))
        sealed = AESGCM(_derive(b"seal", once.scope, once.key)).encrypt(nonce, content, name)
        await self._store.put(_name(name), nonce + sealed, "application/octet-stream")


def _name(digest: bytes) -> str:
    return f"answers/{digest.hex()[:2]}/{digest.hex()}"


def _derive(purpose: bytes, scope: str, key: str) -> bytes:
    parts = (purpose, scope.encode(), key.encode())
    return hmac.digest(b"renga idempotency", b"".join(len(p).to_bytes(4, "big") + p for p in parts), hashlib.sha256)
