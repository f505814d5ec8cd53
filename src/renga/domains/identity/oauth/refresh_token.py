"""Format of refresh tokens: family, generation, and a keyed hash that proves that we issued it.

The token is not stored: forging one needs both the table (the seed) and the shop's secret.
Old generations are recognised without being stored, so only a genuine old token, never a forged one, ends a family.
"""

import base64
import binascii
import hashlib
import hmac
import uuid

import msgspec

from renga.domains.identity.oauth.model import Family

PREFIX = "rt_"
SEED_BYTES = 32
_BYTES = 16 + 4 + 32
_CHARACTERS = len(PREFIX) + 70


class ShownToken(msgspec.Struct, frozen=True):
    """A parsed token; ``RefreshTokens.made`` checks whether we issued it."""

    family_id: str
    generation: int
    mac: bytes


class RefreshTokens:
    """Issues and verifies refresh tokens under a key derived from the shop's secret."""

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"renga refresh token", hashlib.sha256)

    def token(self, family: Family) -> str:
        """The token of the family's present generation."""
        body = uuid.UUID(family.id).bytes + family.generation.to_bytes(4)
        return PREFIX + base64.urlsafe_b64encode(body + self._mac(family.seed, body)).decode().rstrip("=")

    def made(self, shown: ShownToken, family: Family) -> bool:
        """Did we issue this token for this family, in any generation?"""
        body = uuid.UUID(shown.family_id).bytes + shown.generation.to_bytes(4)
        return hmac.compare_digest(shown.mac, self._mac(family.seed, body))

    def _mac(self, seed: bytes, body: bytes) -> bytes:
        return hmac.digest(self._key, seed + body, hashlib.sha256)


def read(token: str) -> ShownToken | None:
    """Parse a refresh token; None for a malformed one."""
    if not token.startswith(PREFIX) or len(token) != _CHARACTERS or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token.removeprefix(PREFIX) + "==", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != _BYTES:
        return None
    return ShownToken(str(uuid.UUID(bytes=raw[:16])), int.from_bytes(raw[16:20]), raw[20:])
