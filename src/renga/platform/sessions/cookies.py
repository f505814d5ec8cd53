"""The session's cookie (RFC 6265bis): ``__Host-`` prefix and Secure if the shop's address is https, a plain name over http."""

from renga.platform.sessions.port import COOKIE, COOKIE_PLAIN

#: Longer ``Cookie`` headers are ignored.
HEADER_BYTES_MAX = 8_192


def name_of(*, secure: bool) -> str:
    """The cookie's name. Over https the plain name is never read: a network attacker could have set it."""
    return COOKIE if secure else COOKIE_PLAIN


def secret_of(header: str, *, secure: bool) -> str | None:
    """The session's secret in a ``Cookie`` header; None if there is none, or more than one (cookie tossing)."""
    name = name_of(secure=secure)
    if name not in header or len(header) > HEADER_BYTES_MAX:
        return None
    values = [part.partition("=")[2].strip() for part in header.split(";") if part.partition("=")[0].strip() == name]
    return values[0].strip('"') or None if len(values) == 1 else None
