"""E-mail addresses in their normal form."""

import re

from renga.kernel.errors import Unprocessable

#: RFC 5321 §4.5.3.1: octets of a path, of its local part, of its domain's labels.
EMAIL_CHARACTERS_MAX, LOCAL_PART_MAX = 254, 64
#: RFC 5322's dot-atom, ASCII only: not every mail server supports SMTPUTF8.
_LOCAL_PART = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class EmailInvalid(Unprocessable):
    code = "email_invalid"
    title = "This is not an e-mail address"


def normal_email(text: str) -> str:
    """The normal form of an e-mail address: ASCII, lower case, IDNA domain. Raises EmailInvalid."""
    local, at, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise EmailInvalid() from error
    local = local.lower()
    labels = domain.split(".")
    if not (at and _LOCAL_PART.fullmatch(local) and len(local) <= LOCAL_PART_MAX):
        raise EmailInvalid()
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise EmailInvalid()
    if len(local) + 1 + len(domain) > EMAIL_CHARACTERS_MAX:
        raise EmailInvalid()
    return f"{local}@{domain}"
