"""ID tokens (OpenID Connect Core §2): issue them to clients, and verify our own when they come back as hints."""

from collections.abc import Callable
from typing import Any

import msgspec
from authlib.oidc.core.util import create_half_hash  # type: ignore[import-untyped] # authlib ships no types
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.util import to_bytes

from renga.domains.identity.oauth.access_tokens import TokenIssuer
from renga.domains.identity.oauth.key_making import Algorithm
from renga.domains.identity.oauth.model import Grant
from renga.kernel.clock import Clock
from renga.platform.auth.authenticate import STRONG

TYPE = "JWT"
#: Authentication contexts (``acr``), by the names that federations know: https://refeds.org/profile.
ONE_FACTOR, TWO_FACTORS = "https://refeds.org/profile/sfa", "https://refeds.org/profile/mfa"
HINT_CHARACTERS_MAX = 4_096

#: Key id to key and algorithm (``SigningKeys.find``).
FindKey = Callable[[str], tuple[Key, str] | None]


class IdTokenHint(msgspec.Struct, frozen=True):
    """The claims of our own ID token sent as a hint, expired or not."""

    sub: str
    iss: str
    aud: str


class IdTokens:
    """Issues and verifies ID tokens of this issuer."""

    def __init__(self, issuer: TokenIssuer, *, life_s: int, clock: Clock, find_key: FindKey) -> None:
        self._issuer = issuer
        self._life_s = life_s
        self._clock = clock
        self._find_key = find_key

    def make(self, grant: Grant, access_token: str, algorithm: Algorithm) -> str:
        """An ID token for this client, signed as it registered, with the hash of the accompanying access token."""
        now_s = self._clock.now_ms() // 1000
        claims: dict[str, Any] = {
            "iss": self._issuer.issuer,
            "sub": grant.account_id,
            "aud": grant.client_id,
            "azp": grant.client_id,
            "iat": now_s,
            "exp": now_s + self._life_s,
            "auth_time": grant.auth_at_ms // 1000,
            "amr": list(grant.amr),
            "acr": TWO_FACTORS if STRONG.intersection(grant.amr) else ONE_FACTOR,
            "at_hash": create_half_hash(access_token, algorithm).decode(),
        }
        if grant.nonce is not None:
            claims["nonce"] = grant.nonce
        return self._issuer.signed(TYPE, claims, algorithm)

    def hint(self, token: str) -> IdTokenHint | None:
        """The hint, if we signed the ID token with a key that is still published; else None."""
        if len(token) > HINT_CHARACTERS_MAX:
            return None
        try:
            header = jws.extract_compact(to_bytes(token)).headers()
            known = self._find_key(str(header.get("kid", "")))
            if known is None or header.get("alg") != known[1] or header.get("typ") != TYPE:
                return None
            payload = jws.deserialize_compact(token, known[0], algorithms=[known[1]]).payload
            hint = msgspec.json.decode(payload or b"", type=IdTokenHint)
        except (JoseError, ValueError, TypeError, msgspec.MsgspecError):
            return None
        return hint if hint.iss == self._issuer.issuer else None
