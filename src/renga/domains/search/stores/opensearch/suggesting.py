"""Suggestions for a partial text, and corrections of unknown words."""

from collections import Counter
from typing import Any

from renga.domains.search.contract import Suggestion
from renga.domains.search.model.document import EVERYWHERE
from renga.domains.search.model.folding import fold, key_of, text_for, words_of
from renga.domains.search.model.spelling import distance, edits_allowed, shown_words
from renga.domains.search.stores.opensearch import matching
from renga.domains.search.stores.opensearch.connection import OpenSearchConnection
from renga.domains.search.stores.opensearch.mapping import LANGUAGES, OTHER, START_MAX

LOOKED_AT, COMPLETIONS_MAX = 50, 3


async def suggest(
    connection: OpenSearchConnection, alias: str, text: str, language: str, channel: str, limit: int
) -> tuple[Suggestion, ...]:
    """Words first, then brands, then products by standing."""
    words = words_of(text)
    if not words or limit < 1:
        return ()
    sold = [{"term": {"gone": False}}, {"terms": {"channels": [EVERYWHERE, channel]}}]
    typed = " ".join(word[:START_MAX] for word in words)
    begun = [{"match": {f"title_{one}.start": {"query": typed, "operator": "and"}}} for one in (*LANGUAGES, OTHER)]
    body: dict[str, Any] = {
        "size": LOOKED_AT,
        "_source": ["titles", "slug", "image"],
        "query": {"bool": {"filter": sold, "should": begun, "minimum_should_match": 1}},
        "sort": [{"standing": "desc"}, {"created_at": "desc"}, {"product_id": "asc"}],
    }
    brands = {
        "size": 0,
        "query": {"bool": {"filter": [*sold, {"prefix": {"brand_key": key_of(text)}}]}},
        "aggs": {"brands": {"terms": {"field": "brand", "size": COMPLETIONS_MAX}}},
    }
    answer = await connection.call("POST", alias, "_search", body=body)
    branded = await connection.call("POST", alias, "_search", body=brands)
    sources = [hit["_source"] for hit in answer["hits"]["hits"]]
    before = text.strip().lower().split()[:-1]
    found = [
        Suggestion(kind="query", text=" ".join([*before, word])) for word in _completions(sources, words[-1], language)
    ]
    found += [Suggestion(kind="brand", text=one["key"]) for one in branded["aggregations"]["brands"]["buckets"]]
    found += [
        Suggestion(
            kind="product", text=text_for(one["titles"], language) or one["slug"], slug=one["slug"], image=one["image"]
        )
        for one in sources
    ]
    return tuple(found[:limit])


def _completions(sources: list[dict[str, Any]], begun: str, language: str) -> list[str]:
    """Words of the found titles with this prefix, the most frequent first."""
    counts: Counter[str] = Counter()
    for source in sources:
        shown = shown_words(text_for(source["titles"], language))
        counts.update(written for folded, written in shown.items() if folded.startswith(begun) and folded != begun)
    return [word for word, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:COMPLETIONS_MAX]]


async def correct(connection: OpenSearchConnection, alias: str, text: str, language: str) -> str | None:
    """The text with its unknown words corrected; None if no word is unknown or none can be corrected."""
    tag = matching.language_of(language)
    words = list(dict.fromkeys(words_of(text)))
    if not words:
        return None
    known = await _known(connection, alias, words, tag)
    mended: dict[str, str] = {}
    for word in words:
        if word not in known:
            near = await _nearest(connection, alias, word, tag)
            if near is None:
                return None
            mended[word] = near
    if not mended:
        return None
    return " ".join(mended.get(fold(word), word) for word in text.lower().split())


async def _known(connection: OpenSearchConnection, alias: str, words: list[str], tag: str) -> set[str]:
    """The words that are in some product, in any form or language."""
    fields = [f"all_{one}{form}" for one in (*LANGUAGES, OTHER) for form in ("", ".exact")]
    filters = {str(n): {"multi_match": {"query": word, "fields": fields}} for n, word in enumerate(words)}
    body = {
        "size": 0,
        "query": {"term": {"gone": False}},
        "aggs": {"words": {"filters": {"filters": filters}}},
    }
    answer = await connection.call("POST", alias, "_search", body=body)
    buckets = answer["aggregations"]["words"]["buckets"]
    return {word for n, word in enumerate(words) if buckets[str(n)]["doc_count"]}


async def _nearest(connection: OpenSearchConnection, alias: str, word: str, tag: str) -> str | None:
    most = edits_allowed(word)
    if most == 0:
        return None
    term = {"field": f"all_{tag}.exact", "suggest_mode": "always", "max_edits": most, "prefix_length": 1, "size": 10,
            "min_word_length": 3, "sort": "score"}  # fmt: skip
    body = {"size": 0, "suggest": {"near": {"text": word, "term": term}}}
    answer = await connection.call("POST", alias, "_search", body=body)
    options = [one for entry in answer["suggest"]["near"] for one in entry["options"]]
    ranked = sorted((distance(word, one["text"], most), -one["freq"], one["text"]) for one in options)
    best = next((text for slips, _, text in ranked if slips <= most), None)
    return None if best is None else await _as_written(connection, alias, best, tag)


async def _as_written(connection: OpenSearchConnection, alias: str, word: str, tag: str) -> str:
    """The word with its accents, taken from a product's text."""
    fields = [f"{part}_{tag}.exact" for part in ("title", "words")]
    sources = [f"{part}_{tag}" for part in ("title", "words")]
    body = {"size": 1, "_source": sources, "query": {"multi_match": {"query": word, "fields": fields}}}
    answer = await connection.call("POST", alias, "_search", body=body)
    for hit in answer["hits"]["hits"]:
        for text in hit["_source"].values():
            if word in (shown := shown_words(text)):
                return shown[word]
    return word
