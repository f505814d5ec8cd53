"""Single-use codes: derived from a batch's seed and the shop's secret, stored as digests."""

import hashlib
import hmac
from collections.abc import Iterator

from renga.domains.pricing.model.promotion_index import normalised_code

#: Crockford's base 32: no letters that look like digits. 12 characters are 60 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_CHARS = 12
DIGEST_BYTES = 16


def codes_of(seed: bytes, secret: bytes, prefix: str, count: int) -> Iterator[str]:
    """The codes of a batch, the same at every call."""
    key = hmac.digest(secret, b"renga coupon codes" + seed, "sha256")
    for number in range(count):
        value = int.from_bytes(hmac.digest(key, number.to_bytes(4, "big"), "sha256")[:8])
        random = "".join(ALPHABET[value >> 5 * place & 31] for place in range(RANDOM_CHARS))
        yield f"{prefix}{random}"


def code_digest(code: str) -> bytes:
    """What is stored of a code. Codes are too random to be guessed from it."""
    return hashlib.sha256(normalised_code(code).encode()).digest()[:DIGEST_BYTES]
