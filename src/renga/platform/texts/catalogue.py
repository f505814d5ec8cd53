"""One PO file as values: its texts, its plural forms, what is marked fuzzy."""

from collections.abc import Callable, Mapping
from gettext import c2py
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec
from babel.messages.pofile import PoFileError, read_po

FILE = "messages.po"


class CatalogueInvalid(Exception):
    """A PO file that cannot be read. The message names the package and the language."""


class Catalogue(msgspec.Struct, frozen=True):
    """The texts of one language. ``forms`` of a plural are in the order of the file's ``Plural-Forms``."""

    language: str
    texts: Mapping[str, str]
    forms: Mapping[str, tuple[str, ...]]
    fuzzy: frozenset[str]
    plural_index: Callable[[int], int]


def languages_in(package: str) -> tuple[str, ...]:
    """BCP 47 tags of the PO files of a package, in alphabetical order."""
    folder = files(package).joinpath("locales")
    found = [one.name for one in folder.iterdir() if _file_in(one).is_file()] if folder.is_dir() else []
    return tuple(sorted(name.replace("_", "-") for name in found))


def read_catalogue(package: str, language: str) -> Catalogue:
    """``<package>/locales/<language>/LC_MESSAGES/messages.po``. Raises CatalogueInvalid."""
    file = _file_in(files(package).joinpath("locales", language.replace("-", "_")))
    try:
        with file.open("rb") as lines:
            # the file's own Plural-Forms are read with it; Babel adds those of Unicode CLDR where a file has none
            read = read_po(lines, locale=language.replace("-", "_"), abort_invalid=True)
    except (OSError, PoFileError, ValueError) as error:
        raise CatalogueInvalid(f"the texts of {package} in {language} cannot be read: {error}") from error
    messages = [one for one in read if one.id]
    return Catalogue(
        language=language,
        texts={str(one.id): str(one.string) for one in messages if not one.pluralizable and one.string},
        forms={one.id[0]: forms for one in messages if one.pluralizable and all(forms := _forms(one.string))},
        fuzzy=frozenset(one.id[0] if one.pluralizable else str(one.id) for one in messages if one.fuzzy),
        plural_index=c2py(read.plural_expr),
    )


def _forms(string: object) -> tuple[str, ...]:
    """The forms of a plural: Babel gives one string where a file has only one form."""
    return tuple(map(str, string)) if isinstance(string, (list, tuple)) else (str(string or ""),)


def _file_in(folder: Traversable) -> Traversable:
    return folder.joinpath("LC_MESSAGES", FILE)
