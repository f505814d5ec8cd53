"""How an index is made: analysis and mapping, as data that OpenSearch and Elasticsearch 7.10 both take.

Each text is kept per language (``LANGUAGES``; ``xx`` holds all others) in three fields by weight: ``title``, ``words`` (brand,
categories, options, attributes) and ``body``. All three are copied to ``all``, which decides what is found; the three decide the
order. ``.exact`` has folded whole words, ``.start`` their beginnings. Attributes are nested pairs of a facet's name and value, so
that a thousand names make no thousand fields.
"""

from typing import Any

#: Those with an analysis of their own; texts in another language are kept under OTHER.
LANGUAGES = ("pt", "en")
OTHER = "xx"
#: Beginnings of words are kept from and to so many letters.
START_MIN, START_MAX = 2, 12
KEYWORD_CHARS_MAX = 512
#: Most elements of nested facets per product; the document's own bounds are lower.
NESTED_MAX = 2_000
FIELDS_MAX = 200

# Folded before it is stemmed, so that a forgotten accent changes nothing. What the stemmer knows by its accent is told it here:
# botões and botoes both end as botão does.
_PORTUGUESE = ["lowercase", "stop_pt", "asciifolding", "stop_pt_folded", "plural_pt", "stem_pt"]
_ENGLISH = ["possessive_en", "lowercase", "asciifolding", "stop_en", "stem_en"]
_FOLDED = ["lowercase", "asciifolding"]

ANALYSIS: dict[str, Any] = {
    "filter": {
        "stop_pt": {"type": "stop", "stopwords": "_portuguese_"},
        "stop_pt_folded": {"type": "stop", "stopwords": ["nao", "sao", "esta", "ate", "so", "voce", "tambem", "ja"]},
        "plural_pt": {"type": "pattern_replace", "pattern": "^(.{2,})(oes|aes)$", "replacement": "$1ao"},
        "stem_pt": {"type": "stemmer", "language": "light_portuguese"},
        "possessive_en": {"type": "stemmer", "language": "possessive_english"},
        "stop_en": {"type": "stop", "stopwords": "_english_"},
        "stem_en": {"type": "stemmer", "language": "english"},
        "starts": {"type": "edge_ngram", "min_gram": START_MIN, "max_gram": START_MAX},
    },
    "analyzer": {
        "pt": {"type": "custom", "tokenizer": "standard", "filter": _PORTUGUESE},
        "en": {"type": "custom", "tokenizer": "standard", "filter": _ENGLISH},
        "xx": {"type": "custom", "tokenizer": "standard", "filter": _FOLDED},
        "folded": {"type": "custom", "tokenizer": "standard", "filter": _FOLDED},
        "starting": {"type": "custom", "tokenizer": "standard", "filter": [*_FOLDED, "starts"]},
    },
    "normalizer": {"folded": {"type": "custom", "filter": _FOLDED}},
}

KEYWORD: dict[str, Any] = {"type": "keyword", "ignore_above": KEYWORD_CHARS_MAX}
#: Kept in the source, not searched.
STORED: dict[str, Any] = {"type": "object", "enabled": False}
_FACET = {"type": "nested", "properties": {"facet": KEYWORD, "value": KEYWORD}}
_NUMBER = {"type": "nested", "properties": {"facet": KEYWORD, "number": {"type": "double"}}}


def _text(language: str, **more: Any) -> dict[str, Any]:
    exact = {"type": "text", "analyzer": "folded"}
    return {"type": "text", "analyzer": language, "fields": {"exact": exact, **more}}


def _texts(language: str) -> dict[str, Any]:
    start = {
        "type": "text",
        "analyzer": "starting",
        "search_analyzer": "folded",
        "index_options": "docs",
        "norms": False,
    }
    everything = {"copy_to": f"all_{language}"}
    return {
        f"title_{language}": {**_text(language, start=start), **everything},
        f"words_{language}": {**_text(language, start=start), **everything},
        f"body_{language}": {**_text(language), **everything},
        f"all_{language}": {**_text(language), "norms": False},
    }
