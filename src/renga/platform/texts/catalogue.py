"""One PO file as values: its texts, its plural forms, what is marked fuzzy."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from gettext import c2py
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec
from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, read_po

FILE = "messages.po"
#: Catalogues that are kept once they have been read.
CATALOGUES_MAX = 256


class CatalogueInvalid(Exception):
    """A PO file that cannot be read. The message names the package and the language."""


class TextCatalogue(msgspec.Struct, frozen=True):
    """The texts of one language. ``forms`` of a plural are in the order of the file's ``Plural-Forms``.

    ``miscounted`` are plurals that lack a form, ``obsolete`` entries that the file itself has put aside.
    """

    language: str
    texts: Mapping[str, str]
    forms: Mapping[str, tuple[str, ...]]
    fuzzy: frozenset[str]
    plural_index: Callable[[int], int]
    miscounted: frozenset[str] = frozenset()
    obsolete: frozenset[str] = frozenset()


@lru_cache(maxsize=CATALOGUES_MAX)
def locale_of(language: str) -> Locale:
    """What Unicode CLDR knows of a BCP 47 tag, or of its language alone. Raises CatalogueInvalid."""
    for tag in (language, language.partition("-")[0]):
        try:
            return Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    raise CatalogueInvalid(f"Unicode CLDR knows no language {language!r}")


def languages_in(package: str, folder: Path | None = None) -> tuple[str, ...]:
    """BCP 47 tags of the PO files of a package, its own and those of ``folder``, in alphabetical order."""
    found = {name for name in _names(files(package).joinpath("locales")) if _own(package, name).is_file()}
    if folder is not None:
        found |= {name for name in _names(folder) if _added(folder, package, name).is_file()}
    return tuple(sorted(name.replace("_", "-") for name in found))


@lru_cache(maxsize=CATALOGUES_MAX)
def read_catalogue(package: str, language: str, folder: Path | None = None) -> TextCatalogue:
    """The texts of a package in a language: its own, or those of ``folder`` if it has none. Raises CatalogueInvalid.

    A file is read once: a process that runs does not see it change.
    """
    return _catalogue(catalogue_file(package, language, folder), package, language)


@lru_cache(maxsize=CATALOGUES_MAX)
def read_overlay(package: str, language: str, folder: Path | None) -> TextCatalogue | None:
    """What ``folder`` says in other words than the package in one of its languages, if it does. Raises CatalogueInvalid."""
    name = language.replace("-", "_")
    if folder is None or not _own(package, name).is_file() or not _added(folder, package, name).is_file():
        return None
    return _catalogue(_added(folder, package, name), package, language)


def _catalogue(file: Traversable, package: str, language: str) -> TextCatalogue:
    read = read_file(file, package, language)
    messages = [one for one in read if one.id]
    return TextCatalogue(
        language=language,
        texts={str(one.id): str(one.string) for one in messages if not one.pluralizable and one.string},
        forms={key_of(one): forms for one in messages if one.pluralizable and all(forms := _forms(one.string))},
        fuzzy=frozenset(key_of(one) for one in messages if one.fuzzy),
        plural_index=c2py(read.plural_expr),
        miscounted=frozenset(key_of(one) for one in messages if one.pluralizable and _miscounted(one, read)),
        obsolete=frozenset(key_of(one) for one in read.obsolete.values()),
    )


def catalogue_file(package: str, language: str, folder: Path | None = None) -> Traversable:
    """Where a package's texts in a language are, or would be: a language that is new to it is at home in ``folder``."""
    own = _own(package, language.replace("-", "_"))
    if folder is None or own.is_file():
        return own
    return _added(folder, package, language.replace("-", "_"))


def read_file(file: Traversable, package: str, language: str) -> Catalog:
    """A PO file as Babel sees it. Raises CatalogueInvalid."""
    locale = locale_of(language)
    try:
        with file.open("rb") as lines:
            # the file's own Plural-Forms are read with it; Babel adds those of Unicode CLDR where a file has none
            return read_po(lines, locale=locale, abort_invalid=True)
    except (OSError, PoFileError, ValueError) as error:
        raise CatalogueInvalid(f"the texts of {package} in {language} cannot be read: {error}") from error


def key_of(message: Message) -> str:
    """The key of an entry: a plural has it twice."""
    return str(message.id[0] if isinstance(message.id, (list, tuple)) else message.id)


def _forms(string: object) -> tuple[str, ...]:
    """The forms of a plural: Babel gives one string where a file has only one form."""
    return tuple(map(str, string)) if isinstance(string, (list, tuple)) else (str(string or ""),)


def _miscounted(message: Message, catalogue: Catalog) -> bool:
    """Whether some forms of a plural are there, and not as many as its language has."""
    forms = _forms(message.string)
    return any(forms) and (len(forms) != catalogue.num_plurals or not all(forms))


def _names(folder: Traversable) -> list[str]:
    return [one.name for one in folder.iterdir()] if folder.is_dir() else []


def _own(package: str, name: str) -> Traversable:
    return files(package).joinpath("locales", name, "LC_MESSAGES", FILE)


def _added(folder: Path, package: str, name: str) -> Path:
    return folder / name / "LC_MESSAGES" / f"{package}.po"
