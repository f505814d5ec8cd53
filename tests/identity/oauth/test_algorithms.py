"""Two algorithms of ID tokens: a client's registration chooses, and no key or token of one is taken for the other."""

import base64
import hashlib
import hmac
from typing import Any

import httpx
import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, KeySet, RSAKey
from joserfc.util import urlsafe_b64encode

from renga.domains.identity.oauth.key_making import Algorithm, make_key
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unauthenticated
from renga.platform.auth.keysets import usable
from renga.platform.auth.tokens import TokenVerifier
from tests.identity.oauth.forging import claims
from tests.identity.oauth.house import ANA, ISSUER, House, changed

ALGORITHMS = pytest.mark.parametrize("algorithm", ["RS256", "ES256"])


async def registered(house: House, algorithm: Algorithm) -> None:
    spa = await house.clients.find("spa")
    house.clients.add(changed(spa, id_token_signed_response_alg=algorithm))


def hand_made(header: dict[str, Any], body: dict[str, Any], secret: bytes | None = None) -> str:
    parts = b".".join(urlsafe_b64encode(msgspec.json.encode(part)) for part in (header, body))
    signature = b"" if secret is None else hmac.digest(secret, parts, "sha256")
    return (parts + b"." + urlsafe_b64encode(signature)).decode()


def signed(key: Key, algorithm: str, typ: str, body: dict[str, Any], **header: Any) -> str:
    values = {"alg": algorithm, "typ": typ, "kid": key.kid} | header
    return jwt.encode(values, body, key, algorithms=[algorithm])


