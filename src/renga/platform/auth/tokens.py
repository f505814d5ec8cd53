"""Access tokens: JWTs of RFC 9068 signed with ES256 or Ed25519, checked in memory against a key set."""

from pathlib import Path
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.util import to_bytes

from renga.kernel.clock import Clock
from renga.kernel.errors import Unauthenticated
from renga.platform.auth.authenticate import Request
from renga.platform.auth.dpop import ProofChecker, ProofInvalid
from renga.platform.auth.keysets import VerifyingKeys
from renga.platform.auth.principal import Principal
from renga.platform.auth.revocations import Revocations
from renga.platform.auth.signing import AUDIENCE, TYPE
from renga.platform.settings import SettingsInvalid

#: Tolerated clock skew between the issuer and us.
LEEWAY_S = 5
#: Most verified tokens in the cache, so that a signature is checked once and not with each request.
VERIFIED_MAX = 10_000
TOKEN_CHARACTERS_MAX = 8_192


class _Confirmation(msgspec.Struct):
    jkt: str = ""


class _AccessTokenClaims(msgspec.Struct):
    sub: str
    exp: int
    iat: int
    iss: str
    aud: str | list[str]
    jti: str
    client_id: str
    scope: str = ""
    nbf: int = 0
    merchants: list[str] = []
    family: str = ""
    auth_time: int | None = None
    cnf: _Confirmation | None = None


class Verified(msgspec.Struct):
    """A verified token: its principal, and what is checked again with each request."""

    principal: Principal
    expires_s: int
    issued_s: int
    family: str
    #: Thumbprint of the key that it is bound to; empty for a bearer token.
    thumbprint: str
    #: The version of the revocations at its last check.
    version: int


