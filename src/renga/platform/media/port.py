"""The port of the picture store: whole objects under short names."""

from typing import Protocol

from renga.kernel.errors import Unavailable


class MediaUnavailable(Unavailable):
    code = "media_unavailable"
    title = "The store of the pictures is away"


class MediaStore(Protocol):
    """Immutable objects of bytes. Every method raises MediaUnavailable.

    A name is made of ``a-z``, ``0-9``, ``-``, ``.`` and ``/``; no part of it begins with a dot.
    """

    async def put(self, name: str, content: bytes, media_type: str) -> None:
        """Store an object atomically; replaces one of the same name."""
        ...

    async def get(self, name: str) -> bytes | None:
        """The object, None if there is none."""
        ...

    async def exists(self, name: str) -> bool:
        """Whether the object exists."""
        ...

    async def close(self) -> None:
        """Close connections."""
        ...
