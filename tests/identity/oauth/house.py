"""The authorization server on real stores behind the gate; people, clients and sessions are kept in memory."""

import hashlib
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import asyncpg
import httpx
import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped] # authlib ships no types
from joserfc.jwk import Key
from litestar import Litestar

from renga.domains.identity.accounts.providers.aes import AesSeal
from renga.domains.identity.contract import Account, AccountNotFound, Client, ClientNotFound
from renga.domains.identity.oauth.http import routes
from renga.domains.identity.oauth.key_making import Algorithm, make_key
from renga.domains.identity.oauth.server import AuthorizationServer
from renga.domains.identity.oauth.signing_keys import SigningKeys
from renga.domains.identity.oauth.token_revoker import TokenRevoker
from renga.domains.identity.settings import IdentitySettings
from renga.domains.identity.stores.oauth import PostgresTokens
from renga.domains.identity.stores.oauth_pending import RedisPendingRequests
from renga.domains.identity.stores.signing_keys import PostgresSigningKeys
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock, ManualClock
from renga.kernel.ids import id_source
from renga.platform.auth.authenticate import Authenticator
from renga.platform.auth.dpop import ProofChecker
from renga.platform.auth.keysets import VerifyingKeys
from renga.platform.auth.replays import RedisReplays
from renga.platform.auth.revocation_feed import RedisRevocations, RevocationFeed
from renga.platform.auth.revocations import Revocations
from renga.platform.auth.tokens import TokenVerifier
from renga.platform.http.gate import Gate
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.redis.driver import make_client
from renga.platform.sessions.port import COOKIE_PLAIN, Session
from tests.modules import GRANTS

ISSUER = "http://shop.test"
SECRET = b"a secret of the tests"
ANA = "01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a10"
BIA = "01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a11"
CALLBACK = "https://app.test/callback"
VERIFIER = "v" * 43
EVERY = ("openid", "profile", "email", "offline_access", "cart", "orders", "catalog:write")


_RSA_KEYS: list[Key] = []


def key_maker() -> Callable[[Algorithm], Key]:
    """As ``make_key``, but RSA keys of one house are used by the next one again: they cost a tenth of a second each."""
    used = itertools.count()

    def make(algorithm: Algorithm) -> Key:
        if algorithm != "RS256":
            return make_key(algorithm)
        number = next(used)
        while len(_RSA_KEYS) <= number:
            _RSA_KEYS.append(make_key(algorithm))
        return _RSA_KEYS[number]

    return make


class People:
    """``contract.Accounts``, as far as the authorization server asks it."""

    def __init__(self) -> None:
        self.known = {
            ANA: _account(ANA, "ana@example.com", "Ana", ("customer", "merchant")),
            BIA: _account(BIA, "bia@example.com", "Bia", ("customer",)),
        }

    async def find(self, caller: Caller) -> Account:
        if caller.subject not in self.known:
            raise AccountNotFound()
        return self.known[caller.subject]


def _account(account_id: str, email: str, name: str, stakeholders: tuple[Any, ...]) -> Account:
    return Account(
        id=account_id,
        email=email,
        email_verified=True,
        name=name,
        language="pt-BR",
        stakeholders=stakeholders,
        second_factor=False,
        passkeys=0,
        created_at="2026-01-01T00:00:00.000Z",
    )


