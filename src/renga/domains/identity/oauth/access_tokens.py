"""Issues access tokens: JWTs of RFC 9068, signed with the active key, bound to a key where DPoP was used."""

from typing import Any

import msgspec
from joserfc import jwt

from renga.domains.identity.oauth.key_making import ACCESS_TOKENS, Algorithm
from renga.domains.identity.oauth.signing_keys import SigningKeys
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.auth.signing import AUDIENCE, TYPE

#: Most merchants named in a token; an account with more uses one API key per merchant.
MERCHANTS_MAX = 100


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The subject of an access token, and its scopes."""

    id: str
    client_id: str
    scopes: tuple[str, ...]
    merchants: tuple[str, ...] = ()
    family: str | None = None
    thumbprint: str | None = None
    auth_at_ms: int | None = None
    amr: tuple[str, ...] = ()


class TokenIssuer:
    """Signs tokens as this issuer. Raises Unavailable before the keys are loaded."""

    def __init__(self, keys: SigningKeys, *, issuer: str, life_s: int, clock: Clock, new_id: IdSource) -> None:
        self._keys = keys
        self.issuer = issuer
        self.life_s = life_s
        self._clock = clock
        self._new_id = new_id

    def access_token(self, subject: Subject) -> str:
        """An access token that expires after ``life_s`` seconds."""
        now_s = self._clock.now_ms() // 1000
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": subject.id,
            "client_id": subject.client_id,
            "scope": " ".join(subject.scopes),
            "iat": now_s,
            "exp": now_s + self.life_s,
            "jti": self._new_id(),
        }
        if subject.merchants:
            claims["merchants"] = list(subject.merchants[:MERCHANTS_MAX])
        if subject.family is not None:
            claims["family"] = subject.family
        if subject.thumbprint is not None:
            claims["cnf"] = {"jkt": subject.thumbprint}
        if subject.auth_at_ms is not None:
            claims |= {"auth_time": subject.auth_at_ms // 1000, "amr": list(subject.amr)}
        return self.signed(TYPE, claims)

    def signed(self, typ: str, claims: dict[str, Any], algorithm: Algorithm = ACCESS_TOKENS) -> str:
        """The claims as a JWT of this type, signed with the active key of this algorithm (always with ``kid``)."""
        key = self._keys.signer(algorithm)
        return jwt.encode({"alg": algorithm, "typ": typ, "kid": key.kid}, claims, key, algorithms=[algorithm])
