"""Built-in synonyms by language, which apply without any merchandiser's synonyms."""

import tomllib
from functools import lru_cache
from importlib.resources import files

import msgspec

from renga.domains.search.contract import Synonyms
from renga.domains.search.model.folding import LANGUAGES, primary


@lru_cache(maxsize=8)
def common(language: str) -> tuple[Synonyms, ...]:
    """The built-in synonyms; empty for a language without a list."""
    tag = primary(language)
    if tag not in LANGUAGES:
        return ()
    table = tomllib.loads((files(__package__) / f"{tag}.toml").read_text("utf-8"))
    return msgspec.convert(table["synonyms"], tuple[Synonyms, ...])
