"""Token signing keys: encrypted at rest, published before and after they sign, rotated without a gap."""

import asyncio
from typing import Any

import msgspec
import structlog
from joserfc.jwk import ECKey

from renga.domains.identity.accounts.ports import Seal
from renga.domains.identity.oauth.ports import KeyRow, SigningKeyStore
from renga.domains.identity.settings import IdentitySettings
from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

ALGORITHM = "ES256"
#: Interval at which a process checks for rotated keys and for its own rotation time.
RELOAD_S = 30.0
_DAY_MS = 86_400_000


class SigningKeys:
    """The key ring of a process. ``load`` it once; ``run`` refreshes and rotates it."""

    def __init__(self, store: SigningKeyStore, seal: Seal, settings: IdentitySettings, clock: Clock) -> None:
        self._store = store
        self._seal = seal
        self._settings = settings
        self._clock = clock
        self._rows: tuple[KeyRow, ...] = ()
        self._signer: ECKey | None = None

    def signer(self) -> ECKey:
        """The active key. Raises Unavailable before ``load``."""
        if self._signer is None:
            raise Unavailable("the signing keys are not loaded yet")
        return self._signer

    def jwks(self) -> dict[str, Any]:
        """The public keys of all unexpired tokens and of the next signing key."""
        return {"keys": [row.public for row in self._rows]}

    async def source(self) -> dict[str, Any]:
        """The key set for verifiers in this process (``keysets.KeySource``). Raises Unavailable."""
        await self.load()
        return self.jwks()

    async def load(self) -> None:
        """Read the keys; create or rotate them if due. Raises Unavailable."""
        rows = await self._store.all()
        if self._due(rows):
            rows = await self._store.change(self._rotated)
        self._take(rows)

    async def rotate(self) -> None:
        """Rotate now (after a leak: twice, so that every published key is new)."""
        self._take(await self._store.change(lambda rows: self._rotated(rows, force=True)))

    async def run(self) -> None:
        """Refresh and rotate the keys until cancelled."""
        while True:
            await asyncio.sleep(RELOAD_S)
            try:
                await self.load()
            except Unavailable as error:
                log.warning("signing_keys_not_reloaded", code=error.code, detail=error.detail)

    def _take(self, rows: tuple[KeyRow, ...]) -> None:
        active = next(row for row in rows if row.state == "active")
        if self._signer is None or self._signer.kid != active.kid:
            private = msgspec.json.decode(self._seal.open(active.private, _bound_to(active.kid)), type=dict[str, Any])
            self._signer = ECKey.import_key(private)
        self._rows = rows

    def _due(self, rows: tuple[KeyRow, ...]) -> bool:
        now_ms = self._clock.now_ms()
        active, follower = _of_state(rows, "active"), _of_state(rows, "next")
        if active is None or follower is None or self._is_time(active, follower, now_ms):
            return True
        return any(self._is_over(row, now_ms) for row in rows)

    def _rotated(self, rows: tuple[KeyRow, ...], *, force: bool = False) -> tuple[KeyRow, ...]:
        """The keys as they should be now; decided under the lock, so that only one process rotates."""
        now_ms = self._clock.now_ms()
        kept = tuple(row for row in rows if not self._is_over(row, now_ms))
        active, follower = _of_state(kept, "active"), _of_state(kept, "next")
        if active is None:
            others = tuple(row for row in kept if row is not follower)
            return (*others, _moved(follower or self._made(now_ms), "active", now_ms), self._made(now_ms))
        if follower is None:
            return (*kept, self._made(now_ms))
        if not force and not self._is_time(active, follower, now_ms):
            return kept
        others = tuple(row for row in kept if row is not active and row is not follower)
        moved = (_moved(active, "retired", now_ms), _moved(follower, "active", now_ms))
        return (*others, *moved, self._made(now_ms))

    def _is_over(self, row: KeyRow, now_ms: int) -> bool:
        return row.state == "retired" and now_ms - row.changed_ms >= self._settings.key_overlap_s * 1000

    def _is_time(self, active: KeyRow, follower: KeyRow, now_ms: int) -> bool:
        signed_ms = now_ms - active.changed_ms
        published_ms = now_ms - follower.created_ms
        settings = self._settings
        return signed_ms >= settings.key_rotation_days * _DAY_MS and published_ms >= settings.key_publication_s * 1000

    def _made(self, now_ms: int) -> KeyRow:
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        kid = key.kid or key.thumbprint()
        private = msgspec.json.encode(key.as_dict(private=True)).decode()
        public = {name: str(value) for name, value in key.as_dict(private=False).items()}
        return KeyRow(
            kid=kid,
            state="next",
            public=public,
            private=self._seal.close(private, _bound_to(kid)),
            created_ms=now_ms,
            changed_ms=now_ms,
        )


def _of_state(rows: tuple[KeyRow, ...], state: str) -> KeyRow | None:
    return next((row for row in rows if row.state == state), None)


def _moved(row: KeyRow, state: Any, now_ms: int) -> KeyRow:
    return msgspec.structs.replace(row, state=state, changed_ms=now_ms)


def _bound_to(kid: str) -> str:
    """The associated data of the encryption, so that encrypted secrets cannot be swapped."""
    return f"signing-key {kid}"
