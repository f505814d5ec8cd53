"""Implements the contract of OAuth clients and consents in this process, over a store and a cache of clients."""

from collections.abc import Sequence

from renga.domains.identity.api_keys.model.key_format import Hasher, Randomness
from renga.domains.identity.clients.give_consent import give_consent, withdraw_consent
from renga.domains.identity.clients.register_client import register_client
from renga.domains.identity.clients.remove_client import remove_client
from renga.domains.identity.contract import (
    ADMINISTRATION,
    FRESH_LOGIN_S,
    CallOrigin,
    Client,
    ClientNotFound,
    Consent,
)
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.organisations.model.limits import (
    CLIENT_ID_CHARACTERS_MAX,
    FOUND_MS,
    MISSING_MS,
    REMEMBERED_MAX,
)
from renga.domains.identity.organisations.ports import ClientStore, TokenFamilies
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.ids import canonical_uuid
from renga.kernel.once import Once
from renga.platform.cache.remembering import Remembered


class LocalClients:
    """Implements ``contract.Clients``."""

    def __init__(
        self,
        store: ClientStore,
        families: TokenFamilies,
        grants: Grants,
        *,
        secret: bytes,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._store = store
        self._families = families
        self._grants = grants
        self._randomness = randomness
        self._clock = clock
        self._hasher = Hasher(secret, b"client secrets")
        self._memory: Remembered[str, Client] = Remembered(
            clock, size_max=REMEMBERED_MAX, found_ms=FOUND_MS, missing_ms=MISSING_MS
        )

    async def find(self, client_id: str) -> Client:
        client = None
        if 0 < len(client_id) <= CLIENT_ID_CHARACTERS_MAX and client_id.isascii() and client_id.isprintable():
            client = await self._memory.get(client_id, lambda: self._store.find(client_id))
        if client is None:
            raise ClientNotFound()
        return client

    async def read(self, caller: Caller, client_id: str) -> Client:
        caller.require(ADMINISTRATION)
        return await self.find(client_id)

    async def register(
        self,
        caller: Caller,
        client: Client,
        *,
        origin: CallOrigin | None = None,
        once: Once | None = None,
        secret: str | None = None,
    ) -> tuple[Client, str | None]:
        """``secret`` is only for the demo's client, see ``demo_clients``."""
        caller.require(ADMINISTRATION)
        caller.proved_within(FRESH_LOGIN_S, self._clock.now_ms())
        made = await register_client(
            self._store,
            self._grants,
            client,
            secret=secret,
            by=caller.identified(),
            origin=origin,
            once=once,
            hasher=self._hasher,
            randomness=self._randomness,
        )
        self._memory.forget(made[0].id)
        return made

    async def check_secret(self, client: Client, secret: str) -> bool:
        stored = None if client.secret_hashed is None else bytes.fromhex(client.secret_hashed)
        return self._hasher.matches(secret, stored)

    async def remove(self, caller: Caller, client_id: str, *, origin: CallOrigin | None = None) -> None:
        caller.require(ADMINISTRATION)
        await remove_client(self._store, self._families, client_id, by=caller.identified(), origin=origin)
        self._memory.forget(client_id)

    async def all(self, caller: Caller) -> tuple[Client, ...]:
        caller.require(ADMINISTRATION)
        return await self._store.all()

    async def consented(self, caller: Caller, client_id: str) -> frozenset[str]:
        canonical = canonical_uuid(caller.identified())
        return frozenset() if canonical is None else await self._store.consented(canonical, client_id)

    async def consents(self, caller: Caller) -> tuple[Consent, ...]:
        canonical = canonical_uuid(caller.identified())
        return () if canonical is None else await self._store.consents(canonical)

    async def consent(
        self, caller: Caller, client_id: str, scopes: Sequence[str], *, origin: CallOrigin | None = None
    ) -> None:
        await give_consent(self._store, self._grants, caller.identified(), client_id, scopes, origin=origin)

    async def withdraw(self, caller: Caller, client_id: str, *, origin: CallOrigin | None = None) -> None:
        await withdraw_consent(self._store, self._families, caller.identified(), client_id, origin=origin)
