"""Entity tags (RFC 9110 §8.8.3): made from a body, and compared with those that a reader has."""

import hashlib


def etag_of(body: bytes) -> bytes:
    """A weak tag: the body may leave compressed."""
    return b'W/"%s"' % hashlib.blake2b(body, digest_size=12).hexdigest().encode()


def matches(if_none_match: bytes | None, etag: bytes) -> bool:
    """Whether the header names this tag. Compared weakly (RFC 9110 §8.8.3.2, §13.1.2)."""
    if not if_none_match:
        return False
    tags = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
    return b"*" in tags or etag.removeprefix(b"W/") in tags
