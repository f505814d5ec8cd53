"""The data folder: one running Renga at a time holds its lock and writes the engines' URLs into it."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from renga.platform.engines.errors import FolderInUse, FolderUnusable


class FolderHolder(msgspec.Struct, frozen=True):
    """The process that runs on a data folder. ``urls`` by engine (and ``shop`` for the shop itself), once they are ready."""

    pid: int
    urls: dict[str, str] = {}


class DataFolder:
    """A folder (``.renga/``) with a folder for each engine. Nothing is created on disk before ``hold``."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self._lock = self.path / "lock"
        self._held: int | None = None

    def engine(self, name: str) -> Path:
        """The folder of an engine's data."""
        return self.path / name

    def has(self, name: str) -> bool:
        """Whether a shop has left this here: an engine's data, or a file such as ``secret``."""
        return (self.path / name).exists()

    def log(self, name: str) -> Path:
        """The file of an engine's log."""
        return self.path / f"{name}.log"

    @contextmanager
    def hold(self) -> Iterator["DataFolder"]:
        """Lock this folder. The operating system frees the lock if we are killed, so it cannot be stale.

        Raises FolderInUse, naming the process that holds it, and FolderUnusable.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FolderUnusable(f"{self.path}: {error.strerror}; choose another with --data") from error
        try:
            self._take(handle)
            self._held = handle
            self.announce({})
            yield self
        finally:
            self._held = None
            os.close(handle)

    def _take(self, handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read(handle)
            pid = holder.pid if holder else 0
            where = f", {holder.urls['shop']}" if holder and "shop" in holder.urls else ""
            mend = "stop it or choose another folder with --data"
            said = f"already running, pid {pid}{where}, on {self.path}; {mend}"
            raise FolderInUse(said, pid=pid) from None

    def announce(self, urls: Mapping[str, str]) -> None:
        """Write the URLs of the engines (and the shop); only while held."""
        if self._held is None:
            raise RuntimeError("announce belongs inside hold")
        body = msgspec.json.encode(FolderHolder(os.getpid(), dict(urls)))
        os.pwrite(self._held, body, 0)
        os.ftruncate(self._held, len(body))

    def holder(self) -> FolderHolder | None:
        """The process that runs on this folder now, if any; commands find the embedded engines of ``renga up`` by it."""
        try:
            handle = os.open(self._lock, os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise FolderUnusable(f"{self._lock}: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(handle)
        finally:
            os.close(handle)
        return None


def _read(handle: int) -> FolderHolder | None:
    try:
        return msgspec.json.decode(os.pread(handle, 65536, 0), type=FolderHolder)
    except msgspec.DecodeError:
        return None  # its holder is starting and has not written it yet
