"""The process that works on pictures: within its memory and time, and what happens to it is an error of one picture."""

import asyncio
import io
import os
import signal
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from renga.platform.media import pictures as module
from renga.platform.media.picture_rules import PicturesFailed, PictureTooLarge
from renga.platform.media.pictures import Pictures
from tests.platform.test_media_pictures import ORIENTATION, picture, png_chunk, png_header
from tests.support import eventually

LARGE = (8_000, 5_000)
CHILD_MB_MAX, GROWTH_MB_MAX = 250, 30


@pytest.fixture
async def pictures() -> AsyncIterator[Pictures]:
    made = Pictures()
    yield made
    await made.close()


def large_png(colour_type: int, size: tuple[int, int] = LARGE) -> bytes:
    """A whole PNG of one colour: RGB (2), grey with transparency (4) or RGB with transparency (6)."""
    packer = zlib.compressobj()
    row = b"\0" + b"\x40\x80\xc0\x99"[: {2: 3, 4: 2, 6: 4}[colour_type]] * size[0]
    data = b"".join(packer.compress(row) for _ in range(size[1])) + packer.flush()
    return png_header(*size, colour_type) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")


def large(written: str, size: tuple[int, int], **options: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((size[0] // 8, size[1] // 8), 60).convert("RGB").resize(size).save(out, written, **options)
    return out.getvalue()


def _turned() -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    return large("JPEG", LARGE, quality=60, exif=exif)


def measured(folder: Path, *contents: bytes) -> Any:
    files = [folder / str(number) for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    command = [sys.executable, "-m", "tests.platform.picture_memory", *map(str, files)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, check=True, timeout=240)
    return msgspec.json.decode(done.stdout.splitlines()[-1])


def test_pictures_of_40_million_pixels_at_once_stay_within_the_bound_and_leave_nothing(tmp_path: Path) -> None:
    found = measured(tmp_path, large_png(2), large_png(6), _turned())
    assert found["said"] == [
        ["image/png 8000x5000", "WEBP"],
        ["image/png 8000x5000", "WEBP"],
        ["image/jpeg 5000x8000", "WEBP"],
    ]
    assert found["child_mb"] < CHILD_MB_MAX
    assert found["grew_mb"] < GROWTH_MB_MAX


def test_forms_that_take_more_memory_are_kept_up_to_their_bound(tmp_path: Path) -> None:
    found = measured(
        tmp_path,
        large("WEBP", (4_000, 2_500), method=0),
        large("JPEG", (5_900, 3_900), quality=60, progressive=True),
        large_png(4),
    )
    assert [said[0] for said in found["said"]] == [
        "image/webp 4000x2500",
        "image/jpeg 5900x3900",
        "image/png 8000x5000",
    ]
    assert found["child_mb"] < CHILD_MB_MAX


@pytest.mark.parametrize(
    ("written", "size", "options"),
    [("WEBP", (4_500, 3_000), {"method": 0}), ("JPEG", (6_000, 4_000), {"quality": 30, "progressive": True})],
)
async def test_a_form_that_takes_too_much_memory_is_refused_with_its_limit(
    pictures: Pictures, written: str, size: tuple[int, int], options: dict[str, Any]
) -> None:
    with pytest.raises(PictureTooLarge) as refused:
        await pictures.cleaned(large(written, size, **options))
    limit: Any = refused.value.extra["limit"]
    assert size[0] * size[1] * 0.7 < limit < size[0] * size[1]


async def test_a_bomb_is_refused_while_other_work_goes_on(pictures: Pictures) -> None:
    bomb = asyncio.create_task(pictures.cleaned(large_png(2, (20_000, 16_000))))
    turns = 0
    while not bomb.done():
        turns += 1
        await asyncio.sleep(0.005)
    with pytest.raises(PictureTooLarge):
        bomb.result()
    assert turns >= 5
    assert (await pictures.cleaned(picture("PNG"))).width == 40


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV])
async def test_a_process_that_is_killed_is_an_error_and_the_next_picture_works(
    pictures: Pictures, how: signal.Signals
) -> None:
    work = asyncio.create_task(pictures.cleaned(large_png(2)))

    async def started() -> bool:
        return pictures.pid is not None

    await eventually(started)
    assert pictures.pid is not None
    os.kill(pictures.pid, how)
    with pytest.raises(PicturesFailed) as failed:
        await asyncio.wait_for(work, 10)
    assert failed.value.code == "pictures_failed"
    assert (await pictures.cleaned(picture("PNG"))).width == 40


async def test_a_picture_that_takes_too_long_ends_with_its_process(
    pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pictures.cleaned(picture("PNG"))
    pid = pictures.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(module, "PICTURE_TIMEOUT_S", 0.2)
    with pytest.raises(PicturesFailed):
        await pictures.cleaned(picture("PNG"))
    await eventually(lambda: _gone(pid))


async def test_a_cancelled_picture_does_not_answer_the_next_one(pictures: Pictures) -> None:
    await pictures.cleaned(picture("PNG"))
    work = asyncio.create_task(pictures.cleaned(picture("PNG", (900, 700))))
    await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.wait([work])
    assert (await pictures.cleaned(picture("PNG", (30, 10)))).width == 30


async def test_small_pictures_share_a_process_that_ends_when_idle(
    pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pictures.cleaned(picture("PNG"))
    first = pictures.pid
    monkeypatch.setattr(module, "IDLE_S", 0.05)
    await pictures.narrowed(picture("JPEG", (900, 500)), 320)
    assert first is not None
    assert pictures.pid in (first, None)
    await eventually(lambda: _gone(first))


async def test_the_process_gets_no_secret(pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENGA_SECRET", "hush-hush")
    await pictures.cleaned(picture("PNG"))
    assert pictures.pid is not None
    told = _environment(pictures.pid)
    assert b"PYTHONPATH=" in told
    assert b"hush" not in told


def _environment(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
