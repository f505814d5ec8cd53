"""Opens the module: builds identity's adapters and use cases."""

import secrets
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import asyncpg

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.accounts.local import LocalAccounts, LocalAudit
from renga.domains.identity.accounts.mails import AccountMails
from renga.domains.identity.accounts.providers.aes import AesSeal
from renga.domains.identity.accounts.providers.argon2 import Argon2Passwords
from renga.domains.identity.accounts.providers.webauthn import WebAuthnCeremonies
from renga.domains.identity.accounts.verified_accounts import LocalVerifiedAccounts
from renga.domains.identity.administration.administer import LocalAdministration
from renga.domains.identity.buyers.cached import CachedBuyerFacts
from renga.domains.identity.buyers.local import LocalBuyers
from renga.domains.identity.buyers.ports import BuyerDependencies
from renga.domains.identity.clients.local import LocalClients
from renga.domains.identity.clients.seed_clients import seed_clients
from renga.domains.identity.contract import STAFF, Account, IdentityContracts
from renga.domains.identity.external.http import LOGIN_PATH, routes
from renga.domains.identity.external.logins import ExternalLogins
from renga.domains.identity.external.settings import read_providers
from renga.domains.identity.model.grants import Grants
from renga.domains.identity.oauth.server import AuthorizationServer
from renga.domains.identity.oauth.signing_keys import SigningKeys
from renga.domains.identity.organisations.local import LocalMerchants
from renga.domains.identity.organisations.mail_invitation import CountedInvitationMails
from renga.domains.identity.organisations.seed_merchant import seed_merchant
from renga.domains.identity.reactions import follow_buyers
from renga.domains.identity.settings import IdentitySettings, PasswordSettings
from renga.domains.identity.stores import external
from renga.domains.identity.stores.accounts import PostgresUnits
from renga.domains.identity.stores.buyers import PostgresBuyers
from renga.domains.identity.stores.clients import PostgresClients
from renga.domains.identity.stores.directory import PostgresDirectory
from renga.domains.identity.stores.oauth import PostgresTokens
from renga.domains.identity.stores.oauth_pending import RedisPendingRequests
from renga.domains.identity.stores.signing_keys import PostgresSigningKeys
from renga.domains.identity.working import IdentityWork, grants_of
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.auth.credentials import Credentials
from renga.platform.auth.dpop import ProofChecker
from renga.platform.auth.key_feed import KeyFeed
from renga.platform.auth.keysets import VerifyingKeys
from renga.platform.auth.lookups import SessionRights
from renga.platform.auth.replays import RedisReplays
from renga.platform.auth.revocation_feed import RevocationFeed
from renga.platform.auth.revocations import Revocations
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.bus.port import Bus
from renga.platform.mail.port import Mailer
from renga.platform.modules.opening import Opened, Opening
from renga.platform.redis.driver import Client as Redis
from renga.platform.redis.stream_waiting import WAIT_MS
from renga.platform.sessions.port import Session, Sessions
from renga.platform.texts import Locales

if TYPE_CHECKING:
    import httpx

#: Deadline of one request to an external provider.
PROVIDER_TIMEOUT_S = 5.0