class Shops:
    """``contract.Merchants``."""

    async def of_account(self, caller: Caller) -> tuple[Any, ...]:
        return ()


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Registered:
    """``contract.Clients``."""

    def __init__(self) -> None:
        self.known: dict[str, Client] = {}
        self.allowed: dict[tuple[str, str], set[str]] = {}
        self.add(Client(id="spa", name="Loja", redirect_uris=(CALLBACK,), scopes=EVERY, first_party=True,
                        post_logout_redirect_uris=("https://app.test/bye",)))  # fmt: skip
        self.add(Client(id="other", name="Outra", redirect_uris=("https://other.test/cb",), scopes=EVERY))
        self.add(Client(id="web", name="Web", redirect_uris=(CALLBACK,), scopes=EVERY, first_party=True,
                        auth_method="client_secret_basic", secret_hashed=hashed("s3cret")))  # fmt: skip
        self.add(Client(id="svc", name="Serviço", grant_types=("client_credentials",), scopes=("carts:any", "openid"),
                        auth_method="client_secret_post", secret_hashed=hashed("s3cret")))  # fmt: skip

    def add(self, client: Client) -> Client:
        self.known[client.id] = client
        return client

    async def find(self, client_id: str) -> Client:
        if client_id not in self.known:
            raise ClientNotFound()
        return self.known[client_id]

    async def check_secret(self, client: Client, secret: str) -> bool:
        return client.secret_hashed == hashed(secret)

    async def consented(self, caller: Caller, client_id: str) -> frozenset[str]:
        return frozenset(self.allowed.get((caller.identified(), client_id), ()))

    async def consent(self, caller: Caller, client_id: str, scopes: Sequence[str], **_: Any) -> None:
        self.allowed.setdefault((caller.identified(), client_id), set()).update(scopes)


class Browsers:
    """``sessions.port.Sessions``, kept in a dictionary."""

    def __init__(self) -> None:
        self.known: dict[str, Session] = {}

    async def read(self, secret: str) -> Session | None:
        return self.known.get(secret)

    async def start(self, *, address: str, agent: str) -> tuple[str, Session]:
        raise AssertionError("nobody asks this here")

    async def rotate(self, secret: str, session: Session) -> str:
        raise AssertionError("nobody asks this here")

    async def end(self, secret: str) -> None:
        self.known.pop(secret, None)

    async def of_account(self, account_id: str) -> tuple[Session, ...]:
        return tuple(one for one in self.known.values() if one.account_id == account_id)

    async def revoke(self, account_id: str, session_id: str | None = None, *, but: str | None = None) -> int:
        raise AssertionError("nobody asks this here")


