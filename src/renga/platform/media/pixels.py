"""Decodes, turns, narrows and writes pictures with one copy of their pixels in memory at a time (4 bytes each in Pillow).

Where a second copy is needed (turned, or in other colours) it is made strip by strip through a temporary file. The result has
pixels only: no location, no camera name, no colour profile (colours are converted to sRGB first), no script.
"""

import math
import struct
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec
from PIL import AvifImagePlugin, Image, UnidentifiedImageError, features

from renga.platform.media.colours import is_plain, plain, srgb_filter
from renga.platform.media.picture_bounds import check_beginning, check_decoding
from renga.platform.media.picture_rules import Kind, PictureInvalid, PictureTooLarge, PictureWritten

#: WebP's encoder needs several copies: larger ones are kept as JPEG, or as PNG if some of it is transparent.
WEBP_PIXELS_MAX = 10_000_000
#: Most pixels of a smaller size; what is very tall becomes narrower than asked for.
SIZE_PIXELS_MAX = 10_000_000
STRIP_PIXELS = 1_000_000
_QUALITY = 82
_QUALITY_ORIGINAL = 92
#: Source pixels on each side that Lanczos looks at, for each pixel of the result and each step of the scale.
_LANCZOS_REACH = 3
_ORIENTATION = 0x0112

#: Accepted formats, and the format each is stored in. (A phone's MPO is a JPEG with more images appended.)
_KEPT_AS: dict[str, str] = {
    "JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "GIF": "PNG", "WEBP": "WEBP", "AVIF": "WEBP"
}  # fmt: skip
_KINDS: dict[str, Kind] = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
FORMATS = tuple(name for name in ("JPEG", "PNG", "WEBP", "GIF", "AVIF") if name != "AVIF" or features.check("avif"))
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
#: Orientations whose first row becomes the last row or column, and those whose rows become columns.
_FROM_THE_END, _SIDEWAYS = frozenset({3, 4, 6, 7}), frozenset({5, 6, 7, 8})

Image.MAX_IMAGE_PIXELS = None  # check_decoding has a stricter rule, and the right words
AvifImagePlugin.DEFAULT_MAX_THREADS = 1


class _Unpacked(msgspec.Struct, frozen=True):
    """``image`` where the decoder's own pixels will do, otherwise they are in a file, in rows of ``mode``."""

    kept_as: str
    mode: str
    size: tuple[int, int]
    orientation: int
    image: Image.Image | None = None


def clean(source: BinaryIO, target: BinaryIO) -> PictureWritten:
    """Write the upright picture without metadata. Raises PictureInvalid, PictureTooLarge."""
    with _Problems():
        upright, kept_as = _upright(source)
    decoded = upright.width * upright.height
    if kept_as == "WEBP" and decoded > WEBP_PIXELS_MAX:
        kept_as = "JPEG" if upright.mode == "RGB" else "PNG"
    options: dict[str, Any] = {"quality": _QUALITY_ORIGINAL} if kept_as != "PNG" else {}
    _save(upright, target, kept_as, **options)
    return PictureWritten(_KINDS[kept_as], upright.width, upright.height, decoded)


def narrow(source: BinaryIO, target: BinaryIO, width: int, kind: Kind) -> PictureWritten:
    """Write it as WebP or JPEG. JPEG gets a white background. A narrower picture keeps its width."""
    with _Problems():
        made, decoded = _narrowed(source, width)
        if made is None:
            source.seek(0)
            made, _ = _upright(source)
    if kind == "image/jpeg":
        _save(_on_white(made), target, "JPEG", quality=_QUALITY, optimize=True)
    else:
        _save(made, target, "WEBP", quality=_QUALITY, method=4)
    return PictureWritten(kind, made.width, made.height, decoded)


def _save(image: Image.Image, target: BinaryIO, format_: str, **options: Any) -> None:
    try:
        image.save(target, format_, **options)
    except (OSError, MemoryError) as error:  # WebP's encoder says OSError when it has no memory
        raise PictureTooLarge("it needs more memory or room to write than a picture may have") from error


