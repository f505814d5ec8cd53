"""``renga up``, ``serve``, ``work``, ``migrate``: the shop's processes and its database."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from renga.apps.modules import DECLARED, MODULES
from renga.apps.serve import serve as serve_shop
from renga.apps.settings import reach
from renga.apps.up import engines
from renga.apps.up import up as run_up
from renga.apps.work import work as run_worker
from renga.platform.engines.folder import DataFolder
from renga.platform.postgres.migrations import upgrade
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, public_url
from renga.platform.texts import open_locales


async def up(settings: Sections, *, seed: bool, worker: bool) -> None:
    open_locales(settings[PlatformSettings])  # fail before any engine starts
    await run_up(settings, seed=seed, worker=worker, announce=_announce)


def _announce(settings: Sections, seconds: float) -> None:
    platform = settings[PlatformSettings]
    base = public_url(platform)
    console = Console(stderr=True, highlight=False)
    console.print(f"\n  [bold]Renga is open[/bold] [dim]({seconds:.1f} s)[/dim]")
    for name, path in (("shop", "/"), ("API", "/docs"), ("products", "/v1/products"), ("health", "/readyz")):
        console.print(f"    {name:<10} [cyan]{base}{path}[/cyan]")
    console.print(f"    {'data':<10} {escape(str(Path(platform.data).resolve()))}")
    if not platform.public_url:
        console.print(
            f"    {'log in':<10} as ana@demo.example with ipe-amarelo-na-varanda; `renga demo` prints the others"
        )
    console.print("  Ctrl-C stops everything.\n")


async def serve(settings: Sections) -> None:
    open_locales(settings[PlatformSettings])

    async def ready() -> None:
        _announce(settings, 0.0)

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
