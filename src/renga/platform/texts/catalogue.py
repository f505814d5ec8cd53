"""One PO file as values: texts, plural forms, fuzzy entries."""

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
#: Most catalogues in the cache.
CATALOGUES_MAX = 256


class CatalogueInvalid(Exception):
    """A PO file that cannot be read. The message names the package and the language."""


class TextCatalogue(msgspec.Struct, frozen=True):
    """The texts of one language. ``forms`` of a plural are in the order of the file's ``Plural-Forms``.

    ``miscounted`` are plurals with a wrong number of forms, ``obsolete`` the entries marked obsolete in the file.
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
    """The Unicode CLDR locale of a BCP 47 tag, else of its language alone. Raises CatalogueInvalid."""
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

    A file is read once: a running process does not see changes.
    """
    return _catalogue(catalogue_file(package, language, folder), package, language)


@lru_cache(maxsize=CATALOGUES_MAX)
def read_overlay(package: str, language: str, folder: Path | None) -> TextCatalogue | None:
    """The texts of ``folder`` that replace the package's own in this language, if any. Raises CatalogueInvalid."""
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
    """The path of a package's texts in a language; languages that the package lacks are in ``folder``."""
    own = _own(package, language.replace("-", "_"))
    if folder is None or own.is_file():
        return own
    return _added(folder, package, language.replace("-", "_"))


def read_file(file: Traversable, package: str, language: str) -> Catalog:
    """A PO file as Babel's catalogue. Raises CatalogueInvalid."""
    locale = locale_of(language)
    try:
        with file.open("rb") as lines:
            # Babel reads the file's Plural-Forms, or takes those of Unicode CLDR if it has none
            return read_po(lines, locale=locale, abort_invalid=True)
    except (OSError, PoFileError, ValueError) as error:
        raise CatalogueInvalid(f"the texts of {package} in {language} cannot be read: {error}") from error


def key_of(message: Message) -> str:
    """The key of an entry; a plural has the same key twice."""
    return str(message.id[0] if isinstance(message.id, (list, tuple)) else message.id)


def _forms(string: object) -> tuple[str, ...]:
    """The forms of a plural; Babel returns a plain string if there is only one form."""
    return tuple(map(str, string)) if isinstance(string, (list, tuple)) else (str(string or ""),)


def _miscounted(message: Message, catalogue: Catalog) -> bool:
    """Whether a translated plural has another number of forms than its language."""
    forms = _forms(message.string)
    return any(forms) and (len(forms) != catalogue.num_plurals or not all(forms))


def _names(folder: Traversable) -> list[str]:
    return [one.name for one in folder.iterdir()] if folder.is_dir() else []


def _own(package: str, name: str) -> Traversable:
    return files(package).joinpath("locales", name, "LC_MESSAGES", FILE)


def _added(folder: Path, package: str, name: str) -> Path:
    return folder / name / "LC_MESSAGES" / f"{package}.po"
