"""Which shops this user runs on this machine, each on a data folder of its own: how a command finds out about the others."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import structlog

from renga.platform.engines.errors import FolderUnusable
from renga.platform.engines.folder import DataFolder

log = structlog.get_logger(__name__)

#: Shops that one refusal names.
NAMED_MAX = 3
_NAME_DIGITS = 16


class RunningShop(msgspec.Struct, frozen=True):
    """``url`` is empty while the shop is starting."""

    data: Path
    url: str = ""

    def __str__(self) -> str:
        return f"{self.data} ({self.url})" if self.url else str(self.data)


@contextmanager
def listed(data: DataFolder) -> Iterator[None]:
    """Be found by ``running_shops`` meanwhile. Without a folder for state the shop runs all the same, unlisted."""
    note = None
    try:
        folder = _state_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        note = folder / hashlib.sha256(os.fsencode(data.path)).hexdigest()[:_NAME_DIGITS]
        note.write_bytes(os.fsencode(data.path))
    except (OSError, RuntimeError) as error:
        log.info("shop_not_listed", reason=str(error))
    try:
        yield
    finally:
        if note is not None:
            note.unlink(missing_ok=True)


def running_shops() -> list[RunningShop]:
    """Those whose data folder is held now, by the folder's name. What a crash left in the list has no lock and is passed over."""
    try:
        notes = sorted(_state_folder().iterdir())
        folders = [Path(os.fsdecode(note.read_bytes())) for note in notes]
    except (OSError, RuntimeError) as error:
        log.debug("no_list_of_shops", reason=str(error))
        return []
    return sorted((shop for folder in folders if (shop := _running(folder))), key=lambda shop: shop.data)


def _running(folder: Path) -> RunningShop | None:
    try:
        holder = DataFolder(folder).holder()
    except FolderUnusable:
        return None
    return RunningShop(folder, holder.urls.get("shop", "")) if holder else None


def _state_folder() -> Path:
    """``$XDG_STATE_HOME/renga/shops`` (XDG Base Directory Specification). Raises RuntimeError without a home folder."""
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state") / "renga" / "shops"
