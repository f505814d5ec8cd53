"""What clients of others need of an OpenID provider: any loopback port, CORS, cacheable documents, acr, refusals for people."""

import httpx
import pytest
from joserfc import jwt

from renga.domains.identity.oauth.model.redirects import belongs
from renga.platform.auth.challenges import DPOP_ALGORITHMS
from tests.identity.oauth.house import ISSUER, House, answered, changed

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
LISTENERS = ("http://127.0.0.1/cb", "http://[::1]:7000/cb?a=1", "http://localhost:5000/cb", "https://app.test/cb")


@pytest.mark.parametrize(
    ("uri", "fits"),
    [
        ("http://127.0.0.1/cb", True),
        ("http://127.0.0.1:1/cb", True),
        ("http://127.0.0.1:65535/cb", True),
        ("http://[::1]:51004/cb?a=1", True),
        ("http://[::1]/cb?a=1", True),
        ("http://127.0.0.1:0/cb", False),
        ("http://127.0.0.1:65536/cb", False),
        ("http://127.0.0.1:8000/other", False),
        ("http://127.0.0.1:8000/cb?", False),
        ("http://127.0.0.1:8000", False),
        ("http://127.0.0.2:8000/cb", False),
        ("https://127.0.0.1:8000/cb", False),
        ("http://127.0.0.1:8000@evil.test/cb", False),
        ("http://127.0.0.1:80:80/cb", False),
        ("http://[::1]:1/cb", False),
        ("http://localhost:5001/cb", False),
        ("http://localhost:5000/cb", True),
        ("https://app.test:444/cb", False),
    ],
)
def test_the_port_of_a_loopback_ip_does_not_count_and_everything_else_does(uri: str, fits: bool) -> None:
    assert belongs(uri, LISTENERS, any_port=True) == fits
    assert belongs(uri, LISTENERS) == (uri in LISTENERS)


async def test_a_native_application_comes_back_at_the_port_that_it_found(house: House) -> None:
    spa = await house.clients.find("spa")
    house.clients.add(changed(spa, redirect_uris=("http://127.0.0.1/cb",)))
    house.log_in()
    answer = await house.authorize(redirect_uri="http://127.0.0.1:49152/cb")
    assert answer.headers["location"].startswith("http://127.0.0.1:49152/cb?code=")
    code = answered(answer)["code"]
    other = await house.redeem(code, redirect_uri="http://127.0.0.1:49153/cb")
    assert other.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "path",
    [
        "/oauth/jwks.json",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-protected-resource",
    ],
)
async def test_public_documents_may_be_read_by_any_page_and_have_an_etag(house: House, path: str) -> None:
    first = await house.http.get(path, headers={"Origin": "https://app.test"})
    assert (first.status_code, first.headers["access-control-allow-origin"]) == (200, "*")
    again = await house.http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert (await house.http.get(path, headers={"If-None-Match": '"other"'})).json() == first.json()


async def test_the_etag_of_the_key_set_changes_with_a_rotation(house: House) -> None:
    before = (await house.http.get("/oauth/jwks.json")).headers["etag"]
    await house.keys.rotate()
    assert (await house.http.get("/oauth/jwks.json", headers={"If-None-Match": before})).status_code == 200


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/userinfo"])
async def test_a_page_of_any_origin_may_ask_for_tokens_and_for_userinfo(house: House, path: str) -> None:
    headers = {
        "Origin": "https://app.test",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "dpop",
    }
    preflight = await house.http.options(path, headers=headers)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "DPoP" in preflight.headers["access-control-allow-headers"]
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in preflight.headers


async def test_tokens_and_their_refusals_can_be_read_by_a_page(house: House) -> None:
    house.log_in()
    given = await house.redeem(await house.code())
    refused = await house.redeem("no code")
    assert (given.status_code, refused.status_code) == (200, 400)
    assert {one.headers["access-control-allow-origin"] for one in (given, refused)} == {"*"}


async def test_the_resource_says_who_issues_tokens_for_it(house: House) -> None:
    document = (await house.http.get("/.well-known/oauth-protected-resource")).json()
    server = (await house.http.get("/.well-known/openid-configuration")).json()
    assert (document["resource"], document["authorization_servers"]) == (ISSUER, [ISSUER])
    assert document["bearer_methods_supported"] == ["header"]
    for member in ("jwks_uri", "scopes_supported", "dpop_signing_alg_values_supported"):
        assert document[member] == server[member]


async def test_the_challenge_names_the_algorithms_of_the_metadata(house: House) -> None:
    server = (await house.http.get("/.well-known/openid-configuration")).json()
    assert f'algs="{" ".join(server["dpop_signing_alg_values_supported"])}"' == DPOP_ALGORITHMS


@pytest.mark.parametrize(
    ("amr", "profile"), [(("pwd",), "sfa"), (("fed",), "sfa"), (("pwd", "otp"), "mfa"), (("hwk",), "mfa")]
)
async def test_acr_says_whether_there_was_a_second_factor(house: House, amr: tuple[str, ...], profile: str) -> None:
    house.log_in(amr=amr)
    tokens = (await house.redeem(await house.code())).json()
    claims = jwt.decode(tokens["id_token"], house.keys.signer("RS256"), algorithms=["RS256"]).claims
    supported = (await house.http.get("/.well-known/openid-configuration")).json()["acr_values_supported"]
    assert claims["acr"] == f"https://refeds.org/profile/{profile}"
    assert claims["acr"] in supported


def _refusals() -> list[tuple[dict[str, str | None], str]]:
    return [
        ({"client_id": "nobody"}, "redirect_uri_refused"),
        ({"redirect_uri": "https://evil.test/cb"}, "redirect_uri_refused"),
        ({"request_uri": "urn:ietf:params:oauth:request_uri:none"}, "invalid_request_uri"),
        ({"resume": "none"}, "authorization_request_gone"),
    ]


@pytest.mark.parametrize(("changes", "code"), _refusals())
async def test_a_refusal_is_a_page_for_a_browser_and_a_problem_for_a_program(
    house: House, changes: dict[str, str | None], code: str
) -> None:
    params = house.request(**changes)
    page = await house.http.get("/oauth/authorize", headers=BROWSER, params=params)
    assert (page.status_code, page.headers["location"]) == (303, f"/oauth/refused?error={code}")
    for accept in ("application/json", "*/*", "application/problem+json"):
        problem: httpx.Response = await house.http.get("/oauth/authorize", headers={"Accept": accept}, params=params)
        assert (problem.status_code, problem.json()["code"]) == (400, code)
