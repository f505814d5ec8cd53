"""What pictures may be, and what is said of those that may not. Imported by the picture process: it stays small."""

from typing import Literal

import msgspec

from renga.kernel.errors import TooLarge, Unavailable, Unprocessable

UPLOAD_BYTES_MAX = 20 << 20
PIXELS_MAX = 40_000_000
#: Longest side in pixels: the limit of WebP.
SIDE_PIXELS_MAX = 16_383

Kind = Literal["image/jpeg", "image/png", "image/webp"]


class PictureInvalid(Unprocessable):
    code = "picture_invalid"
    title = "This is not a picture that can be kept"


class PictureTooLarge(TooLarge):
    code = "picture_too_large"
    title = "The picture is too large"


class PicturesBusy(Unavailable):
    code = "pictures_busy"
    title = "Too many pictures are being worked on"


class PicturesFailed(Unavailable):
    code = "pictures_failed"
    title = "The work on the picture ended before its time"


class Cleaned(msgspec.Struct, frozen=True, kw_only=True):
    """A processed picture: upright, without metadata. ``width`` and ``height`` in pixels."""

    content: bytes
    kind: Kind
    width: int
    height: int


class PictureWritten(msgspec.Struct, frozen=True):
    """What was written, and how many pixels were decoded for it."""

    kind: Kind
    width: int
    height: int
    decoded: int


class PictureJob(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Paths of files; without ``width`` the picture keeps its size."""

    source: str
    target: str
    width: int = 0
    kind: Kind = "image/webp"


class PictureAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was written, or the problem. ``last``: it takes no more jobs."""

    written: PictureWritten | None = None
    code: str = ""
    detail: str = ""
    limit: int | None = None
    last: bool = False
