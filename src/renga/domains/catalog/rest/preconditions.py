"""Conditional writes (RFC 9110 §13): strong ETags of versions, ``If-Match``, and ``If-None-Match: *`` to create only."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

from litestar.params import HeaderParameter

from renga.domains.catalog.contract import VersionMismatch
from renga.kernel.errors import Invalid, PreconditionFailed
from renga.platform.http.etags import matches_strongly, names_any, strong, strong_values

ETAGS_CHARACTERS_MAX = 1_000
VERSION_DIGITS_MAX = 15

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        description="ETags, one of which must match the current version, or `*`; else 412. Without it the last write wins.",
        max_length=ETAGS_CHARACTERS_MAX,
    ),
]
IfNoneMatch = Annotated[
    str | None,
    HeaderParameter(name="If-None-Match", description="`*`: create only, 412 if it exists."),
]

#: For the OpenAPI document: the only value that a write takes.
CREATE_ONLY = {"If-None-Match": {"enum": ["*"]}}

#: Returns the current version, None if it does not exist.
ReadVersion = Callable[[], Awaitable[int | None]]


def etag(version: int) -> str:
    """The strong ETag of a version."""
    return strong(str(version))


async def expected_version(if_match: str | None, read: ReadVersion, *, if_none_match: str | None = None) -> int | None:
    """The version that a write must find: 0 for "does not exist", None for any. With a single ETag ``read`` is not called.

    Raises PreconditionFailed, Invalid (anything but ``*`` in If-None-Match).
    """
    if if_none_match is not None:
        if not names_any(if_none_match):
            raise Invalid("the If-None-Match of a write is *")
        if (there := await read()) is not None:
            raise PreconditionFailed("it is there already", version=there)
        return 0
    if if_match is None:
        return None
    if (named := _only_version(if_match)) is not None:
        return named
    current = await read()
    if current is None or not matches_strongly(if_match, str(current)):
        raise PreconditionFailed("it is not at one of these versions", version=current or 0)
    return current


@contextmanager
def preconditions() -> Iterator[None]:
    """Translates VersionMismatch to PreconditionFailed."""
    try:
        yield
    except VersionMismatch as mismatch:
        raise PreconditionFailed(mismatch.detail, version=mismatch.version) from mismatch


def _only_version(if_match: str) -> int | None:
    """The version of the header's single strong ETag; None for anything else."""
    values = strong_values(if_match)
    if len(values) != 1 or if_match.strip() != strong(values[0]):
        return None
    digits = values[0]
    whole = digits.isascii() and digits.isdigit() and len(digits) <= VERSION_DIGITS_MAX
    return int(digits) if whole and str(int(digits)) == digits else None
