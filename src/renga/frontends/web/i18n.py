"""The texts of the screens, as templates call them: a translator is called with a key, ``count`` with a key and a number."""

from collections.abc import Mapping
from functools import cached_property

from renga.kernel.languages import text_in
from renga.platform.texts import Texts, locale_of

PACKAGE = "renga.frontends.web"


class Translator(Texts):
    """The texts of one language. A key that is missing raises KeyError: a screen never shows a bare key."""

    def __call__(self, key: str, **values: object) -> str:
        return self.text(key, **values)

    def count(self, key: str, n: int, **values: object) -> str:
        """The form of ``key`` for ``n`` (Unicode CLDR: Portuguese counts zero as one, English does not)."""
        return self.plural(key, n, **values)

    @cached_property
    def direction(self) -> str:
        """``ltr`` or ``rtl``: how the language is written."""
        return locale_of(self.language).text_direction


def localised(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in the shop's own, else in whichever there is."""
    return text_in(texts, (language.lower(),)) or ""
