"""Pictures are uploaded over HTTP, as the raw body or in a form."""

import io
from pathlib import Path

import pytest
from PIL import Image

from renga.platform.media.picture_rules import UPLOAD_BYTES_MAX
from tests.catalog.selling import NOBODY, POTTER, Shop

PATH = "/v1/catalog/media"


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(out, "JPEG")
    return out.getvalue()


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_picture_is_kept_once(shop: Shop) -> None:
    client = shop.as_(POTTER)
    first = await client.post(PATH, content=jpeg(), headers={"Content-Type": "image/jpeg"})
    again = await client.post(PATH, files={"file": ("mug.jpg", jpeg(), "image/jpeg")})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    body = first.json()
    assert (body["width"], body["height"], body["kind"]) == (640, 480, "image/jpeg")
    assert body["url"] == first.headers["location"] == f"/media/{body['hash']}"


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", 422, "picture_invalid"),
        (b"nothing", "image/jpeg", 422, "picture_invalid"),
        (b"", "image/jpeg", 422, "picture_invalid"),
        (b"{}", "application/json", 415, "unsupported_media_type"),
        (b"\0" * (UPLOAD_BYTES_MAX + 1), "image/png", 413, "picture_too_large"),
        (b"\0" * (UPLOAD_BYTES_MAX + (1 << 20)), "image/png", 413, "too_large"),
    ],
)
async def test_what_is_no_picture_is_refused(
    shop: Shop, tmp_path: Path, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = await shop.as_(POTTER).post(PATH, content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert kept(tmp_path) == []


async def test_a_form_has_one_file(shop: Shop) -> None:
    answer = await shop.as_(POTTER).post(PATH, files=[("a", ("a.jpg", jpeg())), ("b", ("b.jpg", jpeg()))])
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    none = await shop.as_(POTTER).post(PATH, data={"a": "text"}, files={})
    assert none.status_code == 415


async def test_guests_keep_nothing(shop: Shop, tmp_path: Path) -> None:
    answer = await shop.as_(None).post(PATH, content=jpeg(), headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 401
    assert kept(tmp_path) == []


async def test_who_sells_for_nobody_yet_may_prepare_pictures(shop: Shop) -> None:
    answer = await shop.as_(NOBODY).post(PATH, content=jpeg(), headers={"Content-Type": "image/jpeg"})
    assert answer.status_code == 201
