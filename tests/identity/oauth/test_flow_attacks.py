"""Attacks on the flows: replays, injected codes, open redirects, downgrades, mixed-up clients, races."""

import asyncio
import base64
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from renga.domains.identity.contract import Client
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unauthenticated
from tests.identity.oauth.house import ANA, CALLBACK, ISSUER, House, answered, changed

NASTY = [
    CALLBACK + "/",
    CALLBACK + "?x=1",
    CALLBACK + "#x",
    CALLBACK.upper(),
    CALLBACK + "/../evil",
    CALLBACK + "%2f..%2fevil",
    CALLBACK + "\n",
    CALLBACK + " ",
    " " + CALLBACK,
    CALLBACK.replace("https", "http"),
    "https://app.test.evil.test/callback",
    "https://app.test@evil.test/callback",
    "https://evil.test/https://app.test/callback",
    "https://evil.test/callback",
    "https://app.test:443/callback",
    "https://app.test:8443/callback",
    "https://app.test./callback",
    "https://\u0430pp.test/callback",
    "//app.test/callback",
    "/callback",
    "https:app.test/callback",
    "https:///app.test/callback",
    "https://app.test\\@evil.test/callback",
    "javascript:alert(1)//https://app.test/callback",
    "data:text/html,x",
    "",
]


@pytest.mark.parametrize("uri", NASTY)
async def test_no_answer_goes_to_an_address_that_is_not_registered_character_by_character(
    house: House, uri: str
) -> None:
    house.log_in()
    for more in ({}, {"response_type": "token"}, {"prompt": "none"}, {"code_challenge": None}):
        response = await house.authorize(redirect_uri=uri, **more)
        assert (response.status_code, response.json()["code"]) == (400, "redirect_uri_refused")
        assert "location" not in response.headers
    pushed = await house.http.post("/oauth/par", data=house.request(redirect_uri=uri))
    assert (pushed.status_code, pushed.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "http://app.test/cb", "https://a@b.test/", "data:x,y", "x:/y"])
async def test_even_a_registered_address_must_be_a_safe_one(house: House, uri: str) -> None:
    house.log_in()
    house.clients.add(changed(house.clients.known["spa"], redirect_uris=(uri,)))
    assert (await house.authorize(redirect_uri=uri)).status_code == 400


async def test_an_unknown_client_gets_no_answer_anywhere(house: House) -> None:
    response = await house.authorize(client_id="nobody")
    assert (response.status_code, response.json()["code"]) == (400, "redirect_uri_refused")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "x" * 44}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "identity:admin"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"id_token_hint": "e30.e30.x"}, "invalid_request"),
        ({"dpop_jkt": "short"}, "invalid_request"),
    ],
)
@pytest.mark.parametrize("client", ["spa", "web"])
async def test_a_wrong_request_is_told_to_its_client_and_gives_no_code(
    house: House, client: str, changes: dict[str, str | None], error: str
) -> None:
    house.log_in()
    answer = answered(await house.authorize(client_id=client, **changes))
    assert (answer["error"], answer["state"], answer["iss"], "code" in answer) == (error, "st", ISSUER, False)


async def test_a_parameter_that_comes_twice_is_refused(house: House) -> None:
    pairs: list[tuple[str, str | int | float | bool | None]] = [
        *house.request().items(),
        ("redirect_uri", "https://evil.test/"),
    ]
    assert (await house.http.get("/oauth/authorize", params=pairs)).status_code == 400


async def test_a_foreign_request_uri_is_never_fetched(house: House) -> None:
    for uri in ("https://evil.test/request.jwt", "http://127.0.0.1:1/", "urn:ietf:params:oauth:request_uri:guess"):
        response = await house.http.get("/oauth/authorize", params={"client_id": "spa", "request_uri": uri})
        assert response.json()["code"] == "invalid_request_uri"


