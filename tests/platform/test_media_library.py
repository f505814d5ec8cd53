"""The shop's pictures: kept once, made smaller once, answered for caches to keep."""

import asyncio
import hashlib
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from PIL import Image

from renga.platform.http.problems import EXCEPTION_HANDLERS
from renga.platform.media.folder import FolderMedia
from renga.platform.media.http import routes
from renga.platform.media.library import WIDTHS, MediaLibrary, PictureNotFound
from renga.platform.media.picture_rules import Kind, PictureInvalid
from renga.platform.media.pictures import Pictures


class Counted(Pictures):
    """Counts what it is asked to do."""

    def __init__(self) -> None:
        super().__init__()
        self.cleans = self.narrows = 0

    async def cleaned(self, content: bytes):  # type: ignore[no-untyped-def]  # as the base says
        self.cleans += 1
        return await super().cleaned(content)

    async def narrowed(self, content: bytes, width: int, kind: Kind = "image/webp") -> bytes:
        self.narrows += 1
        return await super().narrowed(content, width, kind)


def png(width: int = 1000, height: int = 400) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def pictures() -> Counted:
    return Counted()


@pytest.fixture
async def library(tmp_path: Path, pictures: Counted) -> AsyncIterator[MediaLibrary]:
    opened = MediaLibrary(FolderMedia(tmp_path, lambda: "1"), pictures)
    yield opened
    await opened.close()


@pytest.fixture
async def client(library: MediaLibrary) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(routes(library), exception_handlers=EXCEPTION_HANDLERS)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # Litestar types its scopes more narrowly
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


async def test_the_same_content_is_one_picture(library: MediaLibrary, pictures: Counted) -> None:
    first, new = await library.add(png())
    again, new_again = await library.add(png())
    assert (new, new_again) == (True, False)
    assert first == again
    assert first.hash == hashlib.sha256(png()).hexdigest()
    assert (first.url, first.width, first.height) == (f"/media/{first.hash}", 1000, 400)
    assert pictures.cleans == 1


async def test_what_is_refused_leaves_nothing_behind(library: MediaLibrary, tmp_path: Path) -> None:
    with pytest.raises(PictureInvalid):
        await library.add(b"no picture")
    assert os.listdir(tmp_path) == []


async def test_many_who_ask_for_a_size_wait_for_one(library: MediaLibrary, pictures: Counted) -> None:
    picture, _ = await library.add(png())
    made = await asyncio.gather(*(library.size(picture.hash, 640) for _ in range(20)))
    assert len(set(made)) == 1
    assert Image.open(io.BytesIO(made[0])).size == (640, 256)
    assert await library.size(picture.hash, 640) == made[0]
    assert pictures.narrows == 1


async def test_one_who_leaves_does_not_take_the_size_from_the_others(library: MediaLibrary, pictures: Counted) -> None:
    picture, _ = await library.add(png())
    first = asyncio.create_task(library.size(picture.hash, 320))
    second = asyncio.create_task(library.size(picture.hash, 320))
    await asyncio.sleep(0)
    first.cancel()
    assert Image.open(io.BytesIO(await second)).size == (320, 128)
    with pytest.raises(asyncio.CancelledError):
        await first
    assert pictures.narrows == 1


async def test_a_size_that_nobody_offers_is_not_made(library: MediaLibrary, pictures: Counted) -> None:
    picture, _ = await library.add(png())
    with pytest.raises(PictureNotFound):
        await library.size(picture.hash, 333)
    assert pictures.narrows == 0


@pytest.mark.parametrize("width", WIDTHS)
async def test_every_offered_size_is_answered_for_caches(
    library: MediaLibrary, client: httpx.AsyncClient, width: int
) -> None:
    picture, _ = await library.add(png())
    answer = await client.get(f"{picture.url}/{width}.webp")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert Image.open(io.BytesIO(answer.content)).size == (min(width, 1000), round(400 * min(width, 1000) / 1000))


@pytest.mark.parametrize("width", WIDTHS)
async def test_every_size_is_a_jpeg_too_on_white_where_the_picture_is_transparent(
    library: MediaLibrary, client: httpx.AsyncClient, width: int
) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (1000, 400), (0, 0, 0, 0)).save(out, "PNG")
    picture, _ = await library.add(out.getvalue())
    answer = await client.get(f"{picture.url}/{width}.jpg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    made = Image.open(io.BytesIO(answer.content))
    assert (made.format, made.width, made.getpixel((0, 0))) == ("JPEG", min(width, 1000), (255, 255, 255))
    assert (await client.get(f"{picture.url}/{width}.webp")).headers["content-type"] == "image/webp"


async def test_the_original_is_answered_as_it_is_kept(library: MediaLibrary, client: httpx.AsyncClient) -> None:
    picture, _ = await library.add(png())
    answer = await client.get(picture.url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(answer.content)).size == (1000, 400)


@pytest.mark.parametrize(
    "path", ["333.webp", "640.png", "640", "0640.webp", "-640.webp", "٦٤٠.webp", "99999999.webp", ".webp", "about.json"]
)
async def test_other_sizes_are_not_found(library: MediaLibrary, client: httpx.AsyncClient, path: str) -> None:
    picture, _ = await library.add(png())
    answer = await client.get(f"{picture.url}/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "picture_not_found")


@pytest.mark.parametrize("digest", ["0" * 64, "..", "A" * 64, "x", "%2e%2e%2fsecret"])
async def test_what_is_no_hash_of_ours_is_not_found(client: httpx.AsyncClient, digest: str) -> None:
    for path in (f"/media/{digest}", f"/media/{digest}/640.webp"):
        answer = await client.get(path)
        assert answer.status_code == 404
