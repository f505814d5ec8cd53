"""API keys in this process: the contract, bound to a store and to a short memory of keys."""

import asyncio
from collections.abc import Sequence

from renga.identity.check_key import KeyChecker
from renga.identity.contract import ApiKey, NewKey, RateLimit, Visitor
from renga.identity.create_key import create_key
from renga.identity.key_format import Hasher, Randomness
from renga.identity.organisation_access import account_of, demand, merchant_of
from renga.identity.organisation_limits import FLUSH_S, KEYS_LISTED_MAX
from renga.identity.ports_organisations import KeyStore, MerchantStore
from renga.identity.revoke_key import revoke_key
from renga.identity.rotate_key import rotate_key
from renga.kernel.clock import Clock
from renga.kernel.once import Once


class LocalApiKeys:
    """Implements ``contract.ApiKeys``. ``keep_last_uses`` runs in every process that checks keys."""

    def __init__(
        self, store: KeyStore, merchants: MerchantStore, *, secret: bytes, clock: Clock, randomness: Randomness
    ) -> None:
        self._store = store
        self._merchants = merchants
        self._clock = clock
        self._randomness = randomness
        self._hasher = Hasher(secret, b"api keys")
        self._checker = KeyChecker(store, self._hasher, clock)

    async def create(
        self,
        by: str,
        name: str,
        scopes: Sequence[str],
        *,
        merchant_id: str | None,
        life_s: int | None,
        limit: RateLimit | None,
        visitor: Visitor | None = None,
        once: Once | None = None,
    ) -> NewKey:
        made = await create_key(
            self._store,
            by,
            name,
            scopes,
            merchant_id=merchant_id,
            life_s=life_s,
            limit=limit,
            visitor=visitor,
            once=once,
            clock=self._clock,
            hasher=self._hasher,
            randomness=self._randomness,
        )
        self._checker.forget(made.info.id)
        return made

    async def of_owner(self, by: str, merchant_id: str | None) -> tuple[ApiKey, ...]:
        account = account_of(by)
        if merchant_id is not None:
            merchant_id = merchant_of(merchant_id)
            demand(await self._merchants.membership(merchant_id, account), "manage_keys")
        standings = await self._store.of_owner(account, merchant_id, KEYS_LISTED_MAX)
        return tuple(standing.key for standing in standings)

    async def rotate(
        self, by: str, key_id: str, *, overlap_s: int, visitor: Visitor | None = None, once: Once | None = None
    ) -> NewKey:
        made = await rotate_key(
            self._store,
            by,
            key_id,
            overlap_s=overlap_s,
            visitor=visitor,
            once=once,
            clock=self._clock,
            hasher=self._hasher,
            randomness=self._randomness,
        )
        self._checker.forget(key_id)
        self._checker.forget(made.info.id)
        return made

    async def revoke(self, by: str, key_id: str, *, visitor: Visitor | None = None) -> None:
        await revoke_key(self._store, by, key_id, visitor=visitor)
        self._checker.forget(key_id)

    async def check(self, key: str) -> ApiKey | None:
        return await self._checker.check(key)

    async def flush(self) -> int:
        """Write when keys were last used; how many entries changed."""
        return await self._checker.flush()

    async def keep_last_uses(self) -> None:
        """Write last uses every FLUSH_S seconds, and once more when cancelled."""
        try:
            while True:
                await asyncio.sleep(FLUSH_S)
                await self.flush()
        finally:
            await self.flush()
