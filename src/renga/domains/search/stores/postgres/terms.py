"""Pure: the lexemes of a text, for indexing and for queries."""

import re
from collections.abc import Iterable

from renga.domains.search.model.folding import words_of

#: Portuguese stop words without accents: PostgreSQL's configuration only has the accented forms.
STOP_WORDS = {"pt": frozenset(("nao", "sao", "ate", "so", "voce", "tambem", "ja", "as", "ha", "sera", "esta", "ta"))}

_PLURAL = re.compile(r"(?<=\w\w)[oa]es\Z")


def joined(text: str) -> str:
    """A text's folded words, for the configuration ``simple``."""
    return " ".join(words_of(text))


def stemmable(text: str, language: str) -> str:
    """A text's folded words, for the configuration of a language: botões, botoes → botao."""
    words: Iterable[str] = words_of(text)
    if language == "pt":
        words = (_PLURAL.sub("ao", word) for word in words)
    stop = STOP_WORDS.get(language, frozenset())
    return " ".join(word for word in words if word not in stop)
