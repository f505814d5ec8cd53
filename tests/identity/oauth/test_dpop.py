"""DPoP: tokens bound to a key, and every way in which a proof can be wrong."""

from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey

from renga.kernel.clock import ManualClock
from renga.platform.auth.dpop import LIFE_S
from tests.identity.oauth.forging import Holder
from tests.identity.oauth.house import ANA, ISSUER, House, changed

TOKEN_URL, INFO_URL = f"{ISSUER}/oauth/token", f"{ISSUER}/oauth/userinfo"


def now_s(house: House) -> int:
    return house.clock.now_ms() // 1000


async def bound(house: House, holder: Holder, **changes: str | None) -> dict[str, Any]:
    house.log_in()
    code = await house.code(**changes)
    response = await house.redeem(code, headers={"DPoP": holder.proof("POST", TOKEN_URL, now_s(house))})
    assert response.status_code == 200, response.text
    return response.json()  # type: ignore[no-any-return] # JSON of ours


async def ask(house: House, token: str, proof: str | None, scheme: str = "DPoP") -> httpx.Response:
    headers = {"Authorization": f"{scheme} {token}"} | ({"DPoP": proof} if proof else {})
    return await house.bare("GET", "/oauth/userinfo", headers=headers)


async def test_a_bound_token_works_with_a_fresh_proof_of_its_key(house: House) -> None:
    holder = Holder()
    tokens = await bound(house, holder)
    assert tokens["token_type"] == "DPoP"
    proof = holder.proof("GET", INFO_URL, now_s(house), token=tokens["access_token"])
    assert (await ask(house, tokens["access_token"], proof)).json()["sub"] == ANA
    assert (await ask(house, tokens["access_token"], proof)).status_code == 401


async def test_a_stolen_bound_token_is_worth_nothing(house: House) -> None:
    holder, thief = Holder(), Holder()
    token = (await bound(house, holder))["access_token"]
    stolen = thief.proof("GET", INFO_URL, now_s(house), token=token)
    for proof, scheme in ((stolen, "DPoP"), (None, "DPoP"), (None, "Bearer"), (stolen, "Bearer")):
        assert (await ask(house, token, proof, scheme)).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"htm": "POST"},
        {"htm": "get"},
        {"htu": "http://evil.test/oauth/userinfo"},
        {"htu": ISSUER + "/oauth/token"},
        {"htu": "https://shop.test/oauth/userinfo"},
        {"htu": "http://shop.test:81/oauth/userinfo"},
        {"ath": "x" * 43},
        {"ath": None},
        {"jti": ""},
        {"jti": "x" * 257},
        {"header": {"typ": "JWT"}},
        {"header": {"jwk": ECKey.generate_key("P-256").as_dict(private=False)}},
    ],
)
async def test_a_proof_of_something_else_is_refused(house: House, changes: dict[str, Any]) -> None:
    holder = Holder()
    token = (await bound(house, holder))["access_token"]
    proof = holder.proof("GET", INFO_URL, now_s(house), token=token, **changes)
    assert (await ask(house, token, proof)).status_code == 401


async def test_a_proof_with_its_private_key_in_it_is_refused(house: House) -> None:
    holder = Holder()
    token = (await bound(house, holder))["access_token"]
    header = {"jwk": holder.key.as_dict(private=True)}
    proof = holder.proof("GET", INFO_URL, now_s(house), token=token, header=header)
    assert (await ask(house, token, proof)).status_code == 401


async def test_old_and_future_proofs_are_refused(house: House, clock: ManualClock) -> None:
    holder = Holder()
    token = (await bound(house, holder))["access_token"]
    for age_s, status in ((LIFE_S, 200), (-5, 200), (LIFE_S + 1, 401), (-6, 401)):
        proof = holder.proof("GET", INFO_URL, now_s(house) - age_s, token=token)
        assert (await ask(house, token, proof)).status_code == status


async def test_a_bearer_token_is_no_dpop_token(house: House) -> None:
    token = (await house.connected())["access_token"]
    proof = Holder().proof("GET", INFO_URL, now_s(house), token=token)
    assert (await ask(house, token, proof)).status_code == 401


async def test_a_refresh_token_of_a_bound_family_needs_the_same_key(house: House) -> None:
    holder = Holder()
    tokens = await bound(house, holder)
    for headers in (None, {"DPoP": Holder().proof("POST", TOKEN_URL, now_s(house))}):
        refused = await house.refresh(tokens["refresh_token"], headers=headers)
        assert refused.json()["error"] == "invalid_grant"
    headers = {"DPoP": holder.proof("POST", TOKEN_URL, now_s(house))}
    again = await house.refresh(tokens["refresh_token"], headers=headers)
    assert again.json()["token_type"] == "DPoP"
    replayed = await house.refresh(again.json()["refresh_token"], headers=headers)
    assert replayed.json()["error"] == "invalid_dpop_proof"


async def test_a_code_that_is_bound_to_a_key_needs_it(house: House) -> None:
    holder = Holder()
    house.log_in()
    for headers in ({}, {"DPoP": Holder().proof("POST", TOKEN_URL, now_s(house))}):
        code = await house.code(dpop_jkt=holder.key.thumbprint())
        assert (await house.redeem(code, headers=headers)).json()["error"] == "invalid_dpop_proof"
    assert (await bound(house, holder, dpop_jkt=holder.key.thumbprint()))["token_type"] == "DPoP"


async def test_a_pushed_request_binds_the_code_to_the_key_of_its_proof(house: House) -> None:
    holder = Holder()
    house.log_in()
    proof = {"DPoP": holder.proof("POST", f"{ISSUER}/oauth/par", now_s(house))}
    pushed = await house.http.post("/oauth/par", data=house.request(), headers=proof)
    short = {"client_id": "spa", "request_uri": pushed.json()["request_uri"]}
    location = (await house.http.get("/oauth/authorize", params=short)).headers["location"]
    refused = await house.redeem(httpx.URL(location).params["code"])
    assert refused.json()["error"] == "invalid_dpop_proof"


async def test_a_client_that_must_use_dpop_gets_no_bearer_token(house: House) -> None:
    house.clients.add(changed(house.clients.known["spa"], dpop_required=True))
    house.log_in()
    code = await house.code()
    assert (await house.redeem(code)).json()["error"] == "invalid_dpop_proof"
    assert (await house.redeem(code, headers={"DPoP": "nonsense"})).json()["error"] == "invalid_dpop_proof"
    good = {"DPoP": Holder().proof("POST", TOKEN_URL, now_s(house))}
    assert (await house.redeem(code, headers=good)).status_code == 200
