"""The head of a response as lines of bytes (RFC 9112 §5)."""

import re
from collections.abc import Iterable

#: The lines of a head, or several of them in one piece, without the status line and the empty line at the end.
Head = list[bytes]

#: RFC 9110 §5.5: no control characters but the tab; a line break would begin another header.
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def add(head: Head, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Append headers, whose names are lower case. Raises ValueError for a value that is none."""
    for name, value in headers:
        if _FORBIDDEN.search(value) is not None:
            raise ValueError(f"the header {name!r} would have a control character in its value")
        head += (name, b": ", value, b"\r\n")


def encoded(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as one piece. Raises ValueError as ``add``."""
    head: Head = []
    add(head, headers)
    return b"".join(head)
