"""Texts of the pages for templates: call a translator with a key, ``count`` with a key and a number."""

from collections.abc import Mapping
from functools import cached_property

from renga.kernel.languages import text_in
from renga.platform.texts import Texts, locale_of

PACKAGE = "renga.frontends.web"


class Translator(Texts):
    """The texts of one language. A missing key raises KeyError, so that no page shows a bare key."""

    def __call__(self, key: str, **values: object) -> str:
        return self.text(key, **values)

    def count(self, key: str, n: int, **values: object) -> str:
        """The plural form of ``key`` for ``n`` (Unicode CLDR: zero is singular in Portuguese, plural in English)."""
        return self.plural(key, n, **values)

    @cached_property
    def direction(self) -> str:
        """The writing direction: ``ltr`` or ``rtl``."""
        return locale_of(self.language).text_direction


def localised(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in the shop's default, else in any language."""
    return text_in(texts, (language.lower(),)) or ""