class IdentityModule:
    """Identity in this process. ``start`` before the first request, ``close`` at the end.

    ``public_url`` is the shop's address, without a slash at its end, and the issuer of its tokens.
    ``waiting`` is a client of ``redis`` for blocking reads.
    """

    def __init__(
        self,
        settings: IdentitySettings,
        passwords: PasswordSettings,
        grants: Grants,
        *,
        pool: "asyncpg.Pool[asyncpg.Record]",
        redis: Redis,
        sessions: Sessions,
        mailer: Mailer,
        clock: Clock,
        new_id: IdSource,
        secret: bytes,
        public_url: str,
        locales: Locales,
        waiting: Redis | None = None,
    ) -> None:
        self._grants = grants
        self._secret = secret
        self._public_url = public_url
        self.sessions = sessions
        self._passwords = Argon2Passwords(passwords)
        seal = AesSeal(secret)
        replays = RedisReplays(redis)
        self.work = IdentityWork(
            settings, grants, pool=pool, redis=redis, sessions=sessions, clock=clock, secret=secret
        )
        self.token_revoker, self.api_keys = self.work.token_revoker, self.work.api_keys
        self.signing_keys = SigningKeys(PostgresSigningKeys(pool), seal, settings, clock)
        revocations = Revocations(clock)
        self.feed = RevocationFeed(redis, revocations, clock, waiting=waiting)
        self.verifier = TokenVerifier(
            VerifyingKeys(self.signing_keys.source, clock),
            issuer=self._public_url,
            clock=clock,
            revocations=revocations,
            proofs=ProofChecker(replays, clock),
        )
        self._open_organisations(pool, redis, secret, clock, waiting)
        dependencies = self._dependencies(pool, mailer, AccountMails(locales), seal, clock, new_id)
        self.merchants = LocalMerchants(
            self.work.merchants,
            clock,
            new_id,
            mails=CountedInvitationMails(dependencies),
            randomness=secrets.token_bytes,
            approval=settings.merchant_approval,
        )
        buyers = PostgresBuyers(pool, secret=secret, clock=clock)
        self.facts = CachedBuyerFacts(buyers.facts, clock)
        self.buyers = LocalBuyers(BuyerDependencies(buyers, clock, new_id, self.facts.drop))
        self.accounts, self.audit = LocalAccounts(dependencies), LocalAudit(dependencies)
        self.administration = LocalAdministration(
            dependencies, PostgresDirectory(pool, secret=secret, clock=clock), self.work.merchants
        )
        self.providers = read_providers(settings.providers)
        self._provider_client: httpx.AsyncClient | None = None
        self.external = self._open_external(pool, redis, dependencies, clock)
        self.server = self._open_server(
            settings, self.work.tokens, replays, RedisPendingRequests(redis), locales, clock, new_id
        )

    def _open_server(
        self,
        settings: IdentitySettings,
        store: PostgresTokens,
        replays: RedisReplays,
        memory: RedisPendingRequests,
        locales: Locales,
        clock: Clock,
        new_id: IdSource,
    ) -> AuthorizationServer:
        return AuthorizationServer(
            issuer=self._public_url,
            grants=self._grants,
            languages=locales.languages,
            secret=self._secret,
            settings=settings,
            clients=self.clients,
            accounts=self.accounts,
            merchants=self.merchants,
            sessions=self.sessions,
            store=store,
            memory=memory,
            replays=replays,
            keys=self.signing_keys,
            token_revoker=self.token_revoker,
            verifier=self.verifier,
            clock=clock,
            new_id=new_id,
        )

    def _dependencies(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        mailer: Mailer,
        mails: AccountMails,
        seal: AesSeal,
        clock: Clock,
        new_id: IdSource,
    ) -> AccountDependencies:
        return AccountDependencies(
            units=PostgresUnits(pool, secret=self._secret, clock=clock),
            passwords=self._passwords,
            seal=seal,
            ceremonies=WebAuthnCeremonies(self._public_url),
            mailer=mailer,
            mails=mails,
            clock=clock,
            new_id=new_id,
            secret=self._secret,
            public_url=self._public_url,
            sessions=self.sessions,
            revokers=self.work.revokers,
        )

    def _open_external(
        self, pool: "asyncpg.Pool[asyncpg.Record]", redis: Redis, dependencies: AccountDependencies, clock: Clock
    ) -> ExternalLogins | None:
        if not self.providers:
            return None
        # imported here: most shops have no providers, and the client costs time and memory
        import httpx

        from renga.domains.identity.external.providers.openid import ExternalProvider

        client = self._provider_client = httpx.AsyncClient(timeout=PROVIDER_TIMEOUT_S)
        return ExternalLogins(
            {name: ExternalProvider(one, client, clock) for name, one in self.providers.items()},
            memory=RedisPendingRequests(redis),
            identities=external.PostgresExternalIdentities(pool),
            verified=LocalVerifiedAccounts(dependencies),
            redirect_uri=f"{self._public_url}{LOGIN_PATH}/{{provider}}/back",
            clock=clock,
        )

    def _open_organisations(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        redis: Redis,
        secret: bytes,
        clock: Clock,
        waiting: Redis | None,
    ) -> None:
        self.key_feed = KeyFeed(
            redis, forget_key=self.api_keys.forget, forget_account=self.api_keys.forget_account, waiting=waiting
        )
        clients = PostgresClients(pool, secret=secret, clock=clock)
        self.clients = LocalClients(
            clients, self.token_revoker, self._grants, secret=secret, clock=clock, randomness=secrets.token_bytes
        )

    async def start(self) -> None:
        """Load what every process needs: signing keys, verification keys, revocations."""
        await self.signing_keys.load()
        await self.verifier.keys.refresh()
        await self.feed.catch_up()
        await self.key_feed.catch_up()

    def followers(self, bus: Bus | None = None) -> list[Coroutine[Any, Any, None]]:
        """Background tasks of a process that serves requests, until cancelled. Without ``bus`` cached facts of buyers expire."""
        following = [] if bus is None else [follow_buyers(bus, self.facts)]
        return [
            *following,
            self._passwords.prepare(),
            self.signing_keys.run(),
            self.verifier.keys.run(),
            self.feed.run(),
            self.key_feed.run(),
            self.api_keys.keep_last_uses(),
        ]

    async def merchants_of(self, account_id: str) -> frozenset[str]:
        """Ids of the approved merchants that an account works for (``authenticate.MerchantsOf``)."""
        found = await self.merchants.of_account(Caller(account_id))
        return frozenset(merchant.id for merchant, _ in found if merchant.status == "approved")

    async def rights_of(self, session: Session, strong: bool) -> SessionRights:
        """Scopes of a session's account (``credentials.RightsOf``): staff scopes only after a login with two factors."""
        assert session.account_id is not None
        acts_as = tuple(one for one in session.stakeholders if strong or one not in STAFF)
        merchants = await self.merchants_of(session.account_id) if "merchant" in acts_as else frozenset[str]()
        return SessionRights(self._grants.scopes_of(acts_as), merchants)

    def key_scopes(self, account: Account) -> list[str]:
        """The scopes that an account may give to an API key of its own."""
        return sorted(self._grants.grantable(account.stakeholders, None, for_merchant=False))

    def contracts(self) -> IdentityContracts:
        """The module's contracts."""
        logins = self.external
        return IdentityContracts(
            accounts=self.accounts,
            clients=self.clients,
            api_keys=self.api_keys,
            merchants=self.merchants,
            audit=self.audit,
            administration=self.administration,
            buyers=self.buyers,
            facts=self.facts,
            consents=self.server.consents,
            key_scopes=self.key_scopes,
            providers=tuple((one.name, f"{LOGIN_PATH}/{key}") for key, one in self.providers.items()),
            external_logins=None
            if logins is None
            else partial(routes, logins, secure=self._public_url.startswith("https://")),
        )

    async def seed(self, demo: dict[str, str]) -> None:
        """Create the demo's accounts, merchant and OAuth clients; stores the merchant's id in ``demo``."""
        accounts = await self.accounts.seed_accounts()
        owner = next(account.account_id for account in accounts if account.kind == "merchant")
        demo["merchant"] = await self.seed_merchant(owner)
        await self.seed_clients()

    async def seed_merchant(self, account_id: str) -> str:
        """The id of the merchant that the demo's merchant account owns; made and approved the first time."""
        return await seed_merchant(self.merchants, self.administration, account_id)

    async def seed_clients(self) -> int:
        """Register the demo's clients if missing; returns how many were new."""
        return await seed_clients(self.clients, self._public_url, self._secret)

    async def close(self) -> None:
        """Stop the threads; the follower has already written the keys' last uses when it ended."""
        self._passwords.close()
        if self._provider_client is not None:
            await self._provider_client.aclose()


