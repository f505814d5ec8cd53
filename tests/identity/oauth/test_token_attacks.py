"""Attacks on the check of access tokens: each forged token is refused by the verifier."""

import hmac
from typing import Any

import msgspec
import pytest
from joserfc.jwk import ECKey, Key, KeySet
from joserfc.util import urlsafe_b64encode

from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unauthenticated
from renga.kernel.revocation import Revocation
from renga.platform.auth import tokens as tokens_module
from renga.platform.auth.keysets import VerifyingKeys
from renga.platform.auth.revocations import Revocations
from renga.platform.auth.tokens import TokenVerifier
from tests.identity.oauth.forging import claims, signed
from tests.identity.oauth.house import ANA, ISSUER

KEY = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
FOREIGN = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def revocations(clock: ManualClock) -> Revocations:
    return Revocations(clock, entries_max=3)


@pytest.fixture
def verifier(clock: ManualClock, revocations: Revocations) -> TokenVerifier:
    return TokenVerifier(KeySet([KEY]), issuer=ISSUER, clock=clock, revocations=revocations)


def now_s(clock: ManualClock) -> int:
    return clock.now_ms() // 1000


def hand_made(header: dict[str, Any], body: dict[str, Any], signature: bytes = b"", secret: bytes | None = None) -> str:
    parts = b".".join(urlsafe_b64encode(msgspec.json.encode(part)) for part in (header, body))
    if secret is not None:
        signature = hmac.digest(secret, parts, "sha256")
    return (parts + b"." + urlsafe_b64encode(signature)).decode()


def test_a_good_token_names_its_caller(verifier: TokenVerifier, clock: ManualClock) -> None:
    token = signed(KEY, claims(now_s(clock), scope="cart orders", merchants=["m1"], jti="j1"))
    principal = verifier.principal(token)
    assert (principal.subject, principal.client_id, principal.token_id, principal.kind) == (ANA, "spa", "j1", "token")
    assert (principal.scopes, principal.merchants) == (frozenset({"cart", "orders"}), frozenset({"m1"}))
    assert verifier.principal(token) is principal


def test_the_public_key_is_no_shared_secret(verifier: TokenVerifier, clock: ManualClock) -> None:
    for secret in (KEY.as_pem(private=False), KEY.as_der(private=False), msgspec.json.encode(KEY.as_dict())):
        header = {"alg": "HS256", "typ": "at+jwt", "kid": KEY.kid}
        with pytest.raises(Unauthenticated):
            verifier.principal(hand_made(header, claims(now_s(clock)), secret=secret))


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "RS256", "ES384", "es256", None])
def test_no_other_algorithm_is_taken(verifier: TokenVerifier, clock: ManualClock, alg: str | None) -> None:
    header = {"alg": alg, "typ": "at+jwt", "kid": KEY.kid}
    for signature in (b"", b"\x00" * 64):
        with pytest.raises(Unauthenticated):
            verifier.principal(hand_made(header, claims(now_s(clock)), signature))


def test_a_foreign_key_is_refused_under_its_own_name_under_ours_and_without_one(
    verifier: TokenVerifier, clock: ManualClock
) -> None:
    for kid in (FOREIGN.kid, KEY.kid, None, "../../etc/passwd", "' OR 1=1 --"):
        with pytest.raises(Unauthenticated):
            verifier.principal(signed(FOREIGN, claims(now_s(clock)), kid=kid))


def test_a_token_must_name_its_key(verifier: TokenVerifier, clock: ManualClock) -> None:
    with pytest.raises(Unauthenticated):
        verifier.principal(signed(KEY, claims(now_s(clock)), kid=None))


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": FOREIGN.as_dict(private=False)},
        {"jku": "https://evil.test/jwks.json"},
        {"x5u": "https://evil.test/cert.pem"},
    ],
)
def test_a_token_cannot_bring_its_own_key(verifier: TokenVerifier, clock: ManualClock, header: dict[str, Any]) -> None:
    for kid in (KEY.kid, FOREIGN.kid):
        with pytest.raises(Unauthenticated):
            verifier.principal(signed(FOREIGN, claims(now_s(clock)), kid=kid, **header))