class TokenVerifier:
    """Checks a token's signature, type, issuer, audience, times and revocation. Raises Unauthenticated.

    ``keys`` may be a fixed KeySet or keys that refresh themselves; ``proofs`` is needed for tokens bound to a key.
    """

    def __init__(
        self,
        keys: KeySet | VerifyingKeys,
        *,
        issuer: str,
        clock: Clock,
        audience: str = AUDIENCE,
        revocations: Revocations | None = None,
        proofs: ProofChecker | None = None,
    ) -> None:
        self.keys = keys if isinstance(keys, VerifyingKeys) else VerifyingKeys(None, clock, keys=keys.keys)
        self.revocations = Revocations(clock) if revocations is None else revocations
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._proofs = proofs
        self._verified: dict[str, Verified] = {}
        self._generation = self.keys.generation

    def principal(self, token: str) -> Principal:
        """The caller that a bearer token names. Refuses tokens bound to a key."""
        verified = self.inspect(token)
        if verified.thumbprint:
            raise Unauthenticated("this token needs a DPoP proof")
        return verified.principal

    async def authenticate(
        self, scheme: str, token: str, *, method: str, url: str, proof: str | None = None
    ) -> Principal:
        """The caller of a request. ``scheme`` is Bearer or DPoP, ``proof`` the DPoP header, ``url`` the public address.

        Refreshes the key set when the token names an unknown key. Raises Unauthenticated, Unavailable (proofs only).
        """
        if token not in self._verified and (kid := _header(token).get("kid")) and isinstance(kid, str):
            await self.keys.find_fresh(kid)
        if scheme.lower() != "dpop":
            return self.principal(token)
        verified = self.inspect(token)
        if self._proofs is None or not verified.thumbprint or not proof:
            raise ProofInvalid("a DPoP request needs a bound token and a proof")
        if await self._proofs.check(proof, method=method, url=url, token=token) != verified.thumbprint:
            raise ProofInvalid("the token is bound to another key")
        return verified.principal

    async def check_dpop(self, token: str, proof: str, request: Request) -> Principal:
        """The caller of a request with a bound token and its proof (``authenticate.CheckDpop``)."""
        return await self.authenticate("DPoP", token, method=request.method, url=request.uri, proof=proof)

    def inspect(self, token: str) -> Verified:
        """The content of a token that is valid now; proof of possession is not checked here."""
        if self._generation != self.keys.generation:
            self._verified.clear()
            self._generation = self.keys.generation
        verified = self._verified.get(token)
        if verified is None:
            verified = self._remember(token, self._check(self._claims(token)))
        elif self._clock.now_ms() // 1000 > verified.expires_s + LEEWAY_S:
            del self._verified[token]
            raise Unauthenticated("the token has expired")
        if verified.version != self.revocations.version:
            self._hold_against_revocations(token, verified)
        return verified

    def _hold_against_revocations(self, token: str, verified: Verified) -> None:
        principal = verified.principal
        version = self.revocations.version
        if self.revocations.refuses(
            token_id=principal.token_id or "",
            family=verified.family,
            subject=principal.subject,
            client_id=principal.client_id or "",
            issued_s=verified.issued_s,
        ):
            self._verified.pop(token, None)
            raise Unauthenticated("the token was revoked")
        verified.version = version

    def _remember(self, token: str, verified: Verified) -> Verified:
        while len(self._verified) >= VERIFIED_MAX:
            del self._verified[next(iter(self._verified))]
        self._verified[token] = verified
        return verified

    def _check(self, claims: _AccessTokenClaims) -> Verified:
        now_s = self._clock.now_ms() // 1000
        audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if claims.iss != self._issuer or self._audience not in audience:
            raise Unauthenticated("the token is for another issuer or audience")
        if now_s > claims.exp + LEEWAY_S or now_s + LEEWAY_S < max(claims.nbf, claims.iat):
            raise Unauthenticated("the token has expired or is not valid yet")
        if claims.cnf is not None and not claims.cnf.jkt:
            raise Unauthenticated("the token is bound in a way that is not known here")
        principal = Principal(
            subject=claims.sub,
            scopes=frozenset(claims.scope.split()),
            merchants=frozenset(claims.merchants),
            client_id=claims.client_id,
            token_id=claims.jti,
            proved_ms=None if claims.auth_time is None else claims.auth_time * 1000,
        )
        bound = claims.cnf.jkt if claims.cnf else ""
        return Verified(principal, claims.exp, claims.iat, claims.family, bound, -1)

    def _claims(self, token: str) -> _AccessTokenClaims:
        header = _header(token)
        if str(header.get("typ", "")).lower().removeprefix("application/") != TYPE:
            raise Unauthenticated(f"the token is not an access token (typ {TYPE})")
        kid = header.get("kid")
        known = self.keys.find(kid) if isinstance(kid, str) else None
        if known is None:
            self.keys.want()
        if known is None or header.get("alg") != known[1] or "crit" in header:
            raise Unauthenticated("the token is not signed with a key of ours")
        try:
            # the key and its algorithm are ours; other header members (jku, jwk, x5u) are ignored
            payload = jws.deserialize_compact(token, known[0], algorithms=[known[1]]).payload
            return msgspec.json.decode(payload or b"", type=_AccessTokenClaims)
        except (JoseError, ValueError, TypeError, msgspec.MsgspecError) as error:
            raise Unauthenticated("the token is not valid") from error


def _header(token: str) -> dict[str, Any]:
    if len(token) > TOKEN_CHARACTERS_MAX:
        raise Unauthenticated("the token is too long")
    try:
        return jws.extract_compact(to_bytes(token)).headers()
    except (JoseError, ValueError, TypeError) as error:
        raise Unauthenticated("the token is not valid") from error


def read_keys(path: Path) -> KeySet:
    """A JWKS file. Raises SettingsInvalid."""
    try:
        return KeySet.import_key_set(msgspec.json.decode(path.read_bytes()))
    except (OSError, JoseError, ValueError, KeyError, TypeError, msgspec.MsgspecError) as error:
        raise SettingsInvalid(f"{path} is not a readable JWKS file: {error}") from error
