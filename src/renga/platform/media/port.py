"""What pictures are kept in: whole objects under short names."""

from typing import Protocol

from renga.kernel.errors import Unavailable


class MediaUnavailable(Unavailable):
    code = "media_unavailable"
    title = "The store of the pictures is away"


class MediaStore(Protocol):
    """Objects of bytes that never change once they are there. Every method raises MediaUnavailable.

    A name is made of ``a-z``, ``0-9``, ``-``, ``.`` and ``/``; no part of it begins with a dot.
    """

    async def put(self, name: str, content: bytes, media_type: str) -> None:
        """Keep an object. Whole or not at all; the same name again replaces it."""
        ...

    async def get(self, name: str) -> bytes | None:
        """The object, None if there is none."""
        ...

    async def exists(self, name: str) -> bool:
        """Is it there?"""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
