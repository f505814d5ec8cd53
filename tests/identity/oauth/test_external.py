"""Logging in with another provider: a small OpenID provider plays it, honest at first and then in every wrong way."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped] # authlib ships no types
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from litestar import Litestar, Response

from renga.domains.identity.contract import Account
from renga.domains.identity.external.http import routes
from renga.domains.identity.external.logins import ExternalLogins, LinkTaken
from renga.domains.identity.external.ports import ProviderRefused
from renga.domains.identity.external.providers.openid import ExternalProvider
from renga.domains.identity.external.settings import ProviderSettings, read_providers
from renga.domains.identity.stores.external import PostgresExternalIdentities, erase, export
from renga.domains.identity.stores.oauth_pending import RedisPendingRequests
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.redis.driver import make_client
from renga.platform.settings import Secret, SettingsInvalid
from tests.identity.oauth.house import ANA, BIA, People, _account
from tests.identity.organisations.house import proved

OP = "https://op.test"
KEY = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
OTHER = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
NEW = "01935b7e-4a00-7c3e-9a1c-2f6d5b8e7a12"


class Op:
    """An OpenID provider as an httpx transport. ``claims`` and ``metadata`` change what it says."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.key = KEY
        self.nonce = self.challenge = ""
        self.forms: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/.well-known/openid-configuration":
            return httpx.Response(200, json=self._document() | self.metadata)
        if request.url.path == "/jwks":
            return httpx.Response(200, json=KeySet([KEY]).as_dict(private=False))
        form = dict(httpx.QueryParams(request.content.decode()))
        self.forms.append(form)
        if create_s256_code_challenge(form["code_verifier"]) != self.challenge:
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(200, json={"access_token": "at", "token_type": "Bearer", "id_token": self._id_token()})

    def _document(self) -> dict[str, Any]:
        return {
            "issuer": OP,
            "authorization_endpoint": f"{OP}/auth",
            "token_endpoint": f"{OP}/token",
            "jwks_uri": f"{OP}/jwks",
            "id_token_signing_alg_values_supported": ["ES256"],
        }

    def _id_token(self) -> str:
        now_s = self.clock.now_ms() // 1000
        claims = {"iss": OP, "sub": "g-1", "aud": "renga-at-op", "iat": now_s, "exp": now_s + 60, "nonce": self.nonce}
        claims |= {"email": "new@example.com", "email_verified": True, "name": "Nova", "locale": "pt-BR"}
        said = {name: value for name, value in (claims | self.claims).items() if value is not None}
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, said, self.key, algorithms=["ES256"])


class Verified:
    """``VerifiedAccounts``."""

    def __init__(self, people: People) -> None:
        self.people = people

    async def of_email(self, email: str) -> Account | None:
        return next((one for one in self.people.known.values() if one.email == email), None)

    async def open(self, account_id: str) -> Account | None:
        return self.people.known.get(account_id)

    async def create_verified(self, email: str, name: str, language: str, address: str) -> Account | None:
        self.people.known[NEW] = _account(NEW, email, name, ("customer",))
        return self.people.known[NEW]


class Desk:
    """The logins and what a test touches around them."""

    def __init__(self, pool: Any, redis: Any, clock: ManualClock) -> None:
        self.op, self.people, self.pool = Op(clock), People(), pool
        provider = ProviderSettings(id="op", name="OP", issuer=OP, client_id="renga-at-op", client_secret=Secret("s"))
        self.logins = ExternalLogins(
            {"op": ExternalProvider(provider, httpx.AsyncClient(transport=httpx.MockTransport(self.op)), clock)},
            memory=RedisPendingRequests(redis),
            identities=PostgresExternalIdentities(pool),
            verified=Verified(self.people),
            redirect_uri="https://shop.test/login/with/{provider}/back",
            clock=clock,
        )

    async def begin(self, *, account_id: str | None = None, next: str = "/account") -> httpx.QueryParams:
        """At the provider, which logs her in."""
        url = await self.logins.start("op", browser="b", next=next, account_id=account_id)
        sent = httpx.URL(url).params
        self.op.nonce, self.op.challenge = sent["nonce"], sent["code_challenge"]
        return sent

    async def come_back(self, state: str, *, browser: str = "b", account_id: str | None = None, **more: str) -> Any:
        values = {"state": state, "code": "c"} | more
        return await self.logins.finish("op", values, browser=browser, address="", account_id=account_id)

    async def log_in(self, **options: Any) -> Any:
        sent = await self.begin(**options)
        return await self.come_back(sent["state"], account_id=options.get("account_id"))

    async def links(self) -> list[tuple[str, str]]:
        rows = await self.pool.fetch("SELECT subject, account_id::text FROM identity.external_identities")
        return [tuple(row) for row in rows]


