"""Pictures from strangers: turned upright, freed of what they carry, refused before a bomb goes off."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms, ImageOps, features

from renga.platform.media import pictures, pixels
from renga.platform.media.picture_rules import (
    PIXELS_MAX,
    UPLOAD_BYTES_MAX,
    Cleaned,
    Kind,
    PictureInvalid,
    PicturesBusy,
    PictureTooLarge,
)
from renga.platform.media.pictures import Pictures

ORIENTATION, GPS, COPYRIGHT = 0x0112, 0x8825, 0x8298


def picture(written: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **options: Any) -> bytes:
    """Red on the left half, blue on the right."""
    image = Image.new(mode, size, "red")
    image.paste(Image.new(mode, (size[0] // 2, size[1]), "blue"), (size[0] - size[0] // 2, 0))
    out = io.BytesIO()
    image.save(out, written, **options)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def clean(content: bytes) -> Cleaned:
    target = io.BytesIO()
    written = pixels.clean(io.BytesIO(content), target)
    return Cleaned(content=target.getvalue(), kind=written.kind, width=written.width, height=written.height)


def narrow(content: bytes, width: int, kind: Kind = "image/webp") -> bytes:
    target = io.BytesIO()
    pixels.narrow(io.BytesIO(content), target, width, kind)
    return target.getvalue()


def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_header(width: int, height: int, colour_type: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0))


def png_of(width: int, height: int) -> bytes:
    """The beginning of a PNG that says it is so large; a few bytes only."""
    return png_header(width, height, 2) + png_chunk(b"IDAT", zlib.compress(b"\0" * 100)) + png_chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("written", "kind", "format_"),
    [
        ("JPEG", "image/jpeg", "JPEG"),
        ("PNG", "image/png", "PNG"),
        ("WEBP", "image/webp", "WEBP"),
        ("GIF", "image/png", "PNG"),
        pytest.param(
            "AVIF", "image/webp", "WEBP", marks=pytest.mark.skipif(not features.check("avif"), reason="no AVIF here")
        ),
    ],
)
def test_every_format_is_kept_as_one_that_browsers_show(written: str, kind: str, format_: str) -> None:
    cleaned = clean(picture(written))
    assert (cleaned.kind, cleaned.width, cleaned.height) == (kind, 40, 20)
    kept = opened(cleaned.content)
    assert (kept.format, kept.size) == (format_, (40, 20))
    red, green, blue = kept.convert("RGB").getpixel((5, 10))  # type: ignore[misc]  # three bands
    assert red > 200
    assert max(green, blue) < 60


def test_a_picture_that_lies_on_its_side_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    cleaned = clean(picture("JPEG", exif=exif))
    assert (cleaned.width, cleaned.height) == (20, 40)
    kept = opened(cleaned.content)
    assert kept.getexif().get(ORIENTATION) is None
    assert kept.convert("RGB").getpixel((10, 5))[0] > 200  # type: ignore[index]  # what was on the left is now above


@pytest.mark.parametrize("written", ["JPEG", "PNG", "WEBP"])
def test_nothing_of_the_camera_stays(written: str) -> None:
    exif = Image.Exif()
    exif[COPYRIGHT] = "SECRET-NAME"
    exif.get_ifd(GPS)[2] = (1.0, 2.0, 3.0)
    content = picture(written, exif=exif)
    assert b"SECRET-NAME" in content
    cleaned = clean(content)
    assert b"SECRET-NAME" not in cleaned.content
    assert dict(opened(cleaned.content).getexif()) == {}


def test_a_comment_and_what_stands_behind_the_picture_are_dropped() -> None:
    content = picture("JPEG", comment=b"<script>alert(1)</script>") + b"<?php echo 1;"
    cleaned = clean(content)
    assert b"script" not in cleaned.content
    assert b"php" not in cleaned.content


def test_of_several_frames_the_first_is_kept() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("lime", "red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    kept = opened(clean(out.getvalue()).content)
    assert getattr(kept, "n_frames", 1) == 1
    assert kept.convert("RGB").getpixel((4, 4)) == (0, 255, 0)


def test_transparency_stays() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 255, 0, 0)).save(out, "PNG")
    assert opened(clean(out.getvalue()).content).getpixel((1, 1)) == (0, 255, 0, 0)


def test_sixteen_bits_of_grey_keep_their_brightness() -> None:
    out = io.BytesIO()
    Image.new("I;16", (4, 4), 0x8000).save(out, "PNG")
    assert opened(clean(out.getvalue()).content).getpixel((1, 1)) == (128, 128, 128)


@pytest.mark.parametrize("size", [(PIXELS_MAX, 2), (20_000, 20_000), (65_000, 65_000), (16_384, 1)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(*_: Any) -> None:
        pytest.fail("it was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    with pytest.raises((PictureTooLarge, PictureInvalid)) as refused:
        clean(png_of(*size))
    assert refused.value.code in ("picture_too_large", "picture_invalid")


async def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(PictureTooLarge) as refused:
        await Pictures().cleaned(b"\0" * (UPLOAD_BYTES_MAX + 1))
    assert refused.value.extra == {"limit": UPLOAD_BYTES_MAX}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7\n",
        picture("BMP"),
        picture("TIFF"),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
    ids=["nothing", "text", "svg", "pdf", "bmp", "tiff", "postscript"],
)
def test_what_is_no_picture_of_these_formats_is_refused(content: bytes) -> None:
    with pytest.raises(PictureInvalid):
        clean(content)


@pytest.mark.parametrize("written", ["JPEG", "PNG", "WEBP", "GIF"])
def test_half_a_picture_is_refused(written: str) -> None:
    content = picture(written, (400, 300))
    with pytest.raises(PictureInvalid):
        clean(content[: len(content) // 3])


def test_a_smaller_size_keeps_the_shape() -> None:
    made = opened(narrow(picture("JPEG", (1000, 500)), 320))
    assert (made.format, made.size) == ("WEBP", (320, 160))


def test_a_picture_never_grows() -> None:
    assert opened(narrow(picture("PNG", (100, 30)), 320)).size == (100, 30)


async def test_only_so_many_pictures_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "WAITING_MAX", -1)
    worker = Pictures()
    with pytest.raises(PicturesBusy):
        await worker.cleaned(picture("PNG"))


def _striped(size: tuple[int, int]) -> Image.Image:
    """Every pixel another colour."""
    image = Image.new("RGB", size)
    image.putdata([(x % 256, y % 256, (x + 2 * y) % 256) for y in range(size[1]) for x in range(size[0])])
    return image


@pytest.mark.parametrize("orientation", range(1, 9))
def test_strips_turn_a_picture_as_a_whole(orientation: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "STRIP_PIXELS", 100)
    image, out, exif = _striped((31, 47)), io.BytesIO(), Image.Exif()
    exif[ORIENTATION] = orientation
    image.save(out, "PNG", exif=exif)
    expected = ImageOps.exif_transpose(opened(out.getvalue()))
    assert opened(clean(out.getvalue()).content).tobytes() == expected.tobytes()


def test_a_picture_with_a_colour_profile_is_turned_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "STRIP_PIXELS", 100)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    content = picture("PNG", exif=exif, icc_profile=profile)
    kept = opened(clean(content).content)
    assert (kept.size, "icc_profile" in kept.info) == ((20, 40), False)
    assert kept.getpixel((10, 5)) == (255, 0, 0)


@pytest.mark.parametrize("mode", ["P", "L", "LA", "RGBA", "1"])
def test_strips_narrow_a_picture_as_a_whole(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image, out = _striped((400, 333)).convert(mode), io.BytesIO()
    image.save(out, "PNG")
    whole = opened(narrow(out.getvalue(), 160))
    monkeypatch.setattr(pixels, "STRIP_PIXELS", 4_000)
    in_strips = opened(narrow(out.getvalue(), 160))
    assert (in_strips.size, in_strips.mode) == (whole.size, whole.mode) == ((160, 133), whole.mode)
    difference = ImageChops.difference(in_strips.convert("RGB"), whole.convert("RGB"))
    assert max(most for _, most in difference.getextrema()) <= 4  # type: ignore[misc]  # three bands


def test_a_size_of_a_very_tall_picture_is_narrower_than_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "SIZE_PIXELS_MAX", 10_000)
    assert opened(narrow(picture("PNG", (100, 400)), 640)).size == (50, 200)


def test_a_large_webp_is_kept_in_a_form_that_takes_less_memory_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "WEBP_PIXELS_MAX", 799)
    assert clean(picture("WEBP")).kind == "image/jpeg"
    out = io.BytesIO()
    Image.new("RGBA", (40, 20), (0, 255, 0, 9)).save(out, "WEBP")
    assert clean(out.getvalue()).kind == "image/png"
