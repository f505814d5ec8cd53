"""``renga up``, ``serve``, ``work``, ``migrate``: the shop's processes and its database."""

from pathlib import Path

from renga.apps.commands.banner import announce
from renga.apps.modules import DECLARED, MODULES
from renga.apps.serve import serve as serve_shop
from renga.apps.settings import reach
from renga.apps.up import engines
from renga.apps.up import up as run_up
from renga.apps.work import work as run_worker
from renga.platform.engines.folder import DataFolder
from renga.platform.postgres.migrations import upgrade
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings
from renga.platform.texts import open_locales


async def up(settings: Sections, *, seed: bool, worker: bool) -> None:
    open_locales(settings[PlatformSettings])  # fail before any engine starts
    await run_up(settings, seed=seed, worker=worker, announce=announce)


async def serve(settings: Sections) -> None:
    open_locales(settings[PlatformSettings])

    async def ready() -> None:
        announce(settings, 0.0)

    await serve_shop(settings, ready)


async def work(settings: Sections) -> None:
    await run_worker(settings)


async def migrate(settings: Sections) -> None:
    platform = settings[PlatformSettings]
    if platform.database or DataFolder(Path(platform.data)).holder():
        url = platform.database or reach(settings)[PlatformSettings].database
        done = await upgrade(url, DECLARED.migrations)
    else:
        async with engines(settings) as (ready, _, _):
            done = await upgrade(ready[PlatformSettings].database, DECLARED.migrations)
    for module in MODULES:
        if module.prepare is not None:
            await module.prepare(settings)
    for revision in done:
        print(f"{revision.schema} {revision.revision}")
    print(f"{len(done)} migrations run; the database is up to date")
