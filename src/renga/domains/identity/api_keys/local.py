"""Implements the contract of API keys in this process, over a store and a cache of keys."""

import asyncio
from collections.abc import Sequence

from renga.domains.identity.api_keys.check_key import KeyChecker
from renga.domains.identity.api_keys.create_key import create_key
from renga.domains.identity.api_keys.model.key_format import Hasher, Randomness
from renga.domains.identity.api_keys.revoke_key import revoke_key
from renga.domains.identity.api_keys.rotate_key import rotate_key
from renga.domains.identity.contract import FRESH_LOGIN_S, ApiKey, CallOrigin, NewKey, RateLimit
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.organisations.access import account_of, demand, merchant_of
from renga.domains.identity.organisations.model.limits import FLUSH_S, KEYS_LISTED_MAX
from renga.domains.identity.organisations.ports import ApiKeyStore, KeyChanges, MerchantStore
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.once import Once


class LocalApiKeys:
    """Implements ``contract.ApiKeys``. ``changes`` invalidates other processes' caches.

    Each process that checks keys runs ``keep_last_uses``.
    """

    def __init__(
        self,
        store: ApiKeyStore,
        merchants: MerchantStore,
        grants: Grants,
        *,
        secret: bytes,
        clock: Clock,
        randomness: Randomness,
        changes: KeyChanges | None = None,
    ) -> None:
        self._changes = changes
        self._store = store
        self._merchants = merchants
        self._grants = grants
        self._clock = clock
        self._randomness = randomness
        self._hasher = Hasher(secret, b"api keys")
        self._checker = KeyChecker(store, grants, self._hasher, clock)

    async def create(
        self,
        caller: Caller,
        name: str,
        scopes: Sequence[str],
        *,
        merchant_id: str | None,
        life_s: int | None,
        limit: RateLimit | None,
        origin: CallOrigin | None = None,
        once: Once | None = None,
    ) -> NewKey:
        caller.proved_within(FRESH_LOGIN_S, self._clock.now_ms())
        made = await create_key(
            self._store,
            self._grants,
            caller,
            name,
            scopes,
            merchant_id=merchant_id,
            life_s=life_s,
            limit=limit,
            origin=origin,
            once=once,
            clock=self._clock,
            hasher=self._hasher,
            randomness=self._randomness,
        )
        self._checker.forget(made.info.id)
        return made

    async def of_owner(self, caller: Caller, merchant_id: str | None) -> tuple[ApiKey, ...]:
        account = account_of(caller.identified())
        if merchant_id is not None:
            merchant_id = merchant_of(merchant_id)
            demand(await self._merchants.membership(merchant_id, account), "manage_keys")
        standings = await self._store.of_owner(account, merchant_id, KEYS_LISTED_MAX)
        return tuple(standing.key for standing in standings)

    async def rotate(
        self,
        caller: Caller,
        key_id: str,
        *,
        merchant_id: str | None,
        overlap_s: int,
        origin: CallOrigin | None = None,
        once: Once | None = None,
    ) -> NewKey:
        caller.proved_within(FRESH_LOGIN_S, self._clock.now_ms())
        made = await rotate_key(
            self._store,
            self._grants,
            caller,
            key_id,
            merchant_id=merchant_id,
            overlap_s=overlap_s,
            origin=origin,
            once=once,
            clock=self._clock,
            hasher=self._hasher,
            randomness=self._randomness,
        )
        await self._changed(key_id)
        self.forget(made.info.id)
        return made

    async def revoke(
        self, caller: Caller, key_id: str, *, merchant_id: str | None, origin: CallOrigin | None = None
    ) -> None:
        await revoke_key(self._store, caller, key_id, merchant_id=merchant_id, origin=origin)
        await self._changed(key_id)

    def known(self, key: str) -> ApiKey | None:
        """The recent result of ``check``, without waiting; None: call ``check``."""
        return self._checker.known(key)

    async def check(self, key: str) -> ApiKey | None:
        return await self._checker.check(key)

    def forget(self, key_id: str) -> None:
        """Another process changed the key: the next check reads the store."""
        self._checker.forget(key_id)

    def forget_account(self, account_id: str) -> None:
        """Another process changed the account's permissions."""
        self._checker.forget_account(account_id)

    async def account_changed(self, account_id: str) -> None:
        """Invalidate the account's keys in every process."""
        self._checker.forget_account(account_id)
        if self._changes is not None:
            await self._changes.tell(account_id=account_id)

    async def _changed(self, key_id: str) -> None:
        self._checker.forget(key_id)
        if self._changes is not None:
            await self._changes.tell(key_id=key_id)

    async def flush(self) -> int:
        """Write last-use times; returns how many entries changed."""
        return await self._checker.flush()

    async def keep_last_uses(self) -> None:
        """Write last uses every FLUSH_S seconds, and once more when cancelled."""
        try:
            while True:
                await asyncio.sleep(FLUSH_S)
                await self.flush()
        finally:
            await self.flush()


class KeyRevoker:
    """Implements ``accounts.ports.AccessRevoker``: invalidates the account's cached keys in every process."""

    def __init__(self, keys: LocalApiKeys) -> None:
        self._keys = keys

    async def revoke(self, account_id: str, *, keep_session: str | None = None) -> None:
        await self._keys.account_changed(account_id)
