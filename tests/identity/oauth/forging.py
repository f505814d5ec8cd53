"""Makes tokens and proofs, good ones and bad ones, without asking anyone's leave."""

import hashlib
import uuid
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64encode

from tests.identity.oauth.house import ANA, ISSUER


def claims(now_s: int, **changes: Any) -> dict[str, Any]:
    """What a good access token says, changed or (None) left out."""
    values = {
        "iss": ISSUER,
        "aud": "renga",
        "sub": ANA,
        "client_id": "spa",
        "scope": "cart",
        "iat": now_s,
        "exp": now_s + 600,
        "jti": str(uuid.uuid4()),
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def signed(key: ECKey, body: dict[str, Any], **header: Any) -> str:
    """The claims under this key; header members may be changed or (None) left out."""
    values = {"alg": "ES256", "typ": "at+jwt", "kid": key.kid} | header
    return jwt.encode({n: v for n, v in values.items() if v is not None}, body, key, algorithms=["ES256"])


class Holder:
    """Somebody who has a key and makes proofs with it."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256")

    def proof(
        self, method: str, url: str, now_s: int, *, token: str | None = None, header: Any = None, **changes: Any
    ) -> str:
        values: dict[str, Any] = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": now_s} | changes
        if token is not None:
            values.setdefault("ath", urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode())
        head = {"alg": "ES256", "typ": "dpop+jwt", "jwk": self.key.as_dict(private=False)} | (header or {})
        return jwt.encode(head, values, self.key, algorithms=["ES256"])