async def test_a_replayed_code_is_refused_and_ends_what_it_gave(house: House) -> None:
    house.log_in()
    code = await house.code()
    tokens = (await house.redeem(code)).json()
    assert (await house.redeem(code)).json()["error"] == "invalid_grant"
    assert (await house.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    await house.feed.catch_up()
    with pytest.raises(Unauthenticated, match="revoked"):
        house.verifier.principal(tokens["access_token"])
    assert (await house.trail())[-1] == "authorization_code_replayed"


async def test_of_two_who_show_a_code_at_once_neither_keeps_what_it_gave(house: House) -> None:
    house.log_in()
    code = await house.code()
    answers = await asyncio.gather(*(house.redeem(code) for _ in range(4)))
    given = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(given) == 1
    assert (await house.refresh(given[0]["refresh_token"])).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "other"},
        {"code_verifier": "w" * 43},
        {"code_verifier": "v" * 42},
        {"code_verifier": "v" * 129},
        {"redirect_uri": "https://other.test/cb"},
        {"redirect_uri": CALLBACK + "/"},
        {"client_id": "other", "redirect_uri": "https://other.test/cb"},
    ],
)
async def test_an_injected_code_gives_nothing_and_is_spent(house: House, changes: dict[str, Any]) -> None:
    house.log_in()
    code = await house.code()
    assert (await house.redeem(code, **changes)).json()["error"] == "invalid_grant"
    assert (await house.redeem(code)).json()["error"] == "invalid_grant"
    assert "client_connected" not in await house.trail()


@pytest.mark.parametrize("missing", ["code", "code_verifier", "redirect_uri"])
async def test_a_redemption_without_its_proofs_is_refused(house: House, missing: str) -> None:
    house.log_in()
    form: dict[str, Any] = {"code": await house.code(), "code_verifier": "v" * 43, "redirect_uri": CALLBACK}
    form[missing] = ""
    answer = await house.token(grant_type="authorization_code", client_id="spa", **form)
    assert answer.json()["error"] == "invalid_request"


async def test_a_code_is_good_for_a_minute(house: House, clock: ManualClock) -> None:
    house.log_in()
    first, second = await house.code(), await house.code()
    clock.advance(seconds=60)
    assert (await house.redeem(first)).status_code == 200
    clock.advance(ms=1)
    assert (await house.redeem(second)).json()["error"] == "invalid_grant"


async def test_a_code_dies_with_the_session_it_came_from(house: House) -> None:
    house.log_in()
    code = await house.code()
    house.browsers.known.clear()
    assert (await house.redeem(code)).json()["error"] == "invalid_grant"


async def test_an_open_login_goes_on_in_its_own_browser_only(house: House) -> None:
    login = await house.authorize()
    back = httpx.URL(login.headers["location"]).params["next"]
    house.log_in()
    stolen = await house.bare("GET", back, headers={"Cookie": "renga_session=browser; renga_authz=guess"})
    assert (stolen.status_code, stolen.json()["code"]) == (400, "authorization_request_gone")
    assert "code" in answered(await house.http.get(back))
    assert (await house.http.get(back)).status_code == 400


async def test_a_reused_refresh_token_ends_the_family(house: House, clock: ManualClock) -> None:
    first = await house.connected()
    second = (await house.refresh(first["refresh_token"])).json()
    clock.advance(seconds=11)
    assert (await house.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await house.refresh(second["refresh_token"])).json()["error"] == "invalid_grant"
    await house.feed.catch_up()
    for tokens in (first, second):
        with pytest.raises(Unauthenticated):
            house.verifier.principal(tokens["access_token"])
    assert (await house.trail())[-1] == "refresh_token_reused"


async def test_of_refreshes_at_the_same_time_one_is_granted_and_the_family_lives(house: House) -> None:
    first = await house.connected()
    answers = await asyncio.gather(*(house.refresh(first["refresh_token"]) for _ in range(5)))
    granted = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(granted) == 1
    assert (await house.refresh(granted[0]["refresh_token"])).status_code == 200


