"""The migrations of a domain, parsed from its files without importing Alembic or running them."""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from renga.kernel.errors import RengaError

_FIELD = r"(?m)^{name}(?:\s*:[^=\n]+)?\s*=\s*(?:[\"'](?P<value>[^\"']+)[\"']|None)"


class MigrationsInvalid(RengaError):
    code = "migrations_invalid"
    title = "The migrations that ship with a domain do not form one line"


class Migrations(msgspec.Struct, frozen=True):
    """A domain's migrations: the schema that they manage (also the domain's name) and the folder of their files."""

    schema: str
    folder: Path


class Revision(msgspec.Struct, frozen=True):
    """One migration. ``previous`` is "" for the first; ``applied``: whether the database has it, if that was checked."""

    schema: str
    revision: str
    previous: str
    title: str
    applied: bool = False


def discover(root: Path | None = None) -> list[Migrations]:
    """Every ``<domain>/stores/migrations/versions`` under ``root`` (default: the installed package), by name."""
    root = root or Path(__file__).parents[2] / "domains"
    folders = sorted(root.glob("*/stores/migrations/versions"))
    return [Migrations(folder.parents[2].name, folder) for folder in folders]


def line(domain: Migrations) -> list[Revision]:
    """The domain's revisions, oldest first. Raises MigrationsInvalid if they fork, or a file has no revision."""
    files = sorted(path for path in domain.folder.glob("*.py") if path.name != "__init__.py")
    after: dict[str, Revision] = {}
    for path in files:
        revision = _read(domain.schema, path)
        if revision.previous in after:
            raise MigrationsInvalid(f"{domain.schema}: two migrations follow {revision.previous or 'nothing'!r}")
        after[revision.previous] = revision
    ordered: list[Revision] = []
    while following := after.pop(ordered[-1].revision if ordered else "", None):
        ordered.append(following)
    if after:
        lost = ", ".join(sorted(revision.revision for revision in after.values()))
        raise MigrationsInvalid(f"{domain.schema}: no way leads to {lost}")
    return ordered


def _read(schema: str, path: Path) -> Revision:
    text = path.read_text(encoding="utf-8")
    revision = re.search(_FIELD.format(name="revision"), text)
    previous = re.search(_FIELD.format(name="down_revision"), text)
    title = re.match(r'\s*(?:"""|\'\'\')(.+)', text)
    if not revision or not revision["value"] or not previous:
        raise MigrationsInvalid(f"{path.name} of {schema} does not name its revision and down_revision")
    return Revision(schema, revision["value"], previous["value"] or "", title[1].strip("\"' ") if title else path.stem)


def following(revisions: Sequence[Revision], current: str) -> list[Revision] | None:
    """The revisions after ``current`` ("" is before the first); None when ``current`` is not one of them."""
    names = ["", *(revision.revision for revision in revisions)]
    return list(revisions[names.index(current) :]) if current in names else None