@asynccontextmanager
async def open_identity(opening: Opening) -> AsyncIterator[Opened]:
    """Accounts, merchants, keys, clients and the authorization server. Raises SettingsInvalid, Unavailable."""
    resources, settings = opening.resources, opening.settings
    identity = IdentityModule(
        settings[IdentitySettings],
        settings[PasswordSettings],
        grants_of(opening.declared),
        pool=resources.database,
        redis=resources.redis_driver,
        sessions=resources.sessions,
        mailer=resources.mailer,
        clock=resources.clock,
        new_id=resources.new_id,
        secret=resources.secret,
        public_url=resources.public_url,
        locales=resources.locales,
        waiting=resources.waiting_driver_at("", WAIT_MS),
    )
    outbox = identity.work.outbox()
    try:
        await identity.start()
        yield Opened(
            contract=identity.contracts(),
            local=identity,
            outboxes={outbox.name: outbox},
            consumers=identity.work.consumers(),
            jobs=lambda held: identity.work.jobs(),
            followers=lambda: identity.followers(resources.bus),
            credentials=Credentials(
                verifier=identity.verifier,
                check_key=identity.api_keys.check,
                known_key=identity.api_keys.known,
                rights_of=identity.rights_of,
                merchants_of=identity.merchants_of,
            ),
        )
    finally:
        await identity.close()
