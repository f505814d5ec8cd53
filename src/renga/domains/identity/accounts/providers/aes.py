"""Encryption of stored secrets that must be read again (TOTP): AES-256-GCM, bound to their account."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from renga.kernel.errors import Unavailable

_NONCE_BYTES = 12


class SealBroken(Unavailable):
    code = "seal_broken"
    title = "A stored secret cannot be read: the shop's secret has changed"


class AesSeal:
    """``ports.Seal`` with a key derived from the shop's secret (HKDF, RFC 5869)."""

    def __init__(self, secret: bytes) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"renga identity seal").derive(secret)
        self._cipher = AESGCM(key)

    def close(self, secret: str, account_id: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), account_id.encode())

    def open(self, sealed: bytes, account_id: str) -> str:
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], account_id.encode()).decode()
        except InvalidTag as error:
            raise SealBroken() from error
