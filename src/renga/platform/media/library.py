"""All pictures of the shop: stored once, found by content hash, resized on demand."""

import asyncio
import hashlib
import re

import msgspec

from renga.kernel.errors import NotFound
from renga.kernel.once import Once
from renga.platform.cache.flights import Flights
from renga.platform.idempotency.objects import ObjectAnswers
from renga.platform.media.picture_rules import Kind
from renga.platform.media.pictures import Pictures
from renga.platform.media.port import MediaStore

#: The available widths, in pixels.
WIDTHS = (160, 320, 640, 1280, 2048)
#: Formats of the sizes, by the ending of their address.
SIZES: dict[str, Kind] = {"webp": "image/webp", "jpg": "image/jpeg"}
PREFIX = "/media"
_HASH = re.compile(r"[0-9a-f]{64}")
_ABOUT = "about.json"


class PictureNotFound(NotFound):
    code = "picture_not_found"
    title = "There is no such picture"


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture of the shop. ``width`` and ``height`` are those of the original, in pixels; ``hash`` is its SHA-256."""

    hash: str
    url: str
    kind: Kind
    width: int
    height: int


class MediaLibrary:
    """Stores and serves pictures. Every method may raise MediaUnavailable, PicturesBusy and PicturesFailed."""

    def __init__(self, store: MediaStore, pictures: Pictures) -> None:
        self._store, self._pictures = store, pictures
        #: Stored answers of idempotent requests, beside the pictures.
        self.answers = ObjectAnswers(store)
        #: Running resizes (single flight). Results are kept in the store, not in memory.
        self._making: Flights[str, bytes] = Flights()

    async def add(self, content: bytes, once: Once | None = None) -> tuple[Picture, bool]:
        """Add a picture; returns it, and whether it is new. The same content is the same picture.

        Raises PictureInvalid, PictureTooLarge, IdempotencyConflict.
        """
        earlier = None if once is None else await self.answers.find(once)
        if earlier is not None:
            return msgspec.json.decode(earlier, type=tuple[Picture, bool])
        added = await self._add(content)
        if once is not None:
            await self.answers.keep(once, msgspec.json.encode(added))
        return added

    async def _add(self, content: bytes) -> tuple[Picture, bool]:
        digest = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
        known = await self._about(digest)
        if known is not None:
            return known, False
        cleaned = await self._pictures.cleaned(content)
        picture = Picture(
            hash=digest, url=f"{PREFIX}/{digest}", kind=cleaned.kind, width=cleaned.width, height=cleaned.height
        )
        await self._store.put(_name(digest, "original"), cleaned.content, cleaned.kind)
        # written last: it marks the picture as complete
        await self._store.put(_name(digest, _ABOUT), msgspec.json.encode(picture), "application/json")
        return picture, True

    async def original(self, digest: str) -> tuple[Kind, bytes]:
        """The picture in its original size. Raises PictureNotFound."""
        picture = await self._about(digest)
        content = await self._store.get(_name(digest, "original")) if picture else None
        if picture is None or content is None:
            raise PictureNotFound()
        return picture.kind, content

    async def size(self, digest: str, width: int, ending: str = "webp") -> bytes:
        """The picture in one of SIZES, at most ``width`` (one of WIDTHS) wide, never enlarged. Raises PictureNotFound."""
        if width not in WIDTHS or ending not in SIZES or not _HASH.fullmatch(digest):
            raise PictureNotFound()
        name = _name(digest, f"{width}.{ending}")
        made = await self._store.get(name)
        if made is not None:
            return made
        return await self._making.join(name, lambda: self._make(digest, width, name, ending))

    async def close(self) -> None:
        """Cancel running resizes."""
        self._making.cancel()
        await self._pictures.close()
        await self._store.close()

    async def _make(self, digest: str, width: int, name: str, ending: str) -> bytes:
        _, original = await self.original(digest)
        made = await self._pictures.narrowed(original, width, SIZES[ending])
        await self._store.put(name, made, SIZES[ending])
        return made

    async def _about(self, digest: str) -> Picture | None:
        if not _HASH.fullmatch(digest):
            return None
        found = await self._store.get(_name(digest, _ABOUT))
        return None if found is None else msgspec.json.decode(found, type=Picture)


def _name(digest: str, part: str) -> str:
    """The object's name: one folder per picture, spread over 256 parent folders."""
    return f"{digest[:2]}/{digest}/{part}"