@pytest.fixture
async def desk(database_url: str, valkey_url: str, clock: ManualClock) -> AsyncIterator[Desk]:
    pool = await asyncpg.create_pool(database_url, min_size=1, max_size=3)
    redis = make_client(valkey_url)
    yield Desk(pool, redis, clock)
    await redis.aclose()
    await pool.close()


async def test_a_new_person_with_a_verified_address_gets_an_account_and_finds_it_again(desk: Desk) -> None:
    sent = await desk.begin()
    assert (sent["code_challenge_method"], sent["scope"]) == ("S256", "openid email profile")
    first = await desk.come_back(sent["state"], iss=OP)
    assert (first.kind, first.account.id, first.next, first.amr) == ("logged_in", NEW, "/account", ("fed",))
    desk.op.claims = {"email": None, "email_verified": None}
    assert (await desk.log_in()).account.id == NEW
    assert await desk.links() == [("g-1", NEW)]
    assert desk.op.forms[0]["redirect_uri"] == "https://shop.test/login/with/op/back"


@pytest.mark.parametrize("said", [{"email_verified": False}, {"email_verified": None}, {"email": None}])
async def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(desk: Desk, said: dict[str, Any]) -> None:
    desk.op.claims = {"email": "ana@example.com"} | said
    assert (await desk.log_in()).kind == "unverified"
    assert await desk.links() == []
    assert NEW not in desk.people.known


async def test_an_account_of_that_address_is_opened_by_its_owner_only(desk: Desk) -> None:
    desk.op.claims = {"email": "ana@example.com"}
    outcome = await desk.log_in()
    assert (outcome.kind, outcome.account) == ("confirm", None)
    with pytest.raises(ProviderRefused):
        await desk.logins.confirm(outcome.link, caller=proved(BIA), address="")
    assert await desk.links() == []
    outcome = await desk.log_in()
    await desk.logins.confirm(outcome.link, caller=proved(ANA), address="")
    with pytest.raises(ProviderRefused):
        await desk.logins.confirm(outcome.link, caller=proved(ANA), address="")
    assert await desk.links() == [("g-1", ANA)]
    assert (await desk.log_in()).account.id == ANA


async def test_who_is_logged_in_links_any_login_of_hers_after_she_confirms(desk: Desk) -> None:
    desk.op.claims = {"email": "elsewhere@example.com", "email_verified": False}
    outcome = await desk.log_in(account_id=BIA)
    assert (outcome.kind, await desk.links()) == ("confirm", [])
    await desk.logins.confirm(outcome.link, caller=proved(BIA), address="")
    assert await desk.links() == [("g-1", BIA)]
    with pytest.raises(LinkTaken):
        await desk.log_in(account_id=ANA)


async def test_an_answer_counts_once_and_in_its_own_browser_and_login(desk: Desk) -> None:
    for wrong in ({"browser": "other"}, {"account_id": BIA}):
        sent = await desk.begin(account_id=ANA)
        with pytest.raises(ProviderRefused):
            await desk.come_back(sent["state"], **({"account_id": ANA} | wrong))
    sent = await desk.begin()
    await desk.come_back(sent["state"])
    for state in (sent["state"], "guess", ""):
        with pytest.raises(ProviderRefused):
            await desk.come_back(state)


@pytest.mark.parametrize("more", [{"iss": "https://evil.test"}, {"error": "access_denied"}])
async def test_another_servers_answer_is_refused(desk: Desk, more: dict[str, str]) -> None:
    sent = await desk.begin()
    with pytest.raises(ProviderRefused):
        await desk.come_back(sent["state"], **more)
    assert desk.op.forms == []


