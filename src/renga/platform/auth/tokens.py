"""Access tokens: JWTs of RFC 9068 signed with ES256, checked locally against a key set.

Without a configured key set the shop makes one key under its data folder; ``renga token`` signs with it, for development.
"""

import os
from pathlib import Path

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from renga.kernel.clock import Clock
from renga.kernel.errors import Unauthenticated
from renga.platform.settings import SettingsInvalid

ALGORITHMS = ["ES256"]
TYPE = "at+jwt"
AUDIENCE = "renga"
#: Tolerated difference of clocks between issuer and us.
LEEWAY_S = 5
#: Verified tokens kept, so that a signature is checked once and not with each request.
VERIFIED_MAX = 10_000
TOKEN_CHARACTERS_MAX = 8_192


class Principal(msgspec.Struct, frozen=True):
    """An authenticated caller: its subject and what it may do."""

    subject: str
    scopes: frozenset[str]

    @property
    def is_service(self) -> bool:
        """May act on every customer's carts (scope ``carts:any``)."""
        return "carts:any" in self.scopes

    @property
    def customer(self) -> str | None:
        """The subject as owner of carts; a service owns none."""
        return None if self.is_service else self.subject


class _Claims(msgspec.Struct):
    sub: str
    exp: int
    iss: str
    aud: str | list[str]
    scope: str = ""
    nbf: int = 0


class TokenVerifier:
    """Checks a bearer token's signature, type, issuer, audience and times. Raises Unauthenticated."""

    def __init__(self, keys: KeySet, *, issuer: str, clock: Clock) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock
        self._verified: dict[str, tuple[Principal, int]] = {}

    def principal(self, token: str) -> Principal:
        """The caller that the token names."""
        now_s = self._clock.now_ms() // 1000
        known = self._verified.get(token)
        if known is not None and now_s <= known[1] + LEEWAY_S:
            return known[0]
        claims = self._claims(token)
        audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if claims.iss != self._issuer or AUDIENCE not in audience:
            raise Unauthenticated("the token is for another issuer or audience")
        if now_s > claims.exp + LEEWAY_S or now_s + LEEWAY_S < claims.nbf:
            raise Unauthenticated("the token has expired or is not valid yet")
        principal = Principal(claims.sub, frozenset(claims.scope.split()))
        if len(self._verified) >= VERIFIED_MAX:
            self._verified.clear()
        self._verified[token] = (principal, claims.exp)
        return principal

    def _claims(self, token: str) -> _Claims:
        if len(token) > TOKEN_CHARACTERS_MAX:
            raise Unauthenticated("the token is too long")
        try:
            decoded = jwt.decode(token, self._keys, algorithms=ALGORITHMS)
            if str(decoded.header.get("typ", "")).lower() != TYPE:
                raise Unauthenticated(f"the token is not an access token (typ {TYPE})")
            return msgspec.convert(decoded.claims, _Claims)
        except (JoseError, ValueError, msgspec.ValidationError) as error:
            raise Unauthenticated("the token is not valid") from error


def local_key(folder: Path) -> ECKey:
    """The development key of this data folder; made the first time, readable by its owner only. Raises SettingsInvalid."""
    path = folder / "token-key.json"
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(msgspec.json.encode(key.as_dict(private=True)))
        return ECKey.import_key(msgspec.json.decode(path.read_bytes(), type=dict[str, str | list[str]]))
    except OSError as error:
        raise SettingsInvalid(f"{path}: {error.strerror}; choose another folder with --data") from error
    except (JoseError, ValueError, KeyError, TypeError, msgspec.MsgspecError) as error:
        raise SettingsInvalid(f"{path} is not a readable key; remove it and another is made") from error


def read_keys(path: Path) -> KeySet:
    """A JWKS file. Raises SettingsInvalid."""
    try:
        return KeySet.import_key_set(msgspec.json.decode(path.read_bytes()))
    except (OSError, JoseError, ValueError, KeyError, TypeError, msgspec.MsgspecError) as error:
        raise SettingsInvalid(f"{path} is not a readable JWKS file: {error}") from error


def sign(key: ECKey, *, subject: str, scope: str, issuer: str, life_s: int, clock: Clock, token_id: str) -> str:
    """An access token of RFC 9068 (for development and tests)."""
    now_s = clock.now_ms() // 1000
    claims: dict[str, str | int] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": subject,
        "scope": scope,
        "client_id": "renga-cli",
    }
    claims |= {"iat": now_s, "nbf": now_s, "exp": now_s + life_s, "jti": token_id}
    return jwt.encode({"alg": "ES256", "typ": TYPE, "kid": key.kid}, claims, key, algorithms=ALGORITHMS)
