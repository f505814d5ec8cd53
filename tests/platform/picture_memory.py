"""A process of its own that has the pictures of its arguments cleaned and narrowed at once, and prints what it took (helper)."""

import asyncio
import os
import resource
import sys
from pathlib import Path

import msgspec

from renga.kernel.errors import RengaError
from renga.platform.media.pictures import Pictures


def rss_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def one(pictures: Pictures, file: Path) -> list[str]:
    try:
        cleaned = await pictures.cleaned(await asyncio.to_thread(file.read_bytes))
        size = f"{cleaned.kind} {cleaned.width}x{cleaned.height}"
        narrowed = await pictures.narrowed(cleaned.content, 2048)
    except RengaError as error:
        return [error.code, error.detail]
    return [size, narrowed[8:12].decode()]


async def main(files: list[Path]) -> None:
    pictures = Pictures()
    before = rss_mb()
    said = await asyncio.gather(*(one(pictures, file) for file in files))
    after = rss_mb()
    await pictures.close()
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    print(msgspec.json.encode({"said": said, "grew_mb": after - before, "child_mb": children}).decode())


if __name__ == "__main__":
    asyncio.run(main([Path(name) for name in sys.argv[1:]]))
