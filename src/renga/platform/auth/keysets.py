"""The public keys that tokens are checked with: in memory, refreshed from their source, never from a token."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, OKPKey
from prometheus_client import Counter

from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

#: Signature algorithm by the key's curve. RFC 9864 names EdDSA on Curve 25519 ``Ed25519``.
ALGORITHM_OF_CURVE = {"P-256": "ES256", "Ed25519": "Ed25519"}
KEYS_MAX = 50
REFRESH_S = 60.0
#: An unknown key id refreshes the key set, but not more often than this.
MISS_INTERVAL_MS = 5_000

REFRESHES = Counter("renga_auth_key_refreshes", "Refreshes of the key set by outcome", ("outcome",))

#: Returns a JWKS document; raises Unavailable.
KeySource = Callable[[], Awaitable[Mapping[str, Any]]]


class VerifyingKeys:
    """Keys by id. ``generation`` changes when the set does, so that cached verification results can be dropped."""

    def __init__(self, source: KeySource | None, clock: Clock, *, keys: Iterable[Key] = ()) -> None:
        self._source = source
        self._clock = clock
        self._keys = usable(keys)
        self._asked_ms = -MISS_INTERVAL_MS
        self._lock = asyncio.Lock()
        self._wanted = asyncio.Event()
        self.generation = 0

    def find(self, kid: str) -> tuple[Key, str] | None:
        """The key and its only permitted algorithm; None for an unknown id."""
        return self._keys.get(kid)

    async def find_fresh(self, kid: str) -> tuple[Key, str] | None:
        """As ``find``; for an unknown id refreshes the set first, unless that was done very recently."""
        known = self.find(kid)
        if known is not None or self._source is None:
            return known
        async with self._lock:
            if self.find(kid) is None and self._clock.now_ms() - self._asked_ms >= MISS_INTERVAL_MS:
                await self._try_refresh()
        return self.find(kid)

    async def refresh(self) -> None:
        """Replace the set by the source's current one. Raises Unavailable; the old set stays."""
        if self._source is None:
            return
        self._asked_ms = self._clock.now_ms()
        document = await self._source()
        try:
            fresh = usable(KeySet.import_key_set(document).keys)  # type: ignore[arg-type] # a plain JSON object
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise Unavailable(f"the key set is not readable: {error}") from error
        if fresh.keys() != self._keys.keys():
            self._keys = fresh
            self.generation += 1

    def want(self) -> None:
        """Make ``run`` refresh soon: a token named an unknown key, and its request does not wait."""
        if self._clock.now_ms() - self._asked_ms >= MISS_INTERVAL_MS:
            self._wanted.set()

    async def run(self) -> None:
        """Refresh until cancelled: regularly, and when an unknown key is wanted."""
        while True:
            self._wanted.clear()
            await self._try_refresh()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), REFRESH_S)

    async def _try_refresh(self) -> None:
        try:
            await self.refresh()
        except Unavailable as error:
            REFRESHES.labels("failed").inc()
            log.warning("key_set_refresh_failed", code=error.code, detail=error.detail)
        else:
            REFRESHES.labels("done").inc()


def usable(keys: Iterable[Key]) -> dict[str, tuple[Key, str]]:
    """The signature keys of supported types, by id; encryption keys and other types are ignored."""
    found: dict[str, tuple[Key, str]] = {}
    for key in keys:
        algorithm = ALGORITHM_OF_CURVE.get(key.curve_name) if isinstance(key, ECKey | OKPKey) else None
        if algorithm is None or key.get("use", "sig") != "sig" or not key.kid:
            continue
        found.setdefault(key.kid, (key, algorithm))
        if len(found) >= KEYS_MAX:
            break
    return found
