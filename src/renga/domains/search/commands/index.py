"""``renga search``: the index and its synonyms."""

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

import msgspec
from rich.console import Console
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn

from renga.domains.search.contract import MERCHANDISING, Synonyms, Verification
from renga.domains.search.local import LocalSearch
from renga.domains.search.rebuild import Progress
from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid
from renga.kernel.members import invalid
from renga.platform.modules.command_line import CommandLine
from renga.platform.sections import Sections

#: Products that a comparison prints.
FINDINGS_SHOWN = 10


class OpenedSearch(Protocol):
    """The part of the search module that these commands use."""

    search: LocalSearch

    async def rebuild(self, progress: Progress | None = None) -> int:
        """Rebuild the index; returns its number of products."""
        ...

    async def verify(self) -> Verification:
        """Compare index and catalogue."""
        ...


async def rebuild(line: CommandLine, settings: Sections) -> None:
    console = Console(stderr=True)
    async with _opened(line, settings) as search:
        with Bar(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True,
                      disable=not console.is_terminal) as bar:  # fmt: skip
            task = bar.add_task("building", total=None)
            count = await search.rebuild(lambda done: bar.update(task, description=f"building: {done} products"))
    print(f"the index is new: {count} products")


async def verify(line: CommandLine, settings: Sections) -> int:
    """Print the differences; returns 1 if there are any."""
    async with _opened(line, settings) as search:
        found = await search.verify()
    if found.is_clean:
        print(f"index and catalogue agree: {found.products} products")
        return 0
    for what, count, ids in (
        ("missing in the index", found.missing_count, found.missing),
        ("older than the catalogue", found.stale_count, found.stale),
        ("not in the catalogue any more", found.surplus_count, found.surplus),
    ):
        if count:
            print(f"{count} {what}: {', '.join(ids[:FINDINGS_SHOWN])}{' …' if count > FINDINGS_SHOWN else ''}")
    print("wait for the news under way and verify again, or mend it with `renga search rebuild`")
    return 1


async def set_synonyms(line: CommandLine, settings: Sections, language: str, synonyms: list[Synonyms]) -> None:
    async with _opened(line, settings) as search:
        await search.search.set_synonyms(Caller.of_system("synonyms", MERCHANDISING), language, synonyms)
    print(f"{language}: {len(synonyms)} synonyms")


class _SynonymsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A TOML file of synonyms, all of one language."""

    synonyms: list[Synonyms]


def read_synonyms(file: Path) -> list[Synonyms]:
    """Raises Invalid with the problem."""
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
        return msgspec.convert(given, _SynonymsFile).synonyms
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} is not valid TOML: {error}") from error
    except msgspec.ValidationError as error:
        wrong = invalid(error, given, _SynonymsFile)
        raise Invalid(
            f'{file}: {wrong.detail}; write [[synonyms]] with words = ["…"] and perhaps to = ["…"]'
        ) from error


@asynccontextmanager
async def _opened(line: CommandLine, settings: Sections) -> AsyncIterator[OpenedSearch]:
    """Search opened with the whole shop, so that the catalogue is available and events are published."""
    async with line.opened(settings, "search", whole=True) as modules:
        yield modules["search"].own
