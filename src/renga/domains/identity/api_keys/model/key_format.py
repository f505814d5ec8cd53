"""Format, generation and keyed hash of API keys and client secrets.

A secret has 256 random bits, so no slow hash is needed. With the shop's secret as HMAC key a stolen table is useless even
for checking a guess. ``rk_<id, 8 characters>_<secret, 43 characters>``: the beginning up to the second ``_`` may be shown.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable

#: Returns ``n`` random bytes; ``secrets.token_bytes`` except in tests.
Randomness = Callable[[int], bytes]

_KEY = re.compile(r"rk_([a-z2-7]{8})_[A-Za-z0-9_-]{43}", re.ASCII)


def new_key(randomness: Randomness) -> tuple[str, str]:
    """A new id and the complete key."""
    key_id = base64.b32encode(randomness(5)).decode().lower()
    return key_id, f"{prefix_of(key_id)}_{new_secret(randomness)}"


def new_secret(randomness: Randomness) -> str:
    """256 bits as 43 characters."""
    return base64.urlsafe_b64encode(randomness(32)).decode().rstrip("=")


def prefix_of(key_id: str) -> str:
    """The start of a key, safe to show."""
    return f"rk_{key_id}"


def id_of(key: str) -> str | None:
    """The id in a key; None for a malformed key."""
    match = _KEY.fullmatch(key)
    return match[1] if match else None


class Hasher:
    """HMAC-SHA-256 under a key derived from the shop's secret, a different one per ``purpose``."""

    def __init__(self, secret: bytes, purpose: bytes) -> None:
        self._key = hmac.digest(secret, b"renga " + purpose, hashlib.sha256)

    def hash(self, text: str) -> bytes:
        """32 bytes."""
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)

    def matches(self, text: str, stored: bytes | None) -> bool:
        """Constant-time comparison; without a stored hash it takes the same time and is False."""
        return hmac.compare_digest(self.hash(text), stored or bytes(32)) and stored is not None
