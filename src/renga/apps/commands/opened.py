"""The shop that a command works on: the running one, or engines started for this one command."""

from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from renga.apps.settings import load_settings, reach
from renga.platform.engines.folder import DataFolder
from renga.platform.modules.opening import Opened
from renga.platform.running import run_until_signal
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, Sources

T = TypeVar("T")


class ShopCommandLine:
    """Implements ``CommandLine`` for the commands of the modules."""

    def settings(self, *, quiet: bool = False, **overrides: Any) -> Sections:
        """``quiet``: no logs, for commands that print their result."""
        from renga.platform.telemetry import logs

        loaded = load_settings(Sources(overrides=overrides))
        platform = loaded[PlatformSettings]
        if quiet:
            logs.silence()
        else:
            logs.configure(platform.log_level, platform.log_format)
        return loaded

    @asynccontextmanager
    async def opened(self, settings: Sections, *modules: str) -> AsyncIterator[Mapping[str, Opened]]:
        """Open these modules and their needs; with none named, all modules and the bus."""
        # only commands that open modules load their drivers
        from renga.apps.compose import open_process, open_some

        async with (
            ready_engines(settings) as ready,
            open_some(ready, modules) if modules else open_process(ready) as process,
        ):
            yield process.opened

    def run(self, main: Coroutine[Any, Any, T]) -> T | None:
        return run_until_signal(main)


@asynccontextmanager
async def ready_engines(settings: Sections) -> AsyncIterator[Sections]:
    """The settings with the URLs of running engines, on a migrated database."""
    platform = settings[PlatformSettings]
    if (platform.database and platform.redis) or DataFolder(Path(platform.data)).holder():
        yield reach(settings)
        return
    # imported here: starting engines loads the whole shop
    from renga.apps.modules import DECLARED
    from renga.apps.up import engines
    from renga.platform.postgres.migrations import upgrade

    async with engines(settings) as (ready, _, _):
        await upgrade(ready[PlatformSettings].database, DECLARED.migrations)
        yield reach(ready)
