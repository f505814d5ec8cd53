"""Pure: folding of texts for comparison: lower case, without accents, words of letters and digits."""

import re
import unicodedata
from functools import lru_cache

from renga.kernel.languages import choose

#: Languages with stemming (primary subtags); texts in others are matched as written.
LANGUAGES = ("pt", "en")
WORDS_MAX = 16
#: Negations: stop words that change the meaning, so they are not dropped.
NEGATIONS = {"pt": frozenset(("sem",)), "en": frozenset(("no", "without"))}

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'"})
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_DIMINUTIVE = re.compile(r"([a-z]{3,}?)(z?)inh([oa]s?)")
#: Letters that Unicode does not decompose into a base letter and a mark.
_PLAIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "\u0131": "i"}
)


def fold(text: str) -> str:
    """``Pão de Açúcar`` → ``pao de acucar``."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered
    plain = unicodedata.normalize("NFKD", lowered.translate(_PLAIN))
    return "".join(c for c in plain if not unicodedata.combining(c))


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order."""
    found = _WORD.findall(fold(text).translate(_APOSTROPHES))
    return [word.removesuffix("'s").replace("'", "") for word in found]


def without_diminutive(word: str, language: str) -> str:
    """A folded word without its Portuguese diminutive: canequinha → caneca, vasinho → vaso, cafezinho → cafe."""
    small = _DIMINUTIVE.fullmatch(word) if primary(language) == "pt" else None
    if small is None:
        return word
    stem, joint, end = small.groups()
    if joint:
        return stem + ("s" if end.endswith("s") else "")
    for written, hard in (("qu", "c"), ("gu", "g")):
        if stem.endswith(written):
            stem = stem.removesuffix(written) + hard
    return stem + end


def key_of(text: str) -> str:
    """A sku, GTIN or part number for comparison: folded, letters and digits only."""
    return "".join(c for c in fold(text) if c.isalnum())


@lru_cache(maxsize=256)
def primary(language: str) -> str:
    """``pt`` for ``pt-BR``."""
    return language.partition("-")[0].lower()


def text_for(texts: dict[str, str], language: str) -> str:
    """The text for readers of the language, empty if there is none."""
    found = choose(texts, (language.lower(),))
    return texts[found] if found else ""
