"""Refuses pictures by what their headers say: too many pixels, or more memory to decode than the picture process has."""

from typing import Any, BinaryIO

from PIL import Image

from renga.platform.media.picture_rules import PIXELS_MAX, SIDE_PIXELS_MAX, PictureTooLarge

#: One picture being decoded; the interpreter and the libraries take some 40 MB beside it.
DECODING_BYTES_MAX = 164_000_000
#: Bytes of memory for each pixel: Pillow keeps 4; decoders of WebP and AVIF hold whole frames beside.
_BYTES_PER_PIXEL = {"WEBP": 16.0, "AVIF": 12.0}
_PLAIN_BYTES = 4.0
_WEBP_BEGINNING = 30


def check_beginning(source: BinaryIO) -> None:
    """Raises PictureTooLarge for a WebP of too many pixels: its decoder takes memory for all of them when it is opened."""
    head = source.read(_WEBP_BEGINNING)
    source.seek(0)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and len(head) == _WEBP_BEGINNING:
        _check(*_webp_size(head), _BYTES_PER_PIXEL["WEBP"])


def check_decoding(opened: Image.Image) -> None:
    """Raises PictureTooLarge."""
    per_pixel = _BYTES_PER_PIXEL.get(str(opened.format), _PLAIN_BYTES)
    info: dict[Any, Any] = opened.info
    if info.get("progressive") or info.get("progression"):
        per_pixel += _coefficient_bytes(getattr(opened, "layer", []))
    _check(*opened.size, per_pixel)


def _check(width: int, height: int, per_pixel: float) -> None:
    limit = min(PIXELS_MAX, int(DECODING_BYTES_MAX / per_pixel))
    if width * height > limit or max(width, height) > SIDE_PIXELS_MAX:
        detail = (
            f"{width} by {height} pixels; at most {limit}, and {SIDE_PIXELS_MAX} on a side, are allowed in this format"
        )
        raise PictureTooLarge(detail, limit=limit)


def _coefficient_bytes(layers: list[tuple[int, int, int, int]]) -> float:
    """A progressive JPEG is held as coefficients of 2 bytes until its last scan has been read; fewer where colours are halved."""
    across, down = max((h for _, h, _, _ in layers), default=1), max((v for _, _, v, _ in layers), default=1)
    return sum(2 * h * v / (across * down) for _, h, v, _ in layers)


def _webp_size(head: bytes) -> tuple[int, int]:
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF
