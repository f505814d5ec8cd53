"""Codes of gift cards: made of the shop's random ids, kept only as digests that need the shop's secret."""

import hashlib
import hmac
import secrets

from renga.domains.payments.contract.wallets import plain_code

#: Without letters and digits that look alike.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_CHARS = 16
_GROUP = 4


def new_code() -> str:
    """79 random bits, in groups of four: ``ABCD-EFGH-JKMN-PQRS``."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARS))
    return "-".join(code[at : at + _GROUP] for at in range(0, CODE_CHARS, _GROUP))


def code_digest(secret: bytes, code: str) -> bytes:
    """The same for any case, with or without hyphens and blanks."""
    return hmac.digest(secret, b"renga gift card\0" + plain_code(code).encode("utf-8", "surrogatepass"), hashlib.sha256)
