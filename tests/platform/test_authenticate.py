"""Who calls: one credential a request, no identity from anywhere else, refusals that say how to do it right."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.platform.auth.principal import Principal
from renga.platform.ratelimit.redis import RedisRateLimiter
from renga.platform.redis.client import HotRedis
from tests.modules import rate_limits
from tests.platform.gated import GatedApp, Key


@pytest.fixture
def app() -> GatedApp:
    return GatedApp()


@pytest.fixture
async def client(app: GatedApp) -> AsyncIterator[httpx.AsyncClient]:
    async with app.client() as client:
        yield client


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


async def test_a_guest_is_nobody(app: GatedApp, client: httpx.AsyncClient) -> None:
    assert (await client.post("/lean/thing")).status_code == 200
    assert app.seen == [None]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_token_names_its_subject_and_scopes(app: GatedApp, client: httpx.AsyncClient, scheme: str) -> None:
    headers = {"Authorization": f"{scheme} {app.token('cart orders')}"}
    assert (await client.get("/lean/thing", headers=headers)).status_code == 200
    (seen,) = app.seen
    assert (seen.subject, seen.scopes, seen.kind) == ("alice", frozenset({"cart", "orders"}), "token")


@pytest.mark.parametrize("headers", [{"X-API-Key": "rk_good"}, {"Authorization": "Bearer rk_good"}])
async def test_a_key_is_taken_in_either_header(app: GatedApp, client: httpx.AsyncClient, headers: Any) -> None:
    assert (await client.get("/lean/thing", headers=headers)).status_code == 200
    assert app.seen == [
        Principal(
            subject="alice", scopes=frozenset({"cart"}), kind="api_key", merchants=frozenset({"merchant-1"}),
            key_id="key-1", limit=(600, 60),
        )
    ]  # fmt: skip


async def test_a_session_is_a_principal_once_somebody_logged_in(app: GatedApp, client: httpx.AsyncClient) -> None:
    for account in (None, "alice"):
        secret, _ = await app.session(account)
        client.cookies.set("renga_session", secret)
        assert (await client.get("/lean/thing")).status_code == 200
    nobody, alice = app.seen
    assert nobody is None
    assert (alice.subject, alice.kind, alice.scopes) == ("alice", "session", frozenset({"cart", "account"}))


async def test_between_the_factors_nobody_is_logged_in(app: GatedApp, client: httpx.AsyncClient) -> None:
    secret, _ = await app.session(None)
    session = await app.sessions.read(secret)
    assert session is not None
    secret = await app.sessions.rotate(secret, type(session)(id=session.id, csrf="", pending_account_id="alice"))
    client.cookies.set("renga_session", secret)
    await client.get("/lean/thing")
    assert app.seen == [None]


@pytest.mark.parametrize(("amr", "scopes"), [(("pwd",), set()), (("pwd", "otp", "mfa"), {"identity:admin"})])
async def test_staff_rights_need_a_second_factor(
    app: GatedApp, client: httpx.AsyncClient, amr: tuple[str, ...], scopes: set[str]
) -> None:
    secret, _ = await app.session(stakeholders=("customer", "admin"), amr=amr)
    client.cookies.set("renga_session", secret)
    await client.get("/lean/thing")
    assert app.seen[0].scopes == {"cart", "account"} | scopes


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer TOKEN", "X-API-Key": "rk_good"},
        {"Authorization": "Bearer TOKEN", "Cookie": "renga_session=SESSION"},
        {"X-API-Key": "rk_good", "Cookie": "renga_session=SESSION"},
        {"Authorization": "Bearer rk_good", "X-API-Key": "rk_good"},
    ],
)
async def test_two_credentials_at_once_are_refused_before_any_effect(
    app: GatedApp, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    secret, _ = await app.session()
    sent = {k: v.replace("TOKEN", app.token()).replace("SESSION", secret) for k, v in headers.items()}
    answer = await client.post("/lean/thing", headers=sent)
    assert problem(answer) == (400, "credentials_ambiguous")
    assert 'error="invalid_request"' in answer.headers["www-authenticate"]
    assert app.effects == []


@pytest.mark.parametrize("name", ["Authorization", "X-API-Key"])
async def test_a_credential_header_that_comes_twice_is_refused(
    app: GatedApp, client: httpx.AsyncClient, name: str
) -> None:
    value = "rk_good" if name == "X-API-Key" else f"Bearer {app.token()}"
    answer = await client.get("/lean/thing", headers=[(name, value), (name, value)])
    assert problem(answer) == (400, "credentials_ambiguous")
    assert app.effects == []


@pytest.mark.parametrize(
    "name",
    ["X-User", "X-User-Id", "X-Forwarded-User", "X-Remote-User", "Remote-User", "X-Auth-Request-User", "X-Principal",
     "X-Scopes", "renga_principal", "X-Renga-Principal", "X-Original-URL", "X-HTTP-Method-Override"],
)  # fmt: skip
async def test_no_other_header_says_who_calls(app: GatedApp, client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get("/lean/thing", headers={name: "alice"})).status_code == 200
    assert app.seen == [None]
    assert problem(await client.post("/account", headers={name: "admin"})) == (401, "unauthenticated")
    await client.get("/lean/thing", headers={name: "bob", "Authorization": f"Bearer {app.token()}"})
    assert app.seen[1].subject == "alice"


@pytest.mark.parametrize(
    ("headers", "scheme"),
    [
        ({"Authorization": "Bearer not-a-token"}, "Bearer"),
        ({"Authorization": "Bearer"}, "Bearer"),
        ({"Authorization": "Basic YTpi"}, "Bearer"),
        ({"Authorization": "DPoP anything", "DPoP": "proof"}, "Bearer"),
        ({"Authorization": "Bearer rk_bad"}, "ApiKey"),
        ({"X-API-Key": "rk_bad"}, "ApiKey"),
        ({"X-API-Key": "good"}, "ApiKey"),
        ({"X-API-Key": "rk_" + "x" * 5_000}, "ApiKey"),
    ],
)
@pytest.mark.parametrize("path", ["/lean/thing", "/public"])
async def test_a_credential_that_is_not_valid_is_401_even_where_none_is_needed(
    app: GatedApp, client: httpx.AsyncClient, headers: dict[str, str], scheme: str, path: str
) -> None:
    answer = await client.get(path, headers=headers)
    assert problem(answer) == (401, "invalid_token")
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith(f'{scheme} realm="renga", error="invalid_token", error_description="')
    assert app.effects == []


async def test_an_expired_token_is_refused_as_rfc_6750_says(app: GatedApp, client: httpx.AsyncClient) -> None:
    token = app.token(life_s=60)
    assert isinstance(app.clock, ManualClock)
    app.clock.advance(seconds=120)
    answer = await client.get("/lean/thing", headers={"Authorization": f"Bearer {token}"})
    assert problem(answer) == (401, "invalid_token")
    assert answer.headers["www-authenticate"] == (
        'Bearer realm="renga", error="invalid_token", error_description="the token has expired or is not valid yet"'
    )


async def test_without_a_credential_the_challenge_names_no_error(client: httpx.AsyncClient) -> None:
    answer = await client.post("/account")
    assert problem(answer) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="renga", DPoP realm="renga", algs="ES256 Ed25519"'


async def test_a_scope_that_is_missing_is_named(app: GatedApp, client: httpx.AsyncClient) -> None:
    answer = await client.post("/account", headers={"Authorization": f"Bearer {app.token('cart')}"})
    assert problem(answer) == (403, "insufficient_scope")
    challenge = answer.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert challenge.endswith('scope="account"')
    assert app.effects == []


async def test_a_service_scope_does_in_place_of_the_customers(app: GatedApp, client: httpx.AsyncClient) -> None:
    for scope, status in (("carts:any", 200), ("orders", 403)):
        headers = {"Authorization": f"Bearer {app.token(scope)}"}
        assert (await client.post("/lean/thing", headers=headers)).status_code == status
    assert len(app.effects) == 1


async def test_a_cookie_that_means_nothing_any_more_is_no_error(app: GatedApp, client: httpx.AsyncClient) -> None:
    secret, session = await app.session()
    await app.sessions.revoke("alice", session.id)
    client.cookies.set("renga_session", secret)
    assert (await client.get("/lean/thing")).status_code == 200
    assert app.seen == [None]
    assert problem(await client.post("/account")) == (401, "unauthenticated")


async def test_over_https_only_the_host_cookie_counts() -> None:
    app = GatedApp(https=True)
    secret, _ = await app.session()
    async with app.client() as client:
        await client.get("/lean/thing", headers={"Cookie": f"renga_session={secret}"})
        await client.get("/lean/thing", headers={"Cookie": f"__Host-renga={secret}"})
        await client.get("/lean/thing", headers={"Cookie": f"__Host-renga={secret}; __Host-renga=planted"})
    assert [None if one is None else one.subject for one in app.seen] == [None, "alice", None]


async def test_an_oauth_clients_own_authorization_is_left_to_its_handler(client: httpx.AsyncClient) -> None:
    answer = await client.post("/token", headers={"Authorization": "Basic Y2xpZW50OnNlY3JldA=="})
    assert (answer.status_code, answer.text) == (200, "Basic Y2xpZW50OnNlY3JldA==")


async def test_without_the_store_of_sessions_only_what_is_public_answers(
    app: GatedApp, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, _ = await app.session()
    client.cookies.set("renga_session", secret)

    async def away(_: str) -> Any:
        raise Unavailable("the session store is away")

    monkeypatch.setattr(app.sessions, "read", away)
    assert (await client.get("/public")).status_code == 200
    assert problem(await client.post("/account")) == (503, "unavailable")
    assert problem(await client.post("/lean/thing")) == (503, "unavailable")
    assert app.effects == []


async def test_a_page_has_a_nonce_of_its_own_in_its_policy(client: httpx.AsyncClient) -> None:
    nonces = []
    for _ in range(3):
        answer = await client.get("/page")
        policy = answer.headers.get_list("content-security-policy")
        assert len(policy) == 1
        found = re.search(r"; script-src 'self' 'nonce-([A-Za-z0-9_-]{22})'$", policy[0])
        assert found
        assert answer.text == f"<script nonce='{found[1]}'></script>"
        nonces.append(found[1])
    assert len(set(nonces)) == 3


async def test_a_page_with_a_policy_of_its_own_keeps_it_and_gets_the_nonce(client: httpx.AsyncClient) -> None:
    answer = await client.get("/framed")
    assert re.fullmatch(r"default-src 'self'; script-src 'self' 'nonce-[\w-]{22}'",
                        answer.headers["content-security-policy"])  # fmt: skip


async def test_what_is_no_page_has_the_policy_without_a_nonce(client: httpx.AsyncClient) -> None:
    for path in ("/lean/thing", "/public", "/nowhere"):
        answer = await client.get(path)
        assert "nonce" not in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"


@pytest.fixture
async def limiter(valkey_url: str) -> AsyncIterator[RedisRateLimiter]:
    redis = HotRedis(valkey_url)
    yield RedisRateLimiter(redis, clock=ManualClock())
    await redis.close()


TIGHT = rate_limits(
    unlimited=(),
    cart_write_per_minute=60, cart_write_burst=2, read_burst=2, login_burst=2, credentials_burst=3,
    credentials_per_minute=60,
)  # fmt: skip


async def test_a_refused_write_has_no_effect_and_says_when_to_come_back(limiter: RedisRateLimiter) -> None:
    app = GatedApp(limiter=limiter, settings=TIGHT)
    async with app.client() as client:
        first, _, third = [await client.post("/lean/thing") for _ in range(3)]
    assert first.headers["ratelimit-policy"] == '"cart_write";q=2;w=2'
    assert first.headers["ratelimit"] == '"cart_write";r=1;t=1'
    assert problem(third) == (429, "rate_limited")
    assert (third.headers["retry-after"], third.headers["ratelimit"]) == ("1", '"cart_write";r=0;t=1')
    assert app.effects == ["lean", "lean"]


async def test_a_refused_read_shows_nothing(limiter: RedisRateLimiter) -> None:
    app = GatedApp(limiter=limiter, settings=TIGHT)
    async with app.client() as client:
        answers = [await client.get("/lean/thing") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "rate_limited"
    assert answers[2].headers["retry-after"] == "1"


async def test_callers_are_limited_by_key_by_account_and_by_address(limiter: RedisRateLimiter) -> None:
    app = GatedApp(limiter=limiter, settings=TIGHT)
    app.keys["rk_small"] = Key(id="key-2", limit=Key().limit.__class__(per_minute=60, burst=1))
    callers = [
        ({}, "192.0.2.1", 2),
        ({}, "192.0.2.2", 2),
        ({"Authorization": f"Bearer {app.token()}"}, "192.0.2.1", 2),
        ({"Authorization": f"Bearer {app.token(subject='bob')}"}, "192.0.2.1", 2),
        ({"X-API-Key": "rk_small"}, "192.0.2.1", 1),
    ]
    for headers, address, allowed in callers:
        async with app.client(address) as client:
            answers = [await client.post("/lean/thing", headers=headers) for _ in range(4)]
            assert [answer.status_code for answer in answers] == [200] * allowed + [429] * (4 - allowed)


async def test_another_account_or_key_does_not_help_who_guesses_passwords(limiter: RedisRateLimiter) -> None:
    app = GatedApp(limiter=limiter, settings=TIGHT)
    async with app.client() as client:
        statuses = []
        for name in ("alice", "bob", "carol", "dave"):
            headers = {"Authorization": f"Bearer {app.token(subject=name)}"}
            statuses.append((await client.post("/login", headers=headers)).status_code)
    assert statuses == [200, 200, 429, 429]
    assert app.effects == ["login", "login"]


async def test_refused_credentials_count_against_their_address_and_no_other(limiter: RedisRateLimiter) -> None:
    app = GatedApp(limiter=limiter, settings=TIGHT)
    async with app.client() as client:
        guesses = [await client.get("/public", headers={"X-API-Key": f"rk_guess{n}"}) for n in range(6)]
    assert [answer.status_code for answer in guesses] == [401, 401, 401, 429, 429, 429]
    assert guesses[3].headers["retry-after"] == "1"
    async with app.client("192.0.2.99") as elsewhere:
        assert (await elsewhere.get("/lean/thing", headers={"X-API-Key": "rk_good"})).status_code == 200


async def test_without_the_limiters_store_requests_pass() -> None:
    away = HotRedis("redis://127.0.0.1:1", attempt_timeout_s=0.05, deadline_s=0.05)
    app = GatedApp(limiter=RedisRateLimiter(away), settings=TIGHT)
    async with app.client() as client:
        answers = [await client.post("/lean/thing") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 5
    assert "ratelimit" not in answers[0].headers
    await away.close()


async def test_a_session_and_a_token_say_when_their_person_logged_in_and_a_key_does_not(
    app: GatedApp, client: httpx.AsyncClient
) -> None:
    now_ms = app.clock.now_ms() // 1000 * 1000
    secret, _ = await app.session(auth_at_ms=now_ms - 5_000)
    await client.get("/lean/thing", headers={"Cookie": f"renga_session={secret}"})
    await client.get("/lean/thing", headers={"Authorization": f"Bearer {app.token()}"})
    await client.get("/lean/thing", headers={"X-API-Key": "rk_good"})
    assert [one.proved_ms for one in app.seen] == [now_ms - 5_000, now_ms, None]
    assert [one.caller.proved_ms for one in app.seen] == [now_ms - 5_000, now_ms, None]