def hint_claims(house: House) -> dict[str, Any]:
    return {"iss": ISSUER, "sub": ANA, "aud": "spa", "iat": house.clock.now_ms() // 1000}


async def logged_out(house: House, hint: str) -> bool:
    house.log_in()
    answer = await house.http.get("/oauth/end_session", params={"id_token_hint": hint})
    assert answer.status_code in (303, 400)
    return "browser" not in house.browsers.known


@ALGORITHMS
async def test_the_registration_chooses_the_algorithm_of_id_tokens_and_nothing_else(
    house: House, algorithm: Algorithm
) -> None:
    await registered(house, algorithm)
    tokens = await house.connected()
    published = KeySet.import_key_set((await house.http.get("/oauth/jwks.json")).json())
    token = jwt.decode(tokens["id_token"], published, algorithms=[algorithm])
    assert (token.header["alg"], token.header["kid"]) == (algorithm, house.keys.signer(algorithm).kid)
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert token.claims["at_hash"] == base64.urlsafe_b64encode(half).decode().rstrip("=")
    assert jwt.decode(tokens["access_token"], published, algorithms=["ES256"]).header["alg"] == "ES256"
    newer = (await house.refresh(tokens["refresh_token"])).json()
    assert jwt.decode(newer["id_token"], published, algorithms=[algorithm]).claims["sub"] == ANA


async def test_rs256_is_offered_and_is_the_default(house: House) -> None:
    for path in ("openid-configuration", "oauth-authorization-server"):
        document = (await house.http.get(f"/.well-known/{path}")).json()
        assert document["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]
    tokens = await house.connected()
    assert jwt.decode(tokens["id_token"], house.keys.signer("RS256"), algorithms=["RS256"]).claims["aud"] == "spa"


@ALGORITHMS
async def test_an_id_token_is_a_hint_also_after_its_key_has_retired(house: House, algorithm: Algorithm) -> None:
    await registered(house, algorithm)
    tokens = await house.connected()
    await house.keys.rotate()
    assert await logged_out(house, tokens["id_token"])


@ALGORITHMS
async def test_no_id_token_is_an_access_token(house: House, algorithm: Algorithm) -> None:
    await registered(house, algorithm)
    tokens = await house.connected()
    with pytest.raises(Unauthenticated):
        house.verifier.principal(tokens["id_token"])
    assert (await house.userinfo(tokens["id_token"])).status_code == 401
    form = {"client_id": "svc", "client_secret": "s3cret", "token": tokens["id_token"]}
    answer: httpx.Response = await house.bare("POST", "/oauth/introspect", data=form)
    assert answer.json() == {"active": False}


@ALGORITHMS
async def test_no_access_token_is_a_hint(house: House, algorithm: Algorithm) -> None:
    await registered(house, algorithm)
    tokens = await house.connected()
    assert not await logged_out(house, tokens["access_token"])


async def test_an_access_token_under_the_rsa_key_is_refused_though_the_key_is_ours(
    house: House, clock: ManualClock
) -> None:
    own = house.keys.signer("RS256").as_dict(private=True)
    key = RSAKey.import_key({name: value for name, value in own.items() if name != "alg"})
    body = claims(clock.now_ms() // 1000)
    for algorithm in ("RS256", "RS384", "PS256"):
        with pytest.raises(Unauthenticated):
            house.verifier.principal(signed(key, algorithm, "at+jwt", body))
    assert house.verifier.principal(signed(house.keys.signer(), "ES256", "at+jwt", body)).subject == ANA


@pytest.mark.parametrize("typ", ["at+jwt", "JWT"])
async def test_the_kid_of_one_ring_does_not_go_with_the_algorithm_of_the_other(
    house: House, clock: ManualClock, typ: str
) -> None:
    body = claims(clock.now_ms() // 1000) | hint_claims(house)
    rsa, ec = house.keys.signer("RS256"), house.keys.signer("ES256")
    for forged in (
        signed(rsa, "RS256", typ, body, kid=ec.kid),
        signed(ec, "ES256", typ, body, kid=rsa.kid),
        hand_made({"alg": "ES256", "typ": typ, "kid": rsa.kid}, body, b"x"),
        hand_made({"alg": "RS256", "typ": typ, "kid": ec.kid}, body, b"x"),
    ):
        with pytest.raises(Unauthenticated):
            house.verifier.principal(forged)
        assert not await logged_out(house, forged)


@pytest.mark.parametrize("typ", ["at+jwt", "JWT"])
async def test_the_public_rsa_key_is_no_shared_secret(house: House, clock: ManualClock, typ: str) -> None:
    key = house.keys.signer("RS256")
    body = claims(clock.now_ms() // 1000) | hint_claims(house)
    public = msgspec.json.encode(next(one for one in house.keys.jwks()["keys"] if one["kid"] == key.kid))
    rsa = RSAKey.import_key(key.as_dict(private=False))
    pem = rsa.as_pem(private=False)
    for secret in (pem, pem.strip(), rsa.as_der(private=False), public, b""):
        for algorithm in ("HS256", "RS256"):
            forged = hand_made({"alg": algorithm, "typ": typ, "kid": key.kid}, body, secret)
            with pytest.raises(Unauthenticated):
                house.verifier.principal(forged)
            assert not await logged_out(house, forged)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "rs256", "RS512", "ES384", None])
async def test_no_other_algorithm_is_a_hint(house: House, clock: ManualClock, alg: str | None) -> None:
    for ring in ("RS256", "ES256"):
        kid = house.keys.signer(ring).kid
        forged = hand_made({"alg": alg, "typ": "JWT", "kid": kid}, hint_claims(house))
        assert not await logged_out(house, forged)
        with pytest.raises(Unauthenticated):
            house.verifier.principal(
                hand_made({"alg": alg, "typ": "at+jwt", "kid": kid}, claims(clock.now_ms() // 1000))
            )


async def test_a_hint_of_a_foreign_key_is_none(house: House) -> None:
    for algorithm in ("RS256", "ES256"):
        foreign = make_key(algorithm)
        for kid in (foreign.kid, house.keys.signer(algorithm).kid, "", "../x"):
            assert not await logged_out(house, signed(foreign, algorithm, "JWT", hint_claims(house), kid=kid))
        own = signed(house.keys.signer(algorithm), algorithm, "JWT", hint_claims(house))
        assert await logged_out(house, own)


def test_keys_for_anything_but_signatures_verify_nothing(clock: ManualClock) -> None:
    encrypting = ECKey.generate_key("P-256", {"use": "enc", "alg": "ES256"}, auto_kid=True)
    rsa = RSAKey.generate_key(2_048, {"use": "enc"}, auto_kid=True)
    assert usable([encrypting, rsa, make_key("RS256")]) == {}
    verifier = TokenVerifier(KeySet([encrypting]), issuer=ISSUER, clock=clock)
    forged = hand_made({"alg": "ES256", "typ": "at+jwt", "kid": encrypting.kid}, claims(clock.now_ms() // 1000))
    with pytest.raises(Unauthenticated):
        verifier.principal(forged)
