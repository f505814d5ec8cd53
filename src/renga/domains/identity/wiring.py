"""Where identity's adapters meet its ports."""

import secrets
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from renga.domains.identity.accounts.dependencies import Tools
from renga.domains.identity.accounts.local import LocalAccounts, LocalAudit
from renga.domains.identity.accounts.ports import Ending, Eraser, SqlConnection
from renga.domains.identity.accounts.providers.aes import AesSeal
from renga.domains.identity.accounts.providers.argon2 import Argon2Passwords
from renga.domains.identity.accounts.providers.webauthn import WebAuthnCeremonies
from renga.domains.identity.accounts.verified_accounts import LocalVerifiedAccounts
from renga.domains.identity.administration.administer import LocalAdministration
from renga.domains.identity.api_keys.local import LocalApiKeys
from renga.domains.identity.clients.local import LocalClients
from renga.domains.identity.clients.seed_clients import seed_clients
from renga.domains.identity.external.http import LOGIN_PATH
from renga.domains.identity.external.logins import ExternalLogins
from renga.domains.identity.external.providers.openid import ExternalProvider
from renga.domains.identity.external.settings import read_providers
from renga.domains.identity.jobs import sweep_until_cancelled
from renga.domains.identity.oauth.ending_tokens import TokenEndings
from renga.domains.identity.oauth.server import AuthorizationServer
from renga.domains.identity.oauth.signing_keys import SigningKeys
from renga.domains.identity.organisations.local import LocalMerchants
from renga.domains.identity.organisations.seed_merchant import seed_merchant
from renga.domains.identity.reactions import endings_consumer
from renga.domains.identity.settings import IdentitySettings, PasswordSettings
from renga.domains.identity.stores import external
from renga.domains.identity.stores.accounts import PostgresUnits
from renga.domains.identity.stores.api_keys import PostgresKeys
from renga.domains.identity.stores.clients import PostgresClients
from renga.domains.identity.stores.directory import PostgresDirectory
from renga.domains.identity.stores.merchants import PostgresMerchants
from renga.domains.identity.stores.oauth import PostgresTokens
from renga.domains.identity.stores.oauth_short import RedisShortMemory
from renga.domains.identity.stores.organisations_of_person import erase_organisations, export_organisations
from renga.domains.identity.stores.signing_keys import PostgresKeys as PostgresSigningKeys
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.auth.dpop import ProofChecker
from renga.platform.auth.key_feed import KeyFeed, RedisKeyChanges
from renga.platform.auth.keysets import VerifyingKeys
from renga.platform.auth.replays import RedisReplays
from renga.platform.auth.revocation_feed import RedisRevocations, RevocationFeed
from renga.platform.auth.revocations import Revocations
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.bus.port import Consumer
from renga.platform.mail.port import Mailer
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres.revisions import Migrations
from renga.platform.redis.driver import Client as Redis
from renga.platform.sessions.port import Sessions

#: Deadline of one request to an external provider.
PROVIDER_TIMEOUT_S = 5.0

MIGRATIONS = Migrations("identity", Path(__file__).parent / "stores" / "migrations" / "versions")


