"""Which shop a command works on: the one that is named, or the one on the default folder; never one that it makes itself."""

from pathlib import Path

from renga.kernel.errors import Invalid
from renga.platform.engines.folder import DataFolder
from renga.platform.engines.running_shops import NAMED_MAX, running_shops
from renga.platform.settings import PlatformSettings


class ShopNotFound(Invalid):
    code = "shop_not_found"
    title = "There is no shop to work on"


def check_shop(platform: PlatformSettings, *, named: bool, part: str) -> None:
    """``named``: somebody chose the data folder; ``part`` is what of a shop the command needs in it (see ``DataFolder.has``).

    Raises ShopNotFound: the shop that runs is another one, or the folder holds none.
    """
    data = DataFolder(Path(platform.data))
    if data.holder():
        return
    check_named(platform, named=named)
    if not data.has(part):
        raise ShopNotFound(
            f"there is no shop in {platform.data}: start one with `renga up` (make run), or name its folder with "
            "--data (RENGA_DATA)"
        )


def check_named(platform: PlatformSettings, *, named: bool) -> None:
    """Raises ShopNotFound when nobody chose a folder, none runs on the default one, and shops run on others."""
    if named or DataFolder(Path(platform.data)).holder():
        return
    others = running_shops()
    if others:
        shown = ", ".join(map(str, others[:NAMED_MAX])) + (" and others" if len(others) > NAMED_MAX else "")
        raise ShopNotFound(
            f"no shop is running on {platform.data}, but on {shown}: name one with --data (RENGA_DATA); "
            f"--data {platform.data} means the one that is not running"
        )