@pytest.mark.parametrize(
    "said",
    [
        {"iss": "https://evil.test"},
        {"aud": "other"},
        {"aud": ["renga-at-op", "other"]},
        {"azp": "other"},
        {"nonce": "other"},
        {"nonce": None},
        {"exp": 1},
        {"iat": 9_999_999_999},
        {"sub": ""},
        {"sub": None},
        {"at_hash": "x" * 22},
        {"email_verified": "true"},
    ],
)
async def test_a_wrong_id_token_opens_nothing(desk: Desk, said: dict[str, Any]) -> None:
    desk.op.claims = said
    with pytest.raises(ProviderRefused):
        await desk.log_in()
    assert await desk.links() == []


async def test_an_id_token_of_another_key_opens_nothing(desk: Desk) -> None:
    desk.op.key = OTHER
    with pytest.raises(ProviderRefused):
        await desk.log_in()


@pytest.mark.parametrize(
    "said", [{"issuer": "https://evil.test"}, {"token_endpoint": "http://op.test/token"}, {"jwks_uri": None}]
)
async def test_a_wrong_discovery_document_is_not_used(desk: Desk, said: dict[str, Any]) -> None:
    desk.op.metadata = said
    with pytest.raises(Unavailable):
        await desk.begin()


@pytest.mark.parametrize("next", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:x", ""])
async def test_the_way_on_is_always_a_path_of_ours(desk: Desk, next: str) -> None:
    assert (await desk.log_in(next=next)).next == "/"


async def test_over_http_the_browser_goes_out_comes_back_and_is_logged_in_once(desk: Desk) -> None:
    seen: list[tuple[str, tuple[str, ...]]] = []

    async def log_in(request: Any, account: Account, amr: tuple[str, ...], next: str) -> Response[Any]:
        seen.append((account.id, amr))
        return Response(None, status_code=303, headers={"Location": next})

    handlers = routes(desk.logins, log_in, secure=False, confirm_path="/link", login_path="/login")
    app = Litestar(handlers, exception_handlers=EXCEPTION_HANDLERS, openapi_config=None, logging_config=None)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar types its scopes more narrowly
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as browser:
        for expected in ("/account", "/login?next=%2Flink%3Flink%3D"):
            sent = httpx.URL((await browser.get("/login/with/op?next=/account")).headers["location"]).params
            desk.op.nonce, desk.op.challenge = sent["nonce"], sent["code_challenge"]
            back = f"/login/with/op/back?state={sent['state']}&code=c"
            stranger = httpx.AsyncClient(transport=transport, base_url="http://shop.test")
            assert (await stranger.get(back, headers={"Cookie": "renga_external=x"})).status_code == 401
            assert (await browser.get(back)).status_code == 401
            sent = httpx.URL((await browser.get("/login/with/op?next=/account")).headers["location"]).params
            desk.op.nonce, desk.op.challenge = sent["nonce"], sent["code_challenge"]
            came = await browser.get(f"/login/with/op/back?state={sent['state']}&code=c")
            assert came.headers["location"].startswith(expected)
            desk.op.claims = {"sub": "g-2", "email": "ana@example.com"}
        assert (await browser.get("/login/with/nobody")).status_code == 404
    assert seen == [(NEW, ("fed",))]


def test_providers_are_read_from_a_file_and_their_secrets_do_not_print(tmp_path: Any) -> None:
    path = tmp_path / "providers.toml"
    path.write_text(
        '[google]\nname="Google"\nissuer="https://accounts.google.com"\nclient_id="c"\nclient_secret="s3"\n'
    )
    providers = read_providers(str(path))
    assert (providers["google"].issuer, "s3" in repr(providers)) == ("https://accounts.google.com", False)
    for wrong in ('[a]\nname="x"\n', '[a]\nname="x"\nissuer="http://x.test"\nclient_id="c"\n', "["):
        path.write_text(wrong)
        with pytest.raises(SettingsInvalid):
            read_providers(str(path))
    assert msgspec.json.encode(sorted(read_providers(""))) == b"[]"


async def test_an_erased_persons_links_and_connections_are_exported_before_and_gone_after(desk: Desk) -> None:
    await desk.log_in()
    async with desk.pool.acquire() as connection:
        exported = await export(connection, NEW)
        assert exported["external_identities"] == [{"provider": "op", "subject": "g-1", "account_id": NEW}]
        await erase(connection, NEW)
        await erase(connection, NEW)
        assert await export(connection, NEW) == {"external_identities": [], "connections": []}
