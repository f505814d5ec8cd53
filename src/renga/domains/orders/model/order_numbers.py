"""Order numbers: for people to read out, random, so that none tells another one or how many there are."""

import secrets

#: Crockford's base 32: without letters that look like digits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHARS, _GROUP = 8, 4


def new_number() -> str:
    """40 random bits as ``K7QF-2M9X``. Two may be equal by chance: who keeps it takes another one then."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(_CHARS))
    return f"{text[:_GROUP]}-{text[_GROUP:]}"
