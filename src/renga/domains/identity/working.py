"""What a worker runs of identity. It loads no authorization server, no hashes of passwords and no mails."""

import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from renga.domains.identity.accounts.ports import AccessRevoker
from renga.domains.identity.accounts.providers.sessions import SessionRevoker
from renga.domains.identity.api_keys.local import KeyRevoker, LocalApiKeys
from renga.domains.identity.jobs import sweep_until_cancelled
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.oauth.token_revoker import TokenRevoker
from renga.domains.identity.reactions import revocation_consumer
from renga.domains.identity.settings import IdentitySettings
from renga.domains.identity.stores.api_keys import PostgresApiKeys
from renga.domains.identity.stores.merchants import PostgresMerchants
from renga.domains.identity.stores.oauth import PostgresTokens
from renga.kernel.clock import Clock
from renga.platform.auth.key_feed import RedisKeyChanges
from renga.platform.auth.revocation_feed import RedisRevocations
from renga.platform.bus.port import Consumer
from renga.platform.modules.declared import Declared
from renga.platform.modules.opening import Opened, Opening
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.redis.driver import Client as Redis
from renga.platform.sessions.port import Sessions


class IdentityWork:
    """Identity's outbox, consumers and jobs, and the adapters that they share with the rest of the module."""

    def __init__(
        self,
        settings: IdentitySettings,
        grants: Grants,
        *,
        pool: "asyncpg.Pool[asyncpg.Record]",
        redis: Redis,
        sessions: Sessions,
        clock: Clock,
        secret: bytes,
    ) -> None:
        self._pool = pool
        self.tokens = PostgresTokens(pool)
        self.token_revoker = TokenRevoker(
            self.tokens, RedisRevocations(redis, clock), life_s=settings.access_life_s, clock=clock
        )
        self.merchants = PostgresMerchants(pool, secret=secret, clock=clock)
        self.api_keys = LocalApiKeys(
            PostgresApiKeys(pool, secret=secret, clock=clock),
            self.merchants,
            grants,
            secret=secret,
            clock=clock,
            randomness=secrets.token_bytes,
            changes=RedisKeyChanges(redis),
        )
        self.revokers: tuple[AccessRevoker, ...] = (
            SessionRevoker(sessions),
            self.token_revoker,
            KeyRevoker(self.api_keys),
        )

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """Background tasks of a worker, until cancelled."""
        return [self.token_revoker.run(), sweep_until_cancelled(self.merchants.sweep_answers)]

    def consumers(self) -> list[Consumer]:
        """The durable consumers of a worker."""
        return [revocation_consumer(self.revokers)]

    def outbox(self) -> PostgresOutbox:
        """The outbox, for the relay."""
        return PostgresOutbox(self._pool, "identity")


def grants_of(declared: Declared) -> Grants:
    """The scopes and grants that all modules declare, merged."""
    return Grants(scopes=declared.scopes, of_stakeholder=declared.grants, of_role=declared.member_grants)


@asynccontextmanager
async def open_work(opening: Opening) -> AsyncIterator[Opened]:
    """Identity in a worker (``Module.worker``): no contract and no credentials."""
    resources = opening.resources
    work = IdentityWork(
        opening.settings[IdentitySettings],
        grants_of(opening.declared),
        pool=resources.database,
        redis=resources.redis_driver,
        sessions=resources.sessions,
        clock=resources.clock,
        secret=resources.secret,
    )
    outbox = work.outbox()
    yield Opened(
        contract=None,
        outboxes={outbox.name: outbox},
        consumers=work.consumers(),
        jobs=lambda held: work.jobs(),
    )
