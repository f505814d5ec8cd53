"""Translated texts: PO catalogues of a package, read once, with the plural rules of each language."""

from renga.platform.texts.catalogue import CatalogueInvalid, TextCatalogue, languages_in, locale_of, read_catalogue
from renga.platform.texts.locales import Locales, open_locales, packages_with_texts
from renga.platform.texts.report import Completeness, completeness
from renga.platform.texts.texts import Texts, load_texts

__all__ = [
    "CatalogueInvalid",
    "Completeness",
    "Locales",
    "TextCatalogue",
    "Texts",
    "completeness",
    "languages_in",
    "load_texts",
    "locale_of",
    "open_locales",
    "packages_with_texts",
    "read_catalogue",
]
