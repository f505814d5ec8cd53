"""Token signing keys: encrypted at rest, published before and after they sign, rotated without a gap.

One ring for each algorithm, with the same life: ES256 for access tokens, RS256 and ES256 for ID tokens.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import structlog
from joserfc.jwk import Key

from renga.domains.identity.accounts.ports import Seal
from renga.domains.identity.oauth.key_making import ACCESS_TOKENS, ID_TOKENS, Algorithm, make_key, read_key
from renga.domains.identity.oauth.key_ring import KeyRing
from renga.domains.identity.oauth.ports import KeyRow, SigningKeyStore
from renga.domains.identity.settings import IdentitySettings
from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

#: Interval at which a process checks for rotated keys and for its own rotation time.
RELOAD_S = 30.0

Rows = tuple[KeyRow, ...]


class SigningKeys:
    """The key rings of a process. ``load`` them once; ``run`` refreshes and rotates them."""

    def __init__(
        self,
        store: SigningKeyStore,
        seal: Seal,
        settings: IdentitySettings,
        clock: Clock,
        *,
        make: Callable[[Algorithm], Key] = make_key,
    ) -> None:
        self._store = store
        self._seal = seal
        self._settings = settings
        self._clock = clock
        self._make = make
        self._rows: Rows = ()
        self._signers: dict[Algorithm, Key] = {}
        self._published: dict[str, tuple[Key, str]] = {}

    def signer(self, algorithm: Algorithm = ACCESS_TOKENS) -> Key:
        """The active key. Raises Unavailable before ``load``."""
        if algorithm not in self._signers:
            raise Unavailable("the signing keys are not loaded yet")
        return self._signers[algorithm]

    def find(self, kid: str) -> tuple[Key, str] | None:
        """A published key of any ring and its only permitted algorithm. Not for access tokens, see ``VerifyingKeys``."""
        return self._published.get(kid)

    def jwks(self) -> dict[str, Any]:
        """The public keys of all unexpired tokens and of the next signing keys."""
        return {"keys": [row.public for row in self._rows]}

    async def source(self) -> dict[str, Any]:
        """The key set for verifiers in this process (``keysets.KeySource``). Raises Unavailable."""
        await self.load()
        return self.jwks()

    async def load(self) -> None:
        """Read the keys; create or rotate them if due. Raises Unavailable."""
        rows = await self._store.all()
        if any(ring.due for ring in self._rings(rows).values()):
            rows = await self._change(rows)
        self._take(rows)

    async def rotate(self) -> None:
        """Rotate every ring now (after a leak: twice, so that every published key is new)."""
        self._take(await self._change(await self._store.all(), force=True))

    async def run(self) -> None:
        """Refresh and rotate the keys until cancelled."""
        while True:
            await asyncio.sleep(RELOAD_S)
            try:
                await self.load()
            except Unavailable as error:
                log.warning("signing_keys_not_reloaded", code=error.code, detail=error.detail)

    async def _change(self, seen: Rows, *, force: bool = False) -> Rows:
        """Keys are made before the lock is taken; decided is under it, so that only one process rotates."""
        fresh = {
            algorithm: [await asyncio.to_thread(self._made, algorithm) for _ in range(ring.lacking)]
            for algorithm, ring in self._rings(seen, force=force).items()
        }

        def decide(rows: Rows) -> Rows:
            rings = self._rings(rows, force=force)
            return tuple(row for algorithm, ring in rings.items() for row in ring.rotated(fresh[algorithm]))

        return await self._store.change(decide)

    def _rings(self, rows: Sequence[KeyRow], *, force: bool = False) -> Mapping[Algorithm, KeyRing]:
        now_ms = self._clock.now_ms()
        return {
            algorithm: KeyRing([row for row in rows if row.algorithm == algorithm], self._settings, now_ms, force=force)
            for algorithm in sorted(ID_TOKENS)
        }

    def _take(self, rows: Rows) -> None:
        # every process publishes the same document, with the same entity tag
        rows = tuple(sorted(rows, key=lambda row: (row.created_ms, row.kid)))
        active = {row.algorithm: row for row in rows if row.state == "active"}
        if active.keys() != set(ID_TOKENS):
            raise Unavailable("the signing keys were changed meanwhile; they are read again soon")
        for algorithm in ID_TOKENS:
            known = self._signers.get(algorithm)
            if known is None or known.kid != active[algorithm].kid:
                self._signers[algorithm] = self._opened(active[algorithm])
        if rows != self._rows:
            self._published = {row.kid: (read_key(row.public), row.algorithm) for row in rows}
            self._rows = rows

    def _opened(self, row: KeyRow) -> Key:
        private = self._seal.open(row.private, _bound_to(row.kid))
        return read_key(msgspec.json.decode(private, type=dict[str, Any]))

    def _made(self, algorithm: Algorithm) -> KeyRow:
        key = self._make(algorithm)
        kid = key.kid or key.thumbprint()
        private = msgspec.json.encode(key.as_dict(private=True)).decode()
        now_ms = self._clock.now_ms()
        return KeyRow(
            kid=kid,
            state="next",
            public={name: str(value) for name, value in key.as_dict(private=False).items()},
            private=self._seal.close(private, _bound_to(kid)),
            created_ms=now_ms,
            changed_ms=now_ms,
        )


def _bound_to(kid: str) -> str:
    """The associated data of the encryption, so that encrypted secrets cannot be swapped."""
    return f"signing-key {kid}"