class House:
    """Everything that a test of flows touches. ``http`` is a browser and a client in one."""

    def __init__(
        self,
        pool: Any,
        redis: Any,
        clock: Clock,
        *,
        issuer: str = ISSUER,
        settings: IdentitySettings | None = None,
    ) -> None:
        self.pool, self.redis, self.clock, self.issuer = pool, redis, clock, issuer
        self.settings = settings or IdentitySettings()
        self.people, self.clients, self.browsers = People(), Registered(), Browsers()
        self.store = PostgresTokens(pool)
        self.make_key = key_maker()
        self.keys = self.process()
        self.revocations = Revocations(clock)
        self.feed = RevocationFeed(redis, self.revocations, clock)
        replays = RedisReplays(redis)
        self.verifier = TokenVerifier(
            VerifyingKeys(self.keys.source, clock),
            issuer=issuer,
            clock=clock,
            revocations=self.revocations,
            proofs=ProofChecker(replays, clock),
        )
        self.token_revoker = TokenRevoker(
            self.store, RedisRevocations(redis, clock), life_s=self.settings.access_life_s, clock=clock
        )
        self.server = AuthorizationServer(
            issuer=issuer,
            grants=GRANTS,
            languages=("pt-BR", "en"),
            secret=SECRET,
            settings=self.settings,
            clients=self.clients,  # type: ignore[arg-type] # the part that is asked
            accounts=self.people,  # type: ignore[arg-type] # the part that is asked
            merchants=Shops(),  # type: ignore[arg-type] # the part that is asked
            sessions=self.browsers,
            store=self.store,
            memory=RedisPendingRequests(redis),
            replays=replays,
            keys=self.keys,
            token_revoker=self.token_revoker,
            verifier=self.verifier,
            clock=clock,
            new_id=id_source(clock),
        )
        self.app = self._app()
        self.http = httpx.AsyncClient(transport=self._transport(), base_url=issuer)

    def process(self, secret: bytes = SECRET) -> SigningKeys:
        """The signing keys as a process has them."""
        store = PostgresSigningKeys(self.pool)
        return SigningKeys(store, AesSeal(secret), self.settings, self.clock, make=self.make_key)

    def _transport(self) -> httpx.ASGITransport:
        return httpx.ASGITransport(self.app)  # type: ignore[arg-type]  # Litestar types its scopes more narrowly

    def _app(self) -> Litestar:
        authenticator = Authenticator(
            self.verifier,
            public_url=self.issuer,
            check_dpop=self.verifier.check_dpop,
            sessions=self.browsers,
        )
        gate = Gate(authenticator, public_url=self.issuer)
        return Litestar(
            route_handlers=routes(self.server),
            guards=[gate.guard],
            exception_handlers=EXCEPTION_HANDLERS,
            openapi_config=None,
            logging_config=None,
        )

    async def load(self) -> None:
        await self.keys.load()
        await self.verifier.keys.refresh()

    def log_in(self, account_id: str = ANA, *, amr: tuple[str, ...] = ("pwd",), secret: str = "browser") -> Session:
        """She is logged in, in the browser with this cookie."""
        session = Session(
            id=f"session-of-{secret}",
            csrf="csrf",
            account_id=account_id,
            stakeholders=("customer",),
            amr=amr,
            auth_at_ms=self.clock.now_ms(),
        )
        self.browsers.known[secret] = session
        self.http.cookies.set(COOKIE_PLAIN, secret, domain=urlsplit(self.issuer).hostname or "")
        return session

    def request(self, **changes: str | None) -> dict[str, str]:
        """The parameters of a good authorization request, changed or (None) left out."""
        values: dict[str, str | None] = {
            "client_id": "spa",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid offline_access cart",
            "state": "st",
            "nonce": "no",
            "code_challenge": create_s256_code_challenge(VERIFIER),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in (values | changes).items() if value is not None}

    async def authorize(self, **changes: str | None) -> httpx.Response:
        return await self.http.get("/oauth/authorize", params=self.request(**changes))

    async def code(self, **changes: str | None) -> str:
        """A fresh code for who is logged in."""
        answer = answered(await self.authorize(**changes))
        return answer["code"]

    async def token(self, *, headers: dict[str, str] | None = None, auth: Any = None, **form: str) -> httpx.Response:
        extra = {} if auth is None else {"auth": auth}
        return await self.http.post("/oauth/token", data=form, headers=headers, **extra)

    async def redeem(self, code: str, *, headers: dict[str, str] | None = None, **changes: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": "spa",
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        }
        return await self.token(headers=headers, **(form | changes))

    async def refresh(self, token: str, *, headers: dict[str, str] | None = None, **changes: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "spa"}
        return await self.token(headers=headers, **(form | changes))

    async def connected(self, **changes: str | None) -> dict[str, Any]:
        """Logged in and connected: the answer of the token endpoint."""
        self.log_in()
        response = await self.redeem(await self.code(**changes))
        assert response.status_code == 200, response.text
        return response.json()  # type: ignore[no-any-return] # JSON of ours

    async def userinfo(self, token: str) -> httpx.Response:
        return await self.bare("GET", "/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})

    async def bare(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request without the browser's cookies."""
        async with httpx.AsyncClient(transport=self._transport(), base_url=self.issuer) as client:
            return await client.request(method, path, **options)

    async def trail(self) -> list[str]:
        """The actions of the audit trail, oldest first."""
        return [row[0] for row in await self.pool.fetch("SELECT action FROM identity.audit ORDER BY position")]


def answered(response: httpx.Response) -> dict[str, str]:
    """The parameters that a redirect gives to a client."""
    assert response.status_code == 303, response.text
    query = parse_qs(urlsplit(response.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


@asynccontextmanager
async def open_house(
    database_url: str, redis_url: str, *, clock: Clock | None = None, **options: Any
) -> AsyncIterator[House]:
    """A house with its keys loaded."""
    pool = await asyncpg.create_pool(database_url, min_size=1, max_size=5)
    redis = make_client(redis_url)
    house = House(pool, redis, clock or ManualClock(), **options)
    try:
        await house.load()
        yield house
    finally:
        await house.http.aclose()
        await redis.aclose()
        await pool.close()


Changed = TypeVar("Changed", Account, Client)


def changed(one: Changed, **changes: Any) -> Changed:
    return msgspec.structs.replace(one, **changes)