class _Problems:
    """Turns what Pillow raises into problems."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UnidentifiedImageError):
            raise PictureInvalid(f"the content is none of {', '.join(FORMATS)}") from error
        if isinstance(error, MemoryError):
            raise PictureTooLarge("it needs more memory than a picture may have") from error
        if isinstance(error, _BROKEN):
            raise PictureInvalid("the picture is broken") from error


def _upright(source: BinaryIO) -> tuple[Image.Image, str]:
    """The first frame in RGB, or RGBA where some are transparent, and the format to keep it in."""
    with tempfile.TemporaryFile() as kept:
        unpacked = _unpacked(source, kept)  # what its decoder held is free now
        if unpacked.image is not None:
            return unpacked.image, unpacked.kept_as
        kept.seek(0)
        return _turned(kept, unpacked.mode, unpacked.size, unpacked.orientation), unpacked.kept_as


def _unpacked(source: BinaryIO, kept: Any) -> _Unpacked:
    check_beginning(source)
    with Image.open(source, formats=FORMATS) as opened:
        check_decoding(opened)
        kept_as, size, mode = _KEPT_AS[str(opened.format)], opened.size, "RGB"
        opened.load()
        orientation, in_srgb = opened.getexif().get(_ORIENTATION, 1), srgb_filter(opened)
        if orientation not in _TURNS and in_srgb is None and is_plain(opened) and kept_as != "WEBP":
            opened.info = {}  # Pillow writes some of it: comments, profiles
            return _Unpacked(kept_as, opened.mode, size, orientation, opened)
        for top, rows in _strips(*size):
            strip = opened.crop((0, top, size[0], top + rows))
            strip = plain(in_srgb(strip) if in_srgb else strip)
            mode = strip.mode
            kept.write(strip.tobytes())
        return _Unpacked(kept_as, mode, size, orientation)


def _turned(kept: Any, mode: str, size: tuple[int, int], orientation: int) -> Image.Image:
    """The rows in the file as a picture, turned as the orientation (of EXIF) says."""
    width, height = size
    sideways = orientation in _SIDEWAYS
    made = Image.new(mode, (height, width) if sideways else size, None)
    for top, rows in _strips(width, height):
        strip = Image.frombytes(mode, (width, rows), kept.read(width * rows * len(mode)))
        if orientation in _TURNS:
            strip = strip.transpose(_TURNS[orientation])
        place = height - top - rows if orientation in _FROM_THE_END else top
        made.paste(strip, (place, 0) if sideways else (0, place))
    return made


def _strips(width: int, height: int) -> Iterator[tuple[int, int]]:
    """First row and number of rows of each strip."""
    most = max(1, STRIP_PIXELS // width)
    for top in range(0, height, most):
        yield top, min(most, height - top)


def _size_within(size: tuple[int, int], width: int) -> tuple[int, int]:
    scale = min(1.0, width / size[0], math.sqrt(SIZE_PIXELS_MAX / (size[0] * size[1])))
    return (size[0], size[1]) if scale == 1 else (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))


def _narrowed(source: BinaryIO, width: int) -> tuple[Image.Image | None, int]:
    """None if it is narrow enough; and how many pixels were decoded."""
    check_beginning(source)
    with Image.open(source, formats=FORMATS) as opened:
        if opened.width > width:
            opened.draft("RGB", (width, 1))  # JPEGs are decoded at a reduced scale, never below the requested size
        check_decoding(opened)
        size = _size_within(opened.size, width)
        return (None if size == opened.size else _resized(opened, size)), opened.width * opened.height


def _resized(opened: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Strip by strip, with the rows around each that the filter looks at, so that no seam shows."""
    opened.load()
    made: Image.Image | None = None
    scale = opened.height / size[1]
    reach = math.ceil(_LANCZOS_REACH * scale) + 1
    for top, rows in _strips(max(1, round(opened.width * scale)), size[1]):
        begin, end = top * scale, min((top + rows) * scale, opened.height)
        first, last = max(0, math.floor(begin) - reach), min(opened.height, math.ceil(end) + reach)
        strip = plain(opened.crop((0, first, opened.width, last)))
        box = (0.0, begin - first, float(opened.width), end - first)
        strip = strip.resize((size[0], rows), Image.Resampling.LANCZOS, box)
        made = made or Image.new(strip.mode, size, None)
        made.paste(strip, (0, top))
    if made is None:
        raise PictureInvalid("the picture has no rows")
    return made


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground
