"""The flows as they should go: login, consent, tokens, refresh, services, pushed requests, logging out."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from renga.domains.identity.contract import ConsentNotFound
from renga.kernel.caller import ANONYMOUS, Caller, FreshLoginRequired
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unauthenticated
from renga.platform.auth.signing import AUDIENCE
from tests.identity.oauth.house import ANA, BIA, CALLBACK, ISSUER, House, answered, changed


async def test_a_login_gives_a_code_and_the_code_gives_tokens_that_the_shop_accepts(house: House) -> None:
    tokens = await house.connected()
    principal = house.verifier.principal(tokens["access_token"])
    assert (principal.subject, principal.client_id) == (ANA, "spa")
    assert principal.scopes == {"openid", "offline_access", "cart"}
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == (
        "Bearer",
        600,
        "openid offline_access cart",
    )
    assert await house.trail() == ["signing_keys_rotated", "client_connected"]


async def test_an_access_token_has_the_claims_of_rfc_9068_and_names_its_key(house: House, clock: ManualClock) -> None:
    tokens = await house.connected()
    jwks = (await house.http.get("/oauth/jwks.json")).json()
    token = jwt.decode(tokens["access_token"], KeySet.import_key_set(jwks), algorithms=["ES256"])
    now_s = clock.now_ms() // 1000
    assert token.header["typ"] == "at+jwt"
    assert token.header["kid"] in {key["kid"] for key in jwks["keys"]}
    assert all("d" not in key for key in jwks["keys"])
    assert {name: token.claims[name] for name in ("iss", "aud", "sub", "client_id", "iat", "exp")} == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": ANA,
        "client_id": "spa",
        "iat": now_s,
        "exp": now_s + 600,
    }


async def test_an_id_token_tells_when_and_how_she_logged_in_and_belongs_to_its_access_token(
    house: House, clock: ManualClock
) -> None:
    tokens = await house.connected()
    claims = jwt.decode(tokens["id_token"], house.keys.signer("RS256"), algorithms=["RS256"]).claims
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    now_s = clock.now_ms() // 1000
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).decode().rstrip("=")
    assert (claims["nonce"], claims["auth_time"], claims["amr"]) == ("no", now_s, ["pwd"])
    assert (claims["iss"], claims["sub"], claims["aud"], claims["exp"]) == (ISSUER, ANA, "spa", now_s + 300)


async def test_who_is_not_logged_in_logs_in_first_and_comes_back(house: House) -> None:
    login = urlsplit((await house.authorize(login_hint="ana@example.com")).headers["location"])
    query = parse_qs(login.query)
    assert (login.path, query["login_hint"]) == ("/login", ["ana@example.com"])
    house.log_in()
    answer = answered(await house.http.get(query["next"][0]))
    assert (answer["state"], answer["iss"]) == ("st", ISSUER)
    assert (await house.redeem(answer["code"])).status_code == 200


async def test_a_stranger_to_the_house_asks_for_consent_once(house: House) -> None:
    house.log_in()
    asked = {"client_id": "other", "redirect_uri": "https://other.test/cb", "scope": "openid cart"}
    consent = urlsplit((await house.authorize(**asked)).headers["location"])
    request_id = parse_qs(consent.query)["request"][0]
    pending = await house.server.consents.pending(Caller(ANA), request_id)
    assert (pending.client_name, pending.redirect_host, pending.scopes, pending.account_email) == (
        "Outra",
        "other.test",
        ("openid", "cart"),
        "ana@example.com",
    )
    back = await house.server.consents.decide(Caller(ANA), request_id, True)
    with pytest.raises(ConsentNotFound):
        await house.server.consents.decide(Caller(ANA), request_id, True)
    assert "code" in answered(await house.http.get(back))
    assert house.clients.allowed == {(ANA, "other"): {"openid", "cart"}}
    assert "code" in answered(await house.authorize(**asked))


async def test_a_refused_consent_tells_the_client_and_keeps_nothing(house: House) -> None:
    house.log_in()
    consent = await house.authorize(client_id="other", redirect_uri="https://other.test/cb")
    request_id = parse_qs(urlsplit(consent.headers["location"]).query)["request"][0]
    answer = answered(await house.http.get(await house.server.consents.decide(Caller(ANA), request_id, False)))
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "st", ISSUER)
    assert house.clients.allowed == {}


async def test_a_request_for_consent_is_not_found_by_another_person(house: House) -> None:
    house.log_in()
    consent = await house.authorize(client_id="other", redirect_uri="https://other.test/cb")
    request_id = parse_qs(urlsplit(consent.headers["location"]).query)["request"][0]
    for stranger in (Caller(BIA), Caller.of_system("tests")):
        with pytest.raises(ConsentNotFound):
            await house.server.consents.pending(stranger, request_id)
        with pytest.raises(ConsentNotFound):
            await house.server.consents.decide(stranger, request_id, True)
    with pytest.raises(Unauthenticated):
        await house.server.consents.decide(ANONYMOUS, request_id, True)
    assert house.clients.allowed == {}
    assert (await house.server.consents.pending(Caller(ANA), request_id)).account_email == "ana@example.com"


async def test_an_answer_to_consent_is_worth_nothing_to_another_person(house: House) -> None:
    house.log_in()
    consent = await house.authorize(client_id="other", redirect_uri="https://other.test/cb")
    request_id = parse_qs(urlsplit(consent.headers["location"]).query)["request"][0]
    back = await house.server.consents.decide(Caller(ANA), request_id, True)
    house.log_in(BIA)
    assert urlsplit((await house.http.get(back)).headers["location"]).path == "/oauth/consent"


@pytest.mark.parametrize(
    ("prompt", "logged_in", "error"),
    [("none", False, "login_required"), ("none consent", True, "invalid_request"), ("odd", True, "invalid_request")],
)
async def test_prompts_that_cannot_be_met_are_told_to_the_client(
    house: House, prompt: str, logged_in: bool, error: str
) -> None:
    if logged_in:
        house.log_in()
    assert answered(await house.authorize(prompt=prompt))["error"] == error


async def test_prompt_none_gives_a_code_without_a_question_or_says_that_one_is_needed(house: House) -> None:
    house.log_in()
    assert "code" in answered(await house.authorize(prompt="none"))
    other = await house.authorize(prompt="none", client_id="other", redirect_uri="https://other.test/cb")
    assert answered(other)["error"] == "consent_required"


async def test_prompt_login_and_max_age_want_a_login_newer_than_that(house: House, clock: ManualClock) -> None:
    house.log_in()
    clock.advance(seconds=100)
    assert "code" in answered(await house.authorize(max_age="100"))
    clock.advance(seconds=1)
    for language_range in ({"max_age": "100"}, {"prompt": "login"}, {"max_age": "0"}):
        login = urlsplit((await house.authorize(**language_range)).headers["location"])
        assert login.path == "/login"
        back = parse_qs(login.query)["next"][0]
        assert urlsplit((await house.http.get(back)).headers["location"]).path == "/login"
    login = urlsplit((await house.authorize(prompt="login")).headers["location"])
    house.log_in()
    assert "code" in answered(await house.http.get(parse_qs(login.query)["next"][0]))


async def test_a_refresh_token_gives_new_tokens_and_a_successor(house: House) -> None:
    first = await house.connected()
    second = (await house.refresh(first["refresh_token"])).json()
    third = (await house.refresh(second["refresh_token"], scope="cart")).json()
    assert len({first["refresh_token"], second["refresh_token"], third["refresh_token"]}) == 3
    assert (third["scope"], "id_token" in third) == ("cart", False)
    assert house.verifier.principal(third["access_token"]).scopes == {"cart"}


async def test_without_offline_access_there_is_no_refresh_token(house: House) -> None:
    assert "refresh_token" not in await house.connected(scope="openid cart")


async def test_a_token_never_allows_more_than_request_client_and_person_together(house: House) -> None:
    house.clients.add(changed(house.clients.known["spa"], scopes=("openid", "cart", "catalog:write", "ledger:read")))
    tokens = await house.connected(scope="openid cart orders catalog:write ledger:read nonsense")
    assert tokens["scope"] == "openid cart"
    house.log_in(amr=("pwd", "otp", "mfa"))
    tokens = (await house.redeem(await house.code(scope="openid catalog:write ledger:read"))).json()
    assert tokens["scope"] == "openid catalog:write"


async def test_who_loses_a_right_loses_it_at_the_next_refresh(house: House) -> None:
    house.log_in(amr=("pwd", "otp", "mfa"))
    tokens = (await house.redeem(await house.code(scope="openid offline_access catalog:write"))).json()
    house.people.known[ANA] = changed(house.people.known[ANA], stakeholders=("customer",))
    assert (await house.refresh(tokens["refresh_token"])).json()["scope"] == "openid offline_access"


async def test_a_service_gets_its_own_scopes_and_nothing_personal(house: House) -> None:
    form: dict[str, Any] = {"grant_type": "client_credentials", "client_id": "svc", "client_secret": "s3cret"}
    tokens = (await house.token(**form)).json()
    principal = house.verifier.principal(tokens["access_token"])
    assert (principal.subject, principal.scopes, principal.caller.program) == ("svc", frozenset({"carts:any"}), True)
    assert sorted(tokens) == ["access_token", "expires_in", "scope", "token_type"]
    assert (await house.token(**form, scope="cart")).json()["error"] == "invalid_scope"


async def test_a_pushed_request_is_good_once_and_only_for_its_client(house: House, clock: ManualClock) -> None:
    house.log_in()
    pushed = await house.http.post("/oauth/par", data=house.request())
    assert (pushed.status_code, pushed.json()["expires_in"]) == (201, 60)
    uri = pushed.json()["request_uri"]
    short = {"client_id": "spa", "request_uri": uri}
    assert "code" in answered(await house.http.get("/oauth/authorize", params=short))
    again = await house.http.get("/oauth/authorize", params=short)
    assert (again.status_code, again.json()["code"]) == (400, "invalid_request_uri")
    uri = (await house.http.post("/oauth/par", data=house.request())).json()["request_uri"]
    stolen = await house.http.get("/oauth/authorize", params={"client_id": "other", "request_uri": uri})
    assert (stolen.status_code, stolen.json()["code"]) == (400, "invalid_request_uri")


async def test_userinfo_tells_what_the_scopes_allow(house: House) -> None:
    tokens = await house.connected(scope="openid email")
    answer = await house.userinfo(tokens["access_token"])
    assert answer.json() == {"sub": ANA, "email": "ana@example.com", "email_verified": True}
    tokens = await house.connected(scope="cart")
    assert (await house.userinfo(tokens["access_token"])).status_code == 403


async def test_introspection_answers_the_tokens_own_client_and_resource_servers(house: House) -> None:
    house.log_in()
    code = await house.code(client_id="web")
    tokens = (await house.redeem(code, client_id="web", client_secret="x")).json()
    assert tokens["error"] == "invalid_client"
    code = await house.code(client_id="web")
    form: dict[str, Any] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": "v" * 43,
    }
    tokens = (await house.token(auth=("web", "s3cret"), **form)).json()
    for token in (tokens["access_token"], tokens["refresh_token"]):
        own = await house.http.post("/oauth/introspect", data={"token": token}, auth=("web", "s3cret"))
        assert (own.json()["active"], own.json()["sub"]) == (True, ANA)
        service = {"client_id": "svc", "client_secret": "s3cret", "token": token}
        assert (await house.http.post("/oauth/introspect", data=service)).json()["client_id"] == "web"
    public = await house.http.post("/oauth/introspect", data={"token": token, "client_id": "spa"})
    assert public.json()["error"] == "invalid_client"


async def test_logging_out_ends_the_session_that_the_hint_names_and_goes_back_to_a_known_address(house: House) -> None:
    tokens = await house.connected()
    hint = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "https://app.test/bye", "state": "x"}
    gone = await house.http.get("/oauth/end_session", params=hint)
    assert gone.headers["location"] == "https://app.test/bye?state=x"
    assert house.browsers.known == {}


async def test_nobody_is_logged_out_without_a_hint_of_hers(house: House) -> None:
    tokens = await house.connected()
    assert (await house.http.get("/oauth/end_session")).headers["location"] == "/"
    evil = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "https://evil.test/"}
    assert (await house.http.get("/oauth/end_session", params=evil)).status_code == 400
    house.log_in(BIA)
    await house.http.get("/oauth/end_session", params={"id_token_hint": tokens["id_token"]})
    assert list(house.browsers.known) == ["browser"]


async def test_discovery_names_only_what_there_is(house: House) -> None:
    oauth = (await house.http.get("/.well-known/oauth-authorization-server")).json()
    openid = (await house.http.get("/.well-known/openid-configuration")).json()
    assert oauth.items() <= openid.items()
    assert openid["issuer"] == ISSUER
    assert openid["ui_locales_supported"] == ["pt-BR", "en"]
    assert openid["response_types_supported"] == ["code"]
    assert openid["code_challenge_methods_supported"] == ["S256"]
    assert openid["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]
    served = {route.path for route in house.app.routes}
    named = {urlsplit(value).path for value in openid.values() if isinstance(value, str) and value != ISSUER}
    assert named <= served


async def test_a_client_may_prove_itself_with_its_own_key(house: House) -> None:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    jwks = KeySet([key]).as_dict(private=False)
    house.clients.add(changed(house.clients.known["svc"], id="signer", auth_method="private_key_jwt", jwks=jwks))
    now_s = house.clock.now_ms() // 1000
    claims = {"iss": "signer", "sub": "signer", "aud": ISSUER, "exp": now_s + 60, "iat": now_s, "jti": "one"}
    form: dict[str, Any] = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"]),
    }
    assert house.verifier.principal((await house.token(**form)).json()["access_token"]).subject == "signer"
    assert (await house.token(**form)).json()["error"] == "invalid_client"


async def test_an_access_token_keeps_the_time_of_the_login_when_it_is_refreshed(
    house: House, clock: ManualClock
) -> None:
    tokens = await house.connected()
    logged_in_ms = clock.now_ms() // 1000 * 1000
    clock.advance(seconds=1_000)
    answer = await house.refresh(tokens["refresh_token"])
    caller = house.verifier.principal(answer.json()["access_token"]).caller
    assert caller.proved_ms == logged_in_ms
    with pytest.raises(FreshLoginRequired):
        caller.proved_within(900, clock.now_ms())
