"""``renga search``: the index, and what steers it."""

import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from renga.apps.commands.opened import ready_engines
from renga.apps.compose import Shop, open_shop
from renga.apps.settings import Settings
from renga.domains.search.contract import Synonyms
from renga.kernel.errors import Invalid
from renga.kernel.members import invalid

#: Products that a comparison names.
FINDINGS_SHOWN = 10


async def rebuild(settings: Settings) -> None:
    console = Console(stderr=True)
    async with opened_shop(settings) as shop:
        with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True,
                      disable=not console.is_terminal) as bar:  # fmt: skip
            task = bar.add_task("building", total=None)
            count = await shop.search.rebuild(lambda done: bar.update(task, description=f"building: {done} products"))
    print(f"the index is new: {count} products")


async def verify(settings: Settings) -> int:
    """Print what differs; 1 if anything does."""
    async with opened_shop(settings) as shop:
        found = await shop.search.verify()
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


async def set_synonyms(settings: Settings, language: str, file: Path) -> None:
    synonyms = _read_synonyms(file)
    async with opened_shop(settings) as shop:
        await shop.search.search.set_synonyms(language, synonyms)
    print(f"{language}: {len(synonyms)} synonyms")


class _SynonymsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A TOML file of synonyms, all of one language."""

    synonyms: list[Synonyms]


def _read_synonyms(file: Path) -> list[Synonyms]:
    """Raises Invalid, naming what is wrong."""
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
async def opened_shop(settings: Settings) -> AsyncIterator[Shop]:
    """The whole shop: its index follows the catalogue, and its rulings are told to the other processes."""
    async with ready_engines(settings) as ready, open_shop(ready) as shop:
        yield shop
