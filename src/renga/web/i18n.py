"""The languages of the screens: their catalogues, plural forms, and how a first visit's language is chosen."""

import json
from collections.abc import Mapping
from importlib.resources import files

LANGUAGES = ("pt-BR", "en")
DEFAULT_LANGUAGE = "pt-BR"

#: Most entries of an Accept-Language header that are looked at.
_ACCEPTED_MAX = 20


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
    text = files("renga.web").joinpath("locales", f"{language}.json").read_text(encoding="utf-8")
    catalogue: dict[str, str] = json.loads(text)
    return catalogue


def load_translators() -> dict[str, Translator]:
    return {language: Translator(language, load_texts(language)) for language in LANGUAGES}


def negotiate(accept_language: str) -> str:
    """The language of a first visit, from its Accept-Language header (RFC 9110 §12.5.4)."""
    ranked = []
    for position, entry in enumerate(accept_language.split(",")[:_ACCEPTED_MAX]):
        tag, _, parameter = entry.strip().partition(";")
        language = _closest(tag.strip())
        quality = _quality(parameter)
        if language and quality > 0:
            ranked.append((-quality, position, language))
    return min(ranked)[2] if ranked else DEFAULT_LANGUAGE


def _closest(tag: str) -> str | None:
    primary = tag.lower().partition("-")[0]
    return next((language for language in LANGUAGES if language.lower().partition("-")[0] == primary), None)


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def localised(texts: Mapping[str, str], language: str) -> str:
    """The text in a language, else in the shop's own, else in whichever there is."""
    return texts.get(language) or texts.get(DEFAULT_LANGUAGE) or next(iter(texts.values()), "")
