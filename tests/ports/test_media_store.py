"""What every media store does: a folder, and a bucket on a server that speaks S3."""

import asyncio
import os
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from renga.platform.media.factory import make_media
from renga.platform.media.port import MediaStore, MediaUnavailable
from renga.platform.settings import SettingsInvalid
from tests.engines import gofakes3
from tests.engines.process import free_port
from tests.engines.registry import Registry

NAME = "ab/abcdef/original"


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "renga")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "only-for-tests")


@pytest.fixture(params=["folder", "gofakes3"])
async def store(
    request: pytest.FixtureRequest, engines: Registry, tmp_path: Path, credentials: None
) -> AsyncIterator[MediaStore]:
    url = ""
    if request.param == "gofakes3":
        endpoint = engines.shared("gofakes3", request.node.nodeid).url
        url = f"s3://{gofakes3.BUCKET}/{tmp_path.name}?endpoint={endpoint}&region=eu-west-1"
    numbers = count(1)
    opened = make_media(url, tmp_path, lambda: str(next(numbers)))
    yield opened
    await opened.close()


async def test_an_object_comes_back_as_it_was_put(store: MediaStore) -> None:
    content = bytes(range(256)) * 1000
    assert await store.exists(NAME) is False
    await store.put(NAME, content, "image/png")
    assert await store.exists(NAME) is True
    assert await store.get(NAME) == content


async def test_what_is_not_there_is_none(store: MediaStore) -> None:
    assert await store.get("ab/missing/original") is None
    assert await store.exists("ab/missing/original") is False


async def test_a_name_above_others_is_no_object(store: MediaStore) -> None:
    await store.put(NAME, b"x", "image/png")
    assert await store.exists("ab/abcdef") is False


async def test_the_same_name_again_replaces_the_object(store: MediaStore) -> None:
    await store.put(NAME, b"one", "image/png")
    await store.put(NAME, b"two", "image/png")
    assert await store.get(NAME) == b"two"


async def test_many_writers_of_one_name_leave_one_whole_object(store: MediaStore) -> None:
    contents = [bytes([number]) * 50_000 for number in range(16)]
    await asyncio.gather(*(store.put(NAME, content, "image/png") for content in contents))
    assert await store.get(NAME) in contents


async def test_a_folder_keeps_nothing_unfinished(tmp_path: Path) -> None:
    store = make_media("", tmp_path, lambda: "1")
    await store.put(NAME, b"x", "image/png")
    assert [name for _, _, names in os.walk(tmp_path) for name in names] == ["original"]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b", ".hidden", "a//b", "A", "a\0b", ""])
async def test_a_folder_refuses_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    store = make_media("", tmp_path / "media", lambda: "1")
    with pytest.raises(ValueError, match="is not a name"):
        await store.put(name, b"x", "image/png")
    assert os.listdir(tmp_path) == []


async def test_a_folder_that_cannot_be_used_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file stands in the way")
    store = make_media("", tmp_path, lambda: "1")
    with pytest.raises(MediaUnavailable):
        await store.put(NAME, b"x", "image/png")


async def test_a_bucket_that_is_away_is_unavailable(credentials: None, tmp_path: Path) -> None:
    store = make_media(f"s3://pictures?endpoint=http://127.0.0.1:{free_port()}", tmp_path, lambda: "1")
    with pytest.raises(MediaUnavailable):
        await store.get(NAME)


async def test_a_bucket_that_does_not_exist_is_not_taken_for_an_empty_one(
    engines: Registry, request: pytest.FixtureRequest, credentials: None, tmp_path: Path
) -> None:
    endpoint = engines.shared("gofakes3", request.node.nodeid).url
    store = make_media(f"s3://nowhere?endpoint={endpoint}", tmp_path, lambda: "1")
    with pytest.raises(MediaUnavailable, match="does not exist"):
        await store.put(NAME, b"x", "image/png")
    with pytest.raises(MediaUnavailable, match="does not exist"):
        await store.get(NAME)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://pictures", "'ftp' is not a kind of media store"),
        ("s3://", "an S3 URL is s3://bucket/prefix"),
        ("s3://bucket?acl=public", "an S3 URL is s3://bucket/prefix"),
        ("s3://key:secret@bucket", "credentials do not belong into the URL"),
        ("s3://bucket?endpoint=ftp://host", "the endpoint must be an http"),
    ],
)
def test_a_url_of_another_kind_is_refused(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(SettingsInvalid, match=said):
        make_media(url, tmp_path, lambda: "1")