def test_critical_extensions_are_refused(verifier: TokenVerifier, clock: ManualClock) -> None:
    token = hand_made({"alg": "ES256", "typ": "at+jwt", "kid": KEY.kid, "crit": ["b64"], "b64": False}, {}, b"x")
    with pytest.raises(Unauthenticated):
        verifier.principal(token)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "http://evil.test"},
        {"iss": ISSUER + "/"},
        {"aud": "other"},
        {"aud": ["other"]},
        {"aud": ["other", "rengas"]},
        {"aud": None},
        {"iss": None},
        {"sub": None},
        {"exp": None},
        {"iat": None},
        {"jti": None},
        {"client_id": None},
        {"exp": True},
        {"exp": "9999999999"},
        {"cnf": {"x5t#S256": "abc"}},
    ],
)
def test_wrong_or_missing_claims_are_refused(
    verifier: TokenVerifier, clock: ManualClock, changes: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        verifier.principal(signed(KEY, claims(now_s(clock), **changes)))


@pytest.mark.parametrize("typ", ["JWT", "dpop+jwt", "", None, "at+jwt2"])
def test_only_access_tokens_are_access_tokens(verifier: TokenVerifier, clock: ManualClock, typ: str | None) -> None:
    with pytest.raises(Unauthenticated):
        verifier.principal(signed(KEY, claims(now_s(clock)), typ=typ))


def test_times_are_kept_to_the_second_with_five_seconds_of_leeway(verifier: TokenVerifier, clock: ManualClock) -> None:
    present = now_s(clock)
    for good in ({"exp": present - 5}, {"nbf": present + 5}, {"iat": present + 5}):
        assert verifier.principal(signed(KEY, claims(present, **good))).subject == ANA
    for bad in ({"exp": present - 6}, {"nbf": present + 6}, {"iat": present + 6}):
        with pytest.raises(Unauthenticated):
            verifier.principal(signed(KEY, claims(present, **bad)))


def test_a_known_token_expires_too(verifier: TokenVerifier, clock: ManualClock) -> None:
    token = signed(KEY, claims(now_s(clock)))
    verifier.principal(token)
    clock.advance(seconds=605)
    assert verifier.principal(token).subject == ANA
    clock.advance(seconds=1)
    with pytest.raises(Unauthenticated):
        verifier.principal(token)


def test_a_changed_token_is_not_the_known_one(verifier: TokenVerifier, clock: ManualClock) -> None:
    token = signed(KEY, claims(now_s(clock)))
    verifier.principal(token)
    head, body, signature = token.split(".")
    swapped = "B" if signature[0] != "B" else "C"
    for forged in (f"{head}.{body}.{swapped}{signature[1:]}", f"{head}.{body}.", f"{head}.{body}", token + ".", ""):
        with pytest.raises(Unauthenticated):
            verifier.principal(forged)


def test_an_endless_token_is_not_read(verifier: TokenVerifier) -> None:
    with pytest.raises(Unauthenticated, match="too long"):
        verifier.principal("e" * 8_193)


def test_a_token_bound_to_a_key_is_no_bearer_token(verifier: TokenVerifier, clock: ManualClock) -> None:
    with pytest.raises(Unauthenticated, match="proof"):
        verifier.principal(signed(KEY, claims(now_s(clock), cnf={"jkt": "x" * 43})))


def test_what_is_remembered_is_bounded(
    verifier: TokenVerifier, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens_module, "VERIFIED_MAX", 2)
    for number in range(4):
        verifier.principal(signed(KEY, claims(now_s(clock), jti=str(number))))
    assert len(verifier._verified) == 2


@pytest.mark.parametrize(
    ("kind", "subject"),
    [("token", "j1"), ("family", "f1"), ("account", ANA), ("client", "spa"), ("grant", f"{ANA} spa")],
)
def test_a_revoked_token_is_refused_though_it_is_known(
    verifier: TokenVerifier, revocations: Revocations, clock: ManualClock, kind: Any, subject: str
) -> None:
    token = signed(KEY, claims(now_s(clock), jti="j1", family="f1"))
    verifier.principal(token)
    revocations.add(Revocation(kind=kind, subject=subject, cutoff_s=now_s(clock), until_s=now_s(clock) + 600))
    with pytest.raises(Unauthenticated, match="revoked"):
        verifier.principal(token)
    with pytest.raises(Unauthenticated, match="revoked"):
        verifier.principal(token)


def test_what_was_issued_after_the_cut_off_is_good(
    verifier: TokenVerifier, revocations: Revocations, clock: ManualClock
) -> None:
    present = now_s(clock)
    revocations.add(Revocation(kind="account", subject=ANA, cutoff_s=present, until_s=present + 600))
    clock.advance(seconds=1)
    assert verifier.principal(signed(KEY, claims(present + 1))).subject == ANA
    with pytest.raises(Unauthenticated):
        verifier.principal(signed(KEY, claims(present)))


def test_a_full_list_of_revocations_refuses_everything_older(
    verifier: TokenVerifier, revocations: Revocations, clock: ManualClock
) -> None:
    present = now_s(clock)
    token = signed(KEY, claims(present))
    for number in range(4):
        revocations.add(Revocation(kind="token", subject=str(number), cutoff_s=present, until_s=present + 600))
    assert len(revocations) == 1
    with pytest.raises(Unauthenticated, match="revoked"):
        verifier.principal(token)
    clock.advance(seconds=1)
    assert verifier.principal(signed(KEY, claims(present + 1))).subject == ANA


async def test_an_unknown_key_asks_the_source_once_and_then_not_for_a_while(clock: ManualClock) -> None:
    published: list[Key] = [KEY]
    asked: list[int] = []

    async def source() -> dict[str, Any]:
        asked.append(1)
        return KeySet(published).as_dict(private=False)  # type: ignore[return-value] # a plain JSON object

    verifier = TokenVerifier(VerifyingKeys(source, clock), issuer=ISSUER, clock=clock)
    await verifier.keys.refresh()
    published.append(FOREIGN)
    token = signed(FOREIGN, claims(now_s(clock)))
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            await verifier.authenticate("Bearer", token, method="GET", url=ISSUER)
    assert len(asked) == 1
    clock.advance(seconds=5)
    assert (await verifier.authenticate("Bearer", token, method="GET", url=ISSUER)).subject == ANA
    assert len(asked) == 2


async def test_a_key_that_is_taken_back_takes_its_known_tokens_along(clock: ManualClock) -> None:
    published: list[Key] = [KEY, FOREIGN]

    async def source() -> dict[str, Any]:
        return KeySet(published).as_dict(private=False)  # type: ignore[return-value] # a plain JSON object

    verifier = TokenVerifier(VerifyingKeys(source, clock), issuer=ISSUER, clock=clock)
    await verifier.keys.refresh()
    token = signed(FOREIGN, claims(now_s(clock)))
    assert verifier.principal(token).subject == ANA
    published.remove(FOREIGN)
    await verifier.keys.refresh()
    with pytest.raises(Unauthenticated):
        verifier.principal(token)
