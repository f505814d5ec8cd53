"""Pictures as files below one folder, written atomically."""

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from renga.platform.media.port import MediaUnavailable

P = ParamSpec("P")
T = TypeVar("T")

_NAME = re.compile(r"[a-z0-9-][a-z0-9.-]*(?:/[a-z0-9-][a-z0-9.-]*)*")


class FolderMedia:
    """``MediaStore`` below a folder; ``new_id`` names unfinished files."""

    def __init__(self, folder: Path, new_id: Callable[[], str]) -> None:
        self._folder, self._new_id = folder, new_id

    async def put(self, name: str, content: bytes, media_type: str) -> None:
        await self._do(self._write, self._path(name), content)

    async def get(self, name: str) -> bytes | None:
        return await self._do(_read, self._path(name))

    async def exists(self, name: str) -> bool:
        return await self._do(Path.is_file, self._path(name))

    async def close(self) -> None:
        """Nothing to close."""

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a name of the media store")
        return self._folder / name

    async def _do(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        try:
            return await asyncio.to_thread(work, *args, **named)
        except OSError as error:
            raise MediaUnavailable(f"the media folder cannot be used: {error.strerror}") from error

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{self._new_id()}")
        try:
            with unfinished.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
