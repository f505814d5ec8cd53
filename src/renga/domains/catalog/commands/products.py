"""``renga seed``, ``import``, ``export``. Only the catalogue is opened."""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

from renga.domains.catalog.contract import WHOLE_CATALOGUE
from renga.domains.catalog.feeds.export_products import Format
from renga.domains.catalog.feeds.outcomes import ImportRefused
from renga.domains.catalog.feeds.shopify_reading import ShopifyTerms
from renga.domains.catalog.local import CatalogService
from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid
from renga.platform.modules.command_line import CommandLine
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, public_url

#: Problems of an import that are printed one by one.
PROBLEMS_SHOWN = 20


async def seed(line: CommandLine, settings: Sections) -> None:
    async with _opened(line, settings) as catalog:
        report = await catalog.seed_demo()
    print(f"demo: {report.created} products created, {report.changed} changed, {report.unchanged} unchanged")


async def import_products(
    line: CommandLine, settings: Sections, file: str, *, mapping: Path | None, skip_bad: bool, shopify: ShopifyTerms
) -> None:
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    source = file if file == "-" else Path(file)
    if isinstance(source, Path) and not source.is_file():
        raise Invalid(f"{file} is not a file that can be read")
    if mapping is not None and shopify.always:
        raise Invalid("--mapping is for files of no known format; leave --format out")
    shopify = msgspec.structs.replace(shopify, own_url=public_url(settings[PlatformSettings]))
    async with _opened(line, settings) as catalog:
        try:
            with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
                task = bar.add_task("importing", total=None)
                report = await catalog.import_products(
                    source,
                    mapping=mapping,
                    skip_bad=skip_bad,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                    stdin=sys.stdin.buffer if file == "-" else None,
                    shopify=shopify,
                )
        except ImportRefused as refused:
            _print_problems(console, list(getattr(refused, "problems", ())), getattr(refused, "problems_total", 0))
            raise
    _print_problems(console, list(report.problems), report.skipped)
    print(
        f"{report.rows} rows: {report.created} products created, {report.changed} changed, {report.unchanged} unchanged, "
        f"{report.skipped} skipped, in {report.seconds:.1f} s"
    )


async def export_products(
    line: CommandLine, settings: Sections, file: str, *, name: Format, language: str, currency: str
) -> None:
    """Write every product into a file, ``-`` for the standard output."""
    async with _opened(line, settings) as catalog:
        shop_url = public_url(settings[PlatformSettings])
        feed = await catalog.feed(name, shop_url=shop_url, language=language, currency=currency)
        size = 0
        with _file(file) as out:
            async for piece in catalog.export(Caller.of_system("export", WHOLE_CATALOGUE), feed):
                size += out.write(piece.encode())
    print(f"{file}: {size} bytes of {name}", file=sys.stderr)


@asynccontextmanager
async def _opened(line: CommandLine, settings: Sections) -> AsyncIterator[CatalogService]:
    """The catalogue alone; its events stay in the outbox until a worker of the shop publishes them."""
    async with line.opened(settings, "catalog") as modules:
        yield modules["catalog"].own


@contextmanager
def _file(file: str) -> Iterator[IO[bytes]]:
    """A file to write; an existing file is replaced only when it is complete. Raises Invalid."""
    if file == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    unfinished = Path(f"{file}.part")
    try:
        with unfinished.open("wb") as out:
            yield out
        unfinished.replace(file)
    except OSError as error:
        raise Invalid(f"{file} cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _print_problems(console: Console, problems: list[object], total: int) -> None:
    for problem in problems[:PROBLEMS_SHOWN]:
        console.print(escape(str(problem)), highlight=False, soft_wrap=True)
    if total > PROBLEMS_SHOWN:
        console.print(f"… and {total - PROBLEMS_SHOWN} more", highlight=False)
