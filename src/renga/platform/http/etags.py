"""Entity tags (RFC 9110 §8.8.3): made, read from If-Match and If-None-Match (§13.1), and compared, strongly or weakly."""

import hashlib
import re

#: Matches any present representation.
ANY = "*"

#: RFC 9110 §8.8.3: an opaque tag may contain a comma, but no quote.
_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')


def etag_of(body: bytes) -> bytes:
    """A weak tag, because the body may be sent compressed."""
    return b'W/"%s"' % hashlib.blake2b(body, digest_size=12).hexdigest().encode()


def strong(value: str) -> str:
    """The strong tag of a version."""
    return f'"{value}"'


def names_any(header: str) -> bool:
    """Whether the header is ``*``."""
    return header.strip() == ANY


def strong_values(header: str) -> tuple[str, ...]:
    """The opaque values of the header's strong tags, the only ones that can match strongly (RFC 9110 §8.8.3.2)."""
    return tuple(value for weak, value in _TAG.findall(header) if not weak and value)


def matches_strongly(if_match: str, value: str) -> bool:
    """Whether If-Match holds for the strong tag with this value (RFC 9110 §13.1.1)."""
    return names_any(if_match) or value in strong_values(if_match)


def matches(if_none_match: bytes | None, etag: bytes) -> bool:
    """Whether the header names this tag or is ``*``. Compared weakly (RFC 9110 §8.8.3.2, §13.1.2)."""
    if not if_none_match:
        return False
    header = if_none_match.decode("latin-1")
    wanted = etag.decode("latin-1").removeprefix("W/")
    return names_any(header) or any(strong(value) == wanted for _, value in _TAG.findall(header))
