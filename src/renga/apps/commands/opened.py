"""What a command works on: the shop that runs, or, if none does, engines started for this one command."""

from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from renga.apps.commands.finding import check_named, check_shop
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
        """``quiet``: without logs, for what prints what it finds."""
        return self._load(quiet, overrides)[0]

    def shop(self, *, part: str = "postgres", quiet: bool = False, **overrides: Any) -> Sections:
        loaded, sources = self._load(quiet, overrides)
        platform = loaded[PlatformSettings]
        given = {
            "postgres": platform.database and platform.redis,
            "secret": platform.secret,
            "token-key.json": platform.jwks,
        }
        if not given[part]:
            check_shop(platform, named=sources.is_set("data"), part=part)
        return loaded

    def running(self, **overrides: Any) -> Sections:
        """The settings of a shop whose engines run, with their URLs. Raises SettingsInvalid, ShopNotFound."""
        loaded, sources = self._load(False, overrides)
        platform = loaded[PlatformSettings]
        if not (platform.database and platform.redis):
            check_named(platform, named=sources.is_set("data"))
        return reach(loaded)

    def _load(self, quiet: bool, overrides: Mapping[str, Any]) -> tuple[Sections, Sources]:
        from renga.platform.telemetry import logs

        sources = Sources(overrides=overrides)
        loaded = load_settings(sources)
        platform = loaded[PlatformSettings]
        if quiet:
            logs.silence()
        else:
            logs.configure(platform.log_level, platform.log_format)
        return loaded, sources

    @asynccontextmanager
    async def opened(self, settings: Sections, *modules: str) -> AsyncIterator[Mapping[str, Opened]]:
        """These modules and what they need; with none named, all of them and the bus."""
        # the modules' drivers are loaded by the commands that open some
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
    """The settings with the URLs of engines that answer, on a migrated database."""
    platform = settings[PlatformSettings]
    if (platform.database and platform.redis) or DataFolder(Path(platform.data)).holder():
        yield reach(settings)
        return
    # starting engines loads the whole shop: only who does it waits for that
    from renga.apps.modules import DECLARED
    from renga.apps.up import engines
    from renga.platform.postgres.migrations import upgrade

    async with engines(settings) as (ready, _, _):
        await upgrade(ready[PlatformSettings].database, DECLARED.migrations)
        yield reach(ready)
