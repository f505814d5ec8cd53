"""Secrets that two processes of one shop derive from its secret, so that they agree without further settings."""

import hashlib
import hmac


def derived_secret(secret: bytes, label: str) -> str:
    """64 hexadecimal digits: HMAC-SHA256 of the label. Who knows one of them knows no other, nor the shop's secret."""
    return hmac.digest(secret, f"renga derived secret\0{label}".encode(), hashlib.sha256).hex()
