"""Analysis and mapping of an index, as data that OpenSearch and Elasticsearch 7.10 both accept.

Each text is stored per language (``LANGUAGES``; ``xx`` for all others) in three fields by weight: ``title``, ``words`` (brand,
categories, options, attributes) and ``body``. All three are copied to ``all``, which is used for matching; the three are used
for the score. ``.exact`` has folded whole words, ``.start`` their prefixes. Attributes are nested pairs of a facet's name and
value, so that a thousand names do not need a thousand fields.
"""

from typing import Any

#: Languages with stemming; texts in another language are stored under OTHER.
LANGUAGES = ("pt", "en")
OTHER = "xx"
#: Least and greatest length of indexed prefixes.
START_MIN, START_MAX = 2, 12
KEYWORD_CHARS_MAX = 512
#: Elements of nested facets per product; the document's own limits are lower.
NESTED_MAX = 2_000
FIELDS_MAX = 200
#: Length of a regular expression for all facets of a query.
PATTERN_CHARS_MAX = 10_000

# Folded before stemming, so that missing accents make no difference. The stemmer's rule for the accented plural is added here:
# botões and botoes have the same stem as botão.
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
#: Stored, but not searchable.
STORED: dict[str, Any] = {"type": "object", "enabled": False}
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


def settings() -> dict[str, Any]:
    """One shard: it is enough for a shop's products, and its counts are exact."""
    return {
        "number_of_shards": 1,
        "auto_expand_replicas": "0-1",
        "refresh_interval": "500ms",
        "mapping.total_fields.limit": FIELDS_MAX,
        "mapping.nested_objects.limit": NESTED_MAX,
        "max_result_window": 10_000,
        "max_regex_length": PATTERN_CHARS_MAX,
        "analysis": ANALYSIS,
    }


def mappings() -> dict[str, Any]:
    """``tokens`` are facet, language and value in one keyword; ``standing`` is the order of results without words."""
    properties: dict[str, Any] = {}
    for language in (*LANGUAGES, OTHER):
        properties |= _texts(language) | {f"sort_{language}": KEYWORD}
    names = ("product_id", "slug", "brand", "brand_key", "keys", "channels", "common", "tokens", "created_at")
    properties |= dict.fromkeys(names, KEYWORD)
    properties |= {
        "version": {"type": "long"},
        "gone": {"type": "boolean"},
        "available": {"type": "boolean"},
        "popularity": {"type": "double"},
        "standing": {"type": "double"},
        "numbers": _NUMBER,
        "prices": {"type": "object", "dynamic": True},
        "skus": STORED,
        "titles": STORED,
        "image": {"type": "keyword", "index": False, "doc_values": False},
    }
    price = {"prices": {"path_match": "prices.*", "mapping": {"type": "long"}}}
    return {"dynamic": False, "dynamic_templates": [price], "properties": properties}
