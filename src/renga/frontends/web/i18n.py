"""The texts of the screens, as templates call them: a translator is called with a key, ``count`` with a key and a number."""

from collections.abc import Mapping
from functools import cache

from renga.kernel.languages import LANGUAGES, text_in
from renga.platform.texts import Texts, load_texts

PACKAGE = "renga.frontends.web"


class Translator(Texts):
    """The texts of one language. A key that is missing raises KeyError: a screen never shows a bare key."""

    def __call__(self, key: str, **values: object) -> str:
        return self.text(key, **values)

    def count(self, key: str, n: int, **values: object) -> str:
        """The form of ``key`` for ``n`` (Unicode CLDR: Portuguese counts zero as one, English does not)."""
        return self.plural(key, n, **values)


@cache
def load_translators() -> dict[str, Translator]:
    """Read once by a process."""
    return load_texts(PACKAGE, LANGUAGES[0], Translator)


def localised(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in the shop's own, else in whichever there is."""
    return text_in(texts, (language.lower(),)) or ""
