"""BankSeal: AES-256-GCM with a key derived from the shop's secret (HKDF, RFC 5869), bound to the merchant."""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from renga.kernel.errors import Unavailable

_NONCE_BYTES = 12


class BankSealBroken(Unavailable):
    code = "bank_details_unreadable"
    title = "Bank details cannot be read: the shop's secret has changed"


class AesBankSeal:
    """Implements ``ports.payouts.BankSeal``."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(_derived(secret, b"renga bank details"))
        self._digest_key = _derived(secret, b"renga bank digest")

    def close(self, details: str, merchant: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, details.encode(), merchant.encode())

    def open(self, sealed: bytes, merchant: str) -> str:
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], merchant.encode()).decode()
        except InvalidTag as error:
            raise BankSealBroken() from error

    def digest(self, details: str, merchant: str) -> bytes:
        return hmac.digest(self._digest_key, f"{merchant}\0{details}".encode(), hashlib.sha256)


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret)
