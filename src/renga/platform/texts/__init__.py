"""Texts for people: PO catalogues of a package, read once, with the plural rules of each language."""

from renga.platform.texts.catalogue import Catalogue, CatalogueInvalid, languages_in, read_catalogue
from renga.platform.texts.report import Completeness, completeness
from renga.platform.texts.texts import Texts, load_texts

__all__ = [
    "Catalogue",
    "CatalogueInvalid",
    "Completeness",
    "Texts",
    "completeness",
    "languages_in",
    "load_texts",
    "read_catalogue",
]
