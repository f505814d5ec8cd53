"""Processes uploaded pictures: rejects invalid or too large ones before decoding, rotates upright, removes metadata.

Pillow's C code does the work in a few threads. The result has pixels only: no location, no camera name, no colour profile
(colours are converted to sRGB first), no script.
"""

import asyncio
import io
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeVar

import msgspec
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError, features

from renga.kernel.errors import TooLarge, Unavailable, Unprocessable

T = TypeVar("T")

UPLOAD_BYTES_MAX = 20 << 20
PIXELS_MAX = 40_000_000
#: Longest side in pixels: the limit of WebP.
SIDE_PIXELS_MAX = 16_383
#: Pictures processed at once, and most that wait; one of PIXELS_MAX needs some 200 MB.
THREADS_MAX = 2
WAITING_MAX = 32
_QUALITY = 82
_QUALITY_ORIGINAL = 92
_PROFILE_BYTES_MAX = 1 << 20

Kind = Literal["image/jpeg", "image/png", "image/webp"]

#: Accepted formats, and the format each is stored in. (A phone's MPO is a JPEG with more images appended.)
_KEPT_AS: dict[str, tuple[str, Kind]] = {
    "JPEG": ("JPEG", "image/jpeg"),
    "MPO": ("JPEG", "image/jpeg"),
    "PNG": ("PNG", "image/png"),
    "GIF": ("PNG", "image/png"),
    "WEBP": ("WEBP", "image/webp"),
    "AVIF": ("WEBP", "image/webp"),
}
FORMATS = tuple(name for name in ("JPEG", "PNG", "WEBP", "GIF", "AVIF") if name != "AVIF" or features.check("avif"))
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, Image.DecompressionBombError)


class PictureInvalid(Unprocessable):
    code = "picture_invalid"
    title = "This is not a picture that can be kept"


class PictureTooLarge(TooLarge):
    code = "picture_too_large"
    title = "The picture is too large"


class PicturesBusy(Unavailable):
    code = "pictures_busy"
    title = "Too many pictures are being worked on"


class Cleaned(msgspec.Struct, frozen=True, kw_only=True):
    """A processed picture: upright, without metadata. ``width`` and ``height`` in pixels."""

    content: bytes
    kind: Kind
    width: int
    height: int


class Pictures:
    """Processes pictures in threads, a few at once. ``close`` it at the end."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=THREADS_MAX, thread_name_prefix="pictures")
        self._waiting = 0

    async def cleaned(self, content: bytes) -> Cleaned:
        """The uploaded picture, processed. Raises PictureInvalid, PictureTooLarge, PicturesBusy."""
        return await self._run(lambda: clean(content))

    async def narrowed(self, content: bytes, width: int) -> bytes:
        """A processed picture as WebP, at most ``width`` pixels wide. Raises PictureInvalid, PicturesBusy."""
        return await self._run(lambda: narrow(content, width))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= THREADS_MAX + WAITING_MAX:
            raise PicturesBusy(f"{self._waiting} pictures are being worked on")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def clean(content: bytes) -> Cleaned:
    """Blocking. Raises PictureInvalid, PictureTooLarge."""
    if len(content) > UPLOAD_BYTES_MAX:
        raise PictureTooLarge(f"a picture has at most {UPLOAD_BYTES_MAX} bytes", limit=UPLOAD_BYTES_MAX)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            _check_size(*opened.size)
            written, kind = _KEPT_AS[str(opened.format)]
            upright = ImageOps.exif_transpose(_in_srgb(opened)) or opened
            return _written(upright, written, kind)
    except UnidentifiedImageError as error:
        names = ", ".join(FORMATS)
        raise PictureInvalid(f"the content is none of {names}") from error
    except _BROKEN as error:
        raise PictureInvalid("the picture is broken") from error


def narrow(content: bytes, width: int) -> bytes:
    """Blocking. A narrower picture keeps its width."""
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width > width:
                opened.draft("RGB", (width, 1))  # JPEGs are decoded at a reduced scale, never below the requested size
            image = _plain(opened)
            if image.width > width:
                image = image.resize(
                    (width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS
                )
            out = io.BytesIO()
            image.save(out, "WEBP", quality=_QUALITY, method=4)
            return out.getvalue()
    except _BROKEN as error:
        raise PictureInvalid("the picture is broken") from error


def _check_size(width: int, height: int) -> None:
    if width * height > PIXELS_MAX or max(width, height) > SIDE_PIXELS_MAX:
        detail = f"{width} by {height} pixels; at most {PIXELS_MAX}, and {SIDE_PIXELS_MAX} on a side, are allowed"
        raise PictureTooLarge(detail, limit=PIXELS_MAX)


def _in_srgb(image: Image.Image) -> Image.Image:
    """The first frame, converted to sRGB by its colour profile; an unreadable profile is ignored."""
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or len(profile) > _PROFILE_BYTES_MAX or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    image.load()
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        made = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return made or image


def _plain(image: Image.Image) -> Image.Image:
    """Pixels in RGB, or RGBA where some are transparent."""
    transparent = image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info
    if image.mode.startswith("I"):  # 16-bit grey: Pillow's own conversion clips bright values
        image = image.point(lambda value: value / 256).convert("L") if image.mode.startswith("I;16") else image
    return image.convert("RGBA" if transparent else "RGB")


def _written(image: Image.Image, written: str, kind: Kind) -> Cleaned:
    plain = _plain(image)
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    options: dict[str, Any] = {"quality": _QUALITY_ORIGINAL} if written != "PNG" else {}
    if written == "JPEG" and bare.mode != "RGB":
        bare = bare.convert("RGB")
    out = io.BytesIO()
    bare.save(out, written, **options)
    return Cleaned(content=out.getvalue(), kind=kind, width=bare.width, height=bare.height)