class IdentityRooms:
    """Identity in this process. ``start`` before the first request, ``close`` at the end.

    ``public_url`` is the shop's address and, without a slash at its end, the issuer of its tokens.
    """

    def __init__(
        self,
        settings: IdentitySettings,
        passwords: PasswordSettings,
        *,
        pool: "asyncpg.Pool[asyncpg.Record]",
        redis: Redis,
        sessions: Sessions,
        mailer: Mailer,
        clock: Clock,
        new_id: IdSource,
        secret: bytes,
        public_url: str,
    ) -> None:
        self._pool = pool
        self._secret = secret
        self._public_url = public_url.rstrip("/")
        self.sessions = sessions
        self._passwords = Argon2Passwords(passwords)
        seal = AesSeal(secret)
        replays = RedisReplays(redis)
        tokens = PostgresTokens(pool)
        self.signing_keys = SigningKeys(PostgresSigningKeys(pool), seal, settings, clock)
        self.endings = TokenEndings(tokens, RedisRevocations(redis, clock), life_s=settings.access_life_s, clock=clock)
        revocations = Revocations(clock)
        self.feed = RevocationFeed(redis, revocations, clock)
        self.verifier = TokenVerifier(
            VerifyingKeys(self.signing_keys.source, clock),
            issuer=self._public_url,
            clock=clock,
            revocations=revocations,
            proofs=ProofChecker(replays, clock),
        )
        self._account_endings: tuple[Ending, ...] = (self._end_sessions, self.endings.end_account, self._end_keys)
        tools = self._tools(pool, mailer, seal, clock, new_id)
        self.accounts, self.audit = LocalAccounts(tools), LocalAudit(tools)
        self.administration = LocalAdministration(tools, PostgresDirectory(pool, secret=secret, clock=clock))
        self.providers = read_providers(settings.providers)
        self._provider_client = httpx.AsyncClient(timeout=PROVIDER_TIMEOUT_S) if self.providers else None
        self.external = self._open_external(pool, redis, tools, clock)
        self._open_organisations(pool, redis, secret, clock, new_id)
        self.server = AuthorizationServer(
            issuer=self._public_url,
            secret=secret,
            settings=settings,
            clients=self.clients,
            accounts=self.accounts,
            merchants=self.merchants,
            sessions=sessions,
            store=tokens,
            memory=RedisShortMemory(redis),
            replays=replays,
            keys=self.signing_keys,
            endings=self.endings,
            verifier=self.verifier,
            clock=clock,
            new_id=new_id,
        )

    def _tools(
        self, pool: "asyncpg.Pool[asyncpg.Record]", mailer: Mailer, seal: AesSeal, clock: Clock, new_id: IdSource
    ) -> Tools:
        return Tools(
            units=PostgresUnits(pool, secret=self._secret, clock=clock),
            passwords=self._passwords,
            seal=seal,
            ceremonies=WebAuthnCeremonies(self._public_url),
            mailer=mailer,
            clock=clock,
            new_id=new_id,
            secret=self._secret,
            public_url=self._public_url,
            sessions=self.sessions,
            exporters={"organisations": export_organisations, "connections": external.export},
            erasers=(_organisations_eraser(clock), external.erase),
            endings=self._account_endings,
        )

    def _open_external(
        self, pool: "asyncpg.Pool[asyncpg.Record]", redis: Redis, tools: Tools, clock: Clock
    ) -> ExternalLogins | None:
        client = self._provider_client
        if client is None:
            return None
        return ExternalLogins(
            {name: ExternalProvider(one, client, clock) for name, one in self.providers.items()},
            memory=RedisShortMemory(redis),
            identities=external.PostgresExternalIdentities(pool),
            verified=LocalVerifiedAccounts(tools),
            redirect_uri=f"{self._public_url}{LOGIN_PATH}/{{provider}}/back",
            clock=clock,
        )

    def _open_organisations(
        self, pool: "asyncpg.Pool[asyncpg.Record]", redis: Redis, secret: bytes, clock: Clock, new_id: IdSource
    ) -> None:
        self._merchants = PostgresMerchants(pool, secret=secret, clock=clock)
        self.merchants = LocalMerchants(self._merchants, clock, new_id)
        keys = PostgresKeys(pool, secret=secret, clock=clock)
        self.api_keys = LocalApiKeys(
            keys,
            self._merchants,
            secret=secret,
            clock=clock,
            randomness=secrets.token_bytes,
            changes=RedisKeyChanges(redis),
        )
        self.key_feed = KeyFeed(redis, forget_key=self.api_keys.forget, forget_account=self.api_keys.forget_account)
        clients = PostgresClients(pool, secret=secret, clock=clock)
        self.clients = LocalClients(clients, self.endings, secret=secret, clock=clock, randomness=secrets.token_bytes)

    async def start(self) -> None:
        """Make what every process needs: keys to sign and to check with, what was revoked."""
        await self.signing_keys.load()
        await self.verifier.keys.refresh()
        await self.feed.catch_up()
        await self.key_feed.catch_up()

    def followers(self) -> list[Coroutine[Any, Any, None]]:
        """What every process that serves requests runs until it is cancelled."""
        return [
            self._passwords.prepare(),
            self.signing_keys.run(),
            self.verifier.keys.run(),
            self.feed.run(),
            self.key_feed.run(),
            self.api_keys.keep_last_uses(),
        ]

    def jobs(self) -> list[Coroutine[Any, Any, None]]:
        """What a worker runs until it is cancelled."""
        return [self.endings.run(), sweep_until_cancelled(self._merchants.sweep_answers)]

    def consumers(self) -> list[Consumer]:
        """The durable readers that a worker runs."""
        return [endings_consumer(self._account_endings)]

    def outbox(self) -> PostgresOutbox:
        """For the relay."""
        return PostgresOutbox(self._pool, "identity")

    async def merchants_of(self, account_id: str) -> frozenset[str]:
        """Ids of the merchants that an account works for (``authenticate.MerchantsOf``)."""
        return frozenset(merchant.id for merchant, _ in await self.merchants.of_account(account_id))

    async def seed_merchant(self, account_id: str) -> str:
        """The id of the merchant that the demo's merchant account owns; made the first time."""
        return await seed_merchant(self.merchants, account_id)

    async def seed_clients(self) -> int:
        """Register the demo's clients; a second time changes nothing. How many were new."""
        return await seed_clients(self.clients, self._public_url, self._secret)

    async def close(self) -> None:
        """Let go of the threads; the last uses of keys were written by the follower that ended before."""
        self._passwords.close()
        if self._provider_client is not None:
            await self._provider_client.aclose()

    async def _end_sessions(self, account_id: str, keep_session: str | None) -> None:
        await self.sessions.revoke(account_id, but=keep_session)

    async def _end_keys(self, account_id: str, keep_session: str | None) -> None:
        await self.api_keys.account_changed(account_id)


def _organisations_eraser(clock: Clock) -> Eraser:
    async def erase(connection: SqlConnection, account_id: str) -> None:
        await erase_organisations(connection, account_id, clock.now_ms())

    return erase