async def test_an_older_generation_ends_the_family_even_within_the_grace(house: House) -> None:
    first = await house.connected()
    second = (await house.refresh(first["refresh_token"])).json()
    third = (await house.refresh(second["refresh_token"])).json()
    assert (await house.refresh(first["refresh_token"])).status_code == 400
    assert (await house.refresh(third["refresh_token"])).status_code == 400


async def test_a_made_up_refresh_token_ends_nothing(house: House, clock: ManualClock) -> None:
    tokens = await house.connected()
    raw = bytearray(base64.urlsafe_b64decode(tokens["refresh_token"][3:] + "=="))
    clock.advance(seconds=60)
    for position in (19, 25, 51):
        forged = bytearray(raw)
        forged[position] ^= 1
        shown = "rt_" + base64.urlsafe_b64encode(forged).decode().rstrip("=")
        assert (await house.refresh(shown)).json()["error"] == "invalid_grant"
    for nonsense in ("rt_", "rt_" + "x" * 70, "x", tokens["access_token"], "rt_" + "é" * 70):
        assert (await house.refresh(nonsense)).json()["error"] == "invalid_grant"
    assert (await house.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_refresh_token_works_for_its_own_client_only(house: House, clock: ManualClock) -> None:
    tokens = await house.connected()
    assert (await house.refresh(tokens["refresh_token"], client_id="other")).json()["error"] == "invalid_grant"
    clock.advance(seconds=60)
    assert (await house.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_refresh_never_widens_the_scopes(house: House) -> None:
    tokens = await house.connected()
    assert (await house.refresh(tokens["refresh_token"], scope="orders")).json()["error"] == "invalid_scope"
    assert (await house.refresh(tokens["refresh_token"])).status_code == 200


async def test_refresh_tokens_end_by_idleness_and_by_age(house: House, clock: ManualClock) -> None:
    tokens, day_s = await house.connected(), 86_400
    for _ in range(3):
        clock.advance(seconds=29 * day_s)
        tokens = (await house.refresh(tokens["refresh_token"])).json()
    clock.advance(seconds=3 * day_s)
    assert (await house.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    tokens = await house.connected()
    clock.advance(seconds=30 * day_s)
    assert (await house.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_removed_client_and_an_erased_account_lose_their_tokens(house: House) -> None:
    tokens = await house.connected()
    del house.clients.known["spa"]
    await house.token_revoker.end(client_id="spa", account_id=None)
    assert (await house.refresh(tokens["refresh_token"])).json()["error"] == "invalid_client"
    house.clients.add(Client(id="spa", name="x", redirect_uris=(CALLBACK,), scopes=("cart",), first_party=True))
    assert (await house.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    await house.feed.catch_up()
    with pytest.raises(Unauthenticated):
        house.verifier.principal(tokens["access_token"])


async def test_an_erased_account_loses_its_tokens(house: House) -> None:
    tokens = await house.connected()
    del house.people.known[ANA]
    assert (await house.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await house.userinfo(tokens["access_token"])).status_code == 401
    await house.token_revoker.revoke(ANA)
    await house.feed.catch_up()
    with pytest.raises(Unauthenticated, match="revoked"):
        house.verifier.principal(tokens["access_token"])


async def test_a_withdrawn_consent_ends_the_clients_tokens_and_nobody_elses(house: House, clock: ManualClock) -> None:
    tokens = await house.connected()
    web = await house.code(client_id="web")
    form: dict[str, Any] = {
        "grant_type": "authorization_code",
        "code": web,
        "redirect_uri": CALLBACK,
        "code_verifier": "v" * 43,
    }
    kept = (await house.token(auth=("web", "s3cret"), **form)).json()
    await house.token_revoker.end(client_id="spa", account_id=ANA)
    await house.feed.catch_up()
    assert (await house.refresh(tokens["refresh_token"])).status_code == 400
    with pytest.raises(Unauthenticated):
        house.verifier.principal(tokens["access_token"])
    assert house.verifier.principal(kept["access_token"]).subject == ANA


async def test_revoking_ends_ones_own_tokens_only(house: House) -> None:
    tokens = await house.connected()
    for name in ("access_token", "refresh_token"):
        stranger = await house.http.post("/oauth/revoke", data={"client_id": "other", "token": tokens[name]})
        assert stranger.status_code == 200
    await house.feed.catch_up()
    assert house.verifier.principal(tokens["access_token"]).subject == ANA
    own = {"client_id": "spa", "token": tokens["access_token"]}
    assert (await house.http.post("/oauth/revoke", data=own)).status_code == 200
    await house.feed.catch_up()
    with pytest.raises(Unauthenticated):
        house.verifier.principal(tokens["access_token"])
    tokens = (await house.refresh(tokens["refresh_token"])).json()
    assert (await house.http.post("/oauth/revoke", data=own | {"token": tokens["refresh_token"]})).status_code == 200
    assert (await house.refresh(tokens["refresh_token"])).status_code == 400


@pytest.mark.parametrize(
    ("auth", "form"),
    [
        (("web", "wrong"), {}),
        (("web", ""), {}),
        (("nobody", "s3cret"), {}),
        (None, {"client_id": "web"}),
        (None, {"client_id": "web", "client_secret": "s3cret"}),
        (("spa", "anything"), {}),
        (("web", "s3cret"), {"client_id": "spa"}),
        (None, {}),
    ],
)
async def test_a_client_that_does_not_prove_itself_as_registered_is_refused_alike(
    house: House, auth: Any, form: dict[str, Any]
) -> None:
    response = await house.token(auth=auth, grant_type="refresh_token", refresh_token="x", **form)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert response.json()["error_description"] == "The client is unknown or did not authenticate"


async def test_two_ways_to_authenticate_at_once_are_refused(house: House) -> None:
    form: dict[str, Any] = {
        "grant_type": "refresh_token",
        "refresh_token": "x",
        "client_id": "web",
        "client_secret": "s3cret",
    }
    assert (await house.token(auth=("web", "s3cret"), **form)).json()["error"] == "invalid_request"


@pytest.mark.parametrize("grant", ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", "__class__"])
async def test_there_are_no_other_grants(house: House, grant: str) -> None:
    response = await house.token(grant_type=grant, client_id="spa", username="ana", password="x")
    assert response.json()["error"] == "unsupported_grant_type"


async def test_a_grant_that_is_not_the_clients_is_refused(house: House) -> None:
    form: dict[str, Any] = {"grant_type": "client_credentials", "client_id": "spa"}
    assert (await house.token(**form)).json()["error"] == "unauthorized_client"
    house.clients.add(changed(house.clients.known["spa"], grant_types=("client_credentials",)))
    assert (await house.token(**form)).json()["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://evil.test"},
        {"iss": "svc"},
        {"sub": "svc"},
        {"exp": -11},
        {"exp": 311},
        {"nbf": 11},
        {"iat": 11},
        {"jti": None},
        {"exp": None},
        {"aud": None},
    ],
)
async def test_a_wrong_assertion_is_refused(house: House, changes: dict[str, Any]) -> None:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    jwks = KeySet([key]).as_dict(private=False)
    house.clients.add(changed(house.clients.known["svc"], id="signer", auth_method="private_key_jwt", jwks=jwks))
    now_s = house.clock.now_ms() // 1000
    values = {"iss": "signer", "sub": "signer", "aud": ISSUER, "exp": now_s + 60, "iat": now_s, "jti": "one"}
    times = {name: now_s + value for name, value in changes.items() if isinstance(value, int)}
    claims = {name: value for name, value in (values | changes | times).items() if value is not None}
    form: dict[str, Any] = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"]),
    }
    assert (await house.token(**form)).json()["error"] == "invalid_client"


async def test_answers_are_not_kept_by_anyone_and_leak_no_referrer(house: House) -> None:
    house.log_in()
    redirect = await house.authorize()
    assert (redirect.headers["cache-control"], redirect.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert urlsplit(redirect.headers["location"]).fragment == ""
    assert (await house.redeem("x")).headers["cache-control"] == "no-store"
