"""The shop that a command works on: the running one, or engines started for this one command."""

from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from renga.apps.commands.finding import check_named, check_shop
from renga.apps.settings import load_settings, reach
from renga.platform.engines.folder import DataFolder
from renga.platform.modules.choosing import ModulesInvalid
from renga.platform.modules.opening import Opened
from renga.platform.running import run_until_signal
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, Sources

T = TypeVar("T")


class ShopCommandLine:
    """Implements ``CommandLine`` for the commands of the modules."""

    def settings(self, *, quiet: bool = False, **overrides: Any) -> Sections:
        """``quiet``: without further logs, for what prints what it finds."""
        return self.load(Sources(overrides=overrides), quiet=quiet)

    def shop(self, *modules: str, part: str = "postgres", **overrides: Any) -> Sections:
        sources = Sources(overrides=overrides)
        loaded = self.load(sources)
        _check_running(loaded, modules)
        platform = loaded[PlatformSettings]
        given = {
            "postgres": platform.database and platform.redis,
            "secret": platform.secret,
            "token-key.json": platform.jwks,
        }
        if not given[part]:
            check_shop(platform, named=sources.is_set("data"), part=part)
        return loaded

    def chosen(self, *, quiet: bool = False, **overrides: Any) -> Sections:
        """The settings, unless it is unclear which of several shops is meant. Raises SettingsInvalid, ShopNotFound."""
        sources = Sources(overrides=overrides)
        loaded = self.load(sources, quiet=quiet)
        platform = loaded[PlatformSettings]
        if not (platform.database and platform.redis):
            check_named(platform, named=sources.is_set("data"))
        return loaded

    def running(self, **overrides: Any) -> Sections:
        """The settings of a shop whose engines run, with their URLs. Raises SettingsInvalid, ShopNotFound."""
        return reach(self.chosen(**overrides))

    def load(self, sources: Sources, *, quiet: bool = False) -> Sections:
        """The settings of these sources; what is said of them is said on stderr, where logs go."""
        from renga.platform.telemetry import logs

        logs.begin()
        loaded = load_settings(sources)
        platform = loaded[PlatformSettings]
        logs.configure(platform.log_level, platform.log_format)
        if quiet:
            logs.silence()
        return loaded

    @asynccontextmanager
    async def opened(
        self, settings: Sections, *modules: str, whole: bool = False
    ) -> AsyncIterator[Mapping[str, Opened]]:
        """These modules and what they need; ``whole``: all that run here, and the bus. Raises ModulesInvalid."""
        _check_running(settings, modules)
        # the modules' drivers are loaded by the commands that open some
        from renga.apps.compose import open_process, open_some

        async with (
            ready_engines(settings) as ready,
            open_process(ready) if whole else open_some(ready, modules) as process,
        ):
            yield process.opened

    def run(self, main: Coroutine[Any, Any, T]) -> T | None:
        return run_until_signal(main)


def _check_running(settings: Sections, names: Sequence[str]) -> None:
    """Settings of a module that does not run here are not read: it would open on other stores than the shop's."""
    running = settings[PlatformSettings].modules
    for name in names:
        if running and name not in running:
            raise ModulesInvalid(f"modules: {name} does not run here; add it to RENGA_MODULES")


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
