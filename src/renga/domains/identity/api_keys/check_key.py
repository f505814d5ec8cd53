"""Use case: is this text a key that works now? A keyed hash and a short memory; the store is asked every few seconds."""

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
    """Remembers keys by id, never as texts. What does not work today is remembered for a shorter time than what does."""

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
        """As ``check``, of a text that was proved while what is remembered of it holds; None: ``check`` must be asked.

        It is known by its SHA-256: a digest of 256 random bits says nothing of them, and costs a fifth of the keyed hash.
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
        """The key's entry, with the scopes that work today; None for any other text. Raises Unavailable."""
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
        """It has changed: the next check asks the store."""
        self._memory.forget(key_id)

    def forget_account(self, account_id: str) -> None:
        """What its keys may has changed."""
        self._memory.forget_where(lambda known: known[1].account_id == account_id)

    async def flush(self) -> int:
        """Write the last uses; how many keys changed. What cannot be written waits for the next time."""
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
