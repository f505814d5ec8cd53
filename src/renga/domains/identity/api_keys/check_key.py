"""Use case: check an API key, by a keyed hash and a cache of a few seconds over the store."""

import hashlib

import structlog

from renga.domains.identity.api_keys.last_uses import LastUses
from renga.domains.identity.api_keys.model.key_format import Hasher, id_of
from renga.domains.identity.contract import ApiKey
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.organisations.model import Standing, is_active, live
from renga.domains.identity.organisations.model.limits import FOUND_MS, MISSING_MS, REMEMBERED_MAX
from renga.domains.identity.organisations.ports import ApiKeyStore
from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable
from renga.platform.cache.remembering import Remembered

log = structlog.get_logger(__name__)


class KeyChecker:
    """Caches keys by id, never the key texts. Invalid keys are cached for a shorter time than valid ones."""

    def __init__(self, store: ApiKeyStore, grants: Grants, hasher: Hasher, clock: Clock) -> None:
        self._store = store
        self._grants = grants
        self._hasher = hasher
        self._clock = clock
        self._uses = LastUses()
        self._proved: dict[bytes, tuple[str, tuple[Standing, ApiKey]]] = {}
        self._memory: Remembered[str, tuple[Standing, ApiKey]] = Remembered(
            clock, size_max=REMEMBERED_MAX, found_ms=FOUND_MS, missing_ms=MISSING_MS
        )

    def known(self, key: str) -> ApiKey | None:
        """Like ``check`` for a text that was verified recently, without waiting; None: call ``check``.

        Texts are recognised by SHA-256: safe for 256 random bits, and a fifth of the keyed hash's cost.
        """
        proved = self._proved.get(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest())
        if proved is None or self._memory.fresh(proved[0]) is not proved[1]:
            return None
        now_ms = self._clock.now_ms()
        if not is_active(proved[1][0], now_ms):
            return None
        self._uses.note(proved[0], now_ms)
        return proved[1][1]

    async def check(self, key: str) -> ApiKey | None:
        """The key's data with its present scopes; None for an invalid text. Raises Unavailable."""
        key_id = id_of(key)
        if key_id is None:
            return None
        known = self._memory.fresh(key_id) or await self._memory.get(key_id, lambda: self._load(key_id))
        # an unknown id costs the same hash and comparison as a known one
        if not self._hasher.matches(key, known[0].hash if known else None) or known is None:
            return None
        now_ms = self._clock.now_ms()
        if not is_active(known[0], now_ms):
            return None
        self._uses.note(key_id, now_ms)
        if len(self._proved) >= REMEMBERED_MAX:
            self._proved.clear()
        self._proved[hashlib.sha256(key.encode()).digest()] = (key_id, known)
        return known[1]

    def forget(self, key_id: str) -> None:
        """Drop a changed key: the next check reads the store."""
        self._memory.forget(key_id)

    def forget_account(self, account_id: str) -> None:
        """Drop all keys of an account whose permissions changed."""
        self._memory.forget_where(lambda known: known[1].account_id == account_id)

    async def flush(self) -> int:
        """Write the last uses; returns how many keys changed. After an error they are kept for the next flush."""
        uses = self._uses.take()
        if not uses:
            return 0
        try:
            return await self._store.touch(uses)
        except Unavailable as error:
            self._uses.give_back(uses)
            log.warning("last_uses_not_written", keys=len(uses), error=error.detail)
            return 0

    async def _load(self, key_id: str) -> tuple[Standing, ApiKey] | None:
        standing = await self._store.standing(key_id)
        key = live(self._grants, standing) if standing else None
        return (standing, key) if standing and key else None
