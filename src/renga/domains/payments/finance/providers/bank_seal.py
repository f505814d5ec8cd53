"""BankSeal: AES-256-GCM with a key derived from the shop's secret (HKDF, RFC 5869), bound to the merchant."""

import hashlib
import hmac
import secrets

from renga.kernel.errors import Unavailable

_NONCE_BYTES = 12


class BankSealBroken(Unavailable):
    code = "bank_details_unreadable"
    title = "Bank details cannot be read: the shop's secret has changed"


class AesBankSeal:
    """Implements ``ports.payouts.BankSeal``. A worker seals nothing and does not load the cipher."""

    def __init__(self, secret: bytes) -> None:
        self._key = _derived(secret, b"renga bank details")
        self._digest_key = _derived(secret, b"renga bank digest")

    def close(self, details: str, merchant: str) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._key).encrypt(nonce, details.encode(), merchant.encode())

    def open(self, sealed: bytes, merchant: str) -> str:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce, hidden = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return AESGCM(self._key).decrypt(nonce, hidden, merchant.encode()).decode()
        except InvalidTag as error:
            raise BankSealBroken() from error

    def digest(self, details: str, merchant: str) -> bytes:
        return hmac.digest(self._digest_key, f"{merchant}\0{details}".encode(), hashlib.sha256)


def _derived(secret: bytes, purpose: bytes) -> bytes:
    """HKDF-SHA256 without salt; 32 bytes are its first block."""
    extracted = hmac.digest(bytes(32), secret, hashlib.sha256)
    return hmac.digest(extracted, purpose + b"\x01", hashlib.sha256)
