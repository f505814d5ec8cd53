"""The languages of a shop: those with PO files, limited by a setting."""

from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from renga.kernel.languages import OWN_LANGUAGE, SOURCE_LANGUAGE
from renga.platform.settings import PlatformSettings, SettingsInvalid
from renga.platform.texts.catalogue import CatalogueInvalid, languages_in, locale_of, read_catalogue
from renga.platform.texts.report import completeness
from renga.platform.texts.texts import AnyTexts, load_texts

ROOT = "renga"
#: Most shops in the cache: a process has one, tests have more.
LOCALES_MAX = 32


class Locales(msgspec.Struct, frozen=True):
    """``languages`` begin with the shop's own; ``folder`` has texts besides those of the packages."""

    languages: tuple[str, ...]
    folder: Path | None = None

    def load(self, package: str, make: type[AnyTexts]) -> dict[str, AnyTexts]:
        """The texts of a package in each of the languages. Raises CatalogueInvalid."""
        found = load_texts(package, self.languages[0], make, self.folder)
        return {language: found[language] for language in self.languages}


def open_locales(platform: PlatformSettings) -> Locales:
    """The languages and texts by the settings ``languages`` and ``locales`` and the PO files.

    Raises SettingsInvalid for a language that pages or mails have no texts in, and for a file that cannot be read.
    """
    return _open(platform.languages, platform.locales)


def packages_with_texts() -> tuple[str, ...]:
    """Every package that has a folder ``locales``, in alphabetical order."""
    return tuple(sorted(_packages(ROOT, files(ROOT))))


def _packages(name: str, folder: Traversable) -> list[str]:
    below = {one.name: one for one in folder.iterdir()}
    if "__init__.py" not in below:
        return []
    here = [name] if "locales" in below else []
    inner = [one for one in below.values() if "." not in one.name and one.name != "__pycache__" and one.is_dir()]
    return here + [found for one in inner for found in _packages(f"{name}.{one.name}", one)]


@lru_cache(maxsize=LOCALES_MAX)
def _open(asked_for: tuple[str, ...], folder_name: str) -> Locales:
    folder = Path(folder_name) if folder_name else None
    if folder is not None and not folder.is_dir():
        raise SettingsInvalid(f"locales names {folder_name}, and there is no such folder")
    try:
        there = _languages_of_all(folder)
        unknown = [tag for tag in asked_for if tag not in there]
        if unknown:
            known = ", ".join(there)
            raise SettingsInvalid(f"languages names {unknown[0]!r}; pages and mails have texts in {known}")
        return Locales(tuple(dict.fromkeys(asked_for)) or _complete(there, folder) or (SOURCE_LANGUAGE,), folder)
    except CatalogueInvalid as error:
        raise SettingsInvalid(str(error)) from error


def _languages_of_all(folder: Path | None) -> list[str]:
    """Languages with texts in every package, the default language first."""
    sets = [set(languages_in(package, folder)) for package in packages_with_texts()]
    there = sorted(set.intersection(*sets), key=lambda tag: (tag != OWN_LANGUAGE, tag))
    for tag in there:
        locale_of(tag)
    return there


def _complete(there: list[str], folder: Path | None) -> tuple[str, ...]:
    return tuple(tag for tag in there if all(_is_complete(package, tag, folder) for package in packages_with_texts()))


def _is_complete(package: str, language: str, folder: Path | None) -> bool:
    source = read_catalogue(package, SOURCE_LANGUAGE, folder)
    return not completeness(read_catalogue(package, language, folder), source).incomplete
