"""The languages of the screens: their catalogues and plural forms."""

import json
from collections.abc import Mapping
from importlib.resources import files

from renga.kernel.languages import LANGUAGES, text_in


class Translator:
    """The texts of one language. A key that is missing raises KeyError: a screen never shows a bare key."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        text = self._texts[key]
        return text.format_map(values) if values else text

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def count(self, key: str, n: int, **values: object) -> str:
        """The singular or plural of ``key`` (Unicode CLDR: Portuguese counts zero as one, English does not)."""
        one = n in (0, 1) if self.language == "pt-BR" else n == 1
        return self._texts[f"{key}.{'one' if one else 'other'}"].format(n=n, **values)


def load_texts(language: str) -> dict[str, str]:
    """A language's catalogue as it stands in ``locales/``."""
    text = files("renga.frontends.web").joinpath("locales", f"{language}.json").read_text(encoding="utf-8")
    catalogue: dict[str, str] = json.loads(text)
    return catalogue


def load_translators() -> dict[str, Translator]:
    return {language: Translator(language, load_texts(language)) for language in LANGUAGES}


def localised(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in the shop's own, else in whichever there is."""
    return text_in(texts, (language.lower(),)) or ""
