"""The texts of a language by key; a missing one is taken from the base language, then the shop's first language, then English."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from renga.kernel.languages import SOURCE_LANGUAGE
from renga.platform.texts.catalogue import TextCatalogue, languages_in, read_catalogue, read_overlay

AnyTexts = TypeVar("AnyTexts", bound="Texts")


class Texts:
    """A chain of catalogues, the requested language first. A key in none of them raises KeyError."""

    def __init__(self, language: str, chain: Sequence[TextCatalogue]) -> None:
        self.language = language
        self._texts: dict[str, str] = {}
        self._forms: dict[str, tuple[TextCatalogue, tuple[str, ...]]] = {}
        for catalogue in reversed(chain):
            self._texts.update(catalogue.texts)
            self._forms.update({key: (catalogue, forms) for key, forms in catalogue.forms.items()})

    def text(self, key: str, **values: object) -> str:
        """The text with values inserted: ``{name}`` is the value ``name``."""
        text = self._texts[key]
        return text.format_map(values) if values else text

    def plural(self, key: str, n: int, **values: object) -> str:
        """The form for the integer ``n`` by the plural rule of the text's language; ``{n}`` is the number."""
        catalogue, forms = self._forms[key]
        return forms[catalogue.plural_index(abs(n))].format(n=n, **values)

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin with ``prefix``, in the order of the shop's first language."""
        return [key for key in self._texts if key.startswith(prefix)]

    def __contains__(self, key: str) -> bool:
        return key in self._texts


def load_texts(package: str, first: str, make: type[AnyTexts], folder: Path | None = None) -> dict[str, AnyTexts]:
    """The texts of a package in each language that it has a PO file for; ``first`` is the shop's own language.

    Raises CatalogueInvalid.
    """
    had = languages_in(package, folder)
    return {
        language: make(language, list(_chain(package, [tag for tag in _order(language, first) if tag in had], folder)))
        for language in had
    }


def _order(language: str, first: str) -> dict[str, None]:
    return dict.fromkeys((language, language.partition("-")[0], first, SOURCE_LANGUAGE))


def _chain(package: str, languages: Sequence[str], folder: Path | None) -> Iterator[TextCatalogue]:
    for language in languages:
        if overlay := read_overlay(package, language, folder):
            yield overlay
        yield read_catalogue(package, language, folder)
