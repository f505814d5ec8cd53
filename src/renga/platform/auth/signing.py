"""Signs access tokens (RFC 9068) with the data folder's own key, for shops without an authorization server.

Separate from verification, so that ``renga token`` does not load the web side.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from renga.kernel.clock import Clock
from renga.platform.settings import SettingsInvalid

TYPE = "at+jwt"
AUDIENCE = "renga"


def local_key(folder: Path) -> ECKey:
    """The development key of this data folder; created on first use, readable by its owner only. Raises SettingsInvalid."""
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


def sign(
    key: ECKey,
    *,
    subject: str,
    scope: str,
    issuer: str,
    life_s: int,
    clock: Clock,
    token_id: str,
    merchants: Sequence[str] = (),
) -> str:
    """An access token of RFC 9068 (for development and tests)."""
    now_s = clock.now_ms() // 1000
    claims: dict[str, str | int | list[str]] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": subject,
        "scope": scope,
        "client_id": "renga-cli",
    }
    claims |= {"auth_time": now_s, "iat": now_s, "nbf": now_s, "exp": now_s + life_s, "jti": token_id}
    if merchants:
        claims["merchants"] = list(merchants)
    return jwt.encode({"alg": "ES256", "typ": TYPE, "kid": key.kid}, claims, key, algorithms=["ES256"])
