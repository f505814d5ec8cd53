"""Writes documents and removals to the tables of a generation; later versions are kept."""

from collections import Counter
from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from renga.domains.search.model.document import Document
from renga.domains.search.model.folding import key_of, words_of
from renga.domains.search.model.spelling import shown_words
from renga.domains.search.model.tokens import tokens_of
from renga.domains.search.ports import Removal
from renga.domains.search.stores.postgres.generations import Tables
from renga.domains.search.stores.postgres.terms import joined, stemmable

_encode = msgspec.json.Encoder().encode

# The same version may be written again: a category's title or a type's facets may have changed.
_PUT = """
INSERT INTO {documents} AS present (
    product_id, version, gone, slug, terms, in_title, title_size, brand, brand_key, keys, skus, channels, common, tokens, numbers,
    prices, titles, image, available, popularity, created_at
) VALUES (
    $1, $2, false, $3,
    setweight(
        to_tsvector('simple', $4) || to_tsvector('pg_catalog.portuguese', $5) || to_tsvector('pg_catalog.english', $6), 'A')
    || setweight(
        to_tsvector('simple', $7) || to_tsvector('pg_catalog.portuguese', $8) || to_tsvector('pg_catalog.english', $9), 'B')
    || setweight(
        to_tsvector('simple', $10) || to_tsvector('pg_catalog.portuguese', $11) || to_tsvector('pg_catalog.english', $12), 'D'),
    to_tsvector('simple', $4) || to_tsvector('pg_catalog.portuguese', $5) || to_tsvector('pg_catalog.english', $6),
    $13, $14, $15, $16, $17::jsonb, $18, $19, $20, $21::jsonb, $22::jsonb, $23::jsonb, $24, $25, $26, $27
)
ON CONFLICT (product_id) DO UPDATE SET
    version = excluded.version, gone = false, slug = excluded.slug, terms = excluded.terms, in_title = excluded.in_title,
    title_size = excluded.title_size,
    brand = excluded.brand, brand_key = excluded.brand_key, keys = excluded.keys, skus = excluded.skus,
    channels = excluded.channels, common = excluded.common, tokens = excluded.tokens,
    numbers = excluded.numbers, prices = excluded.prices, titles = excluded.titles, image = excluded.image,
    available = excluded.available, created_at = excluded.created_at
WHERE present.version < excluded.version OR (present.version = excluded.version AND NOT present.gone)
"""

_REMOVE = """
INSERT INTO {documents} AS present (
    product_id, version, gone, slug, terms, in_title, title_size, keys, skus, channels, common, tokens, numbers, prices, titles,
    available, created_at
) SELECT product_id, version, true, '', '', '', 0, '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', false,
    ''
FROM unnest($1::text[], $2::bigint[]) AS removed(product_id, version) ORDER BY product_id
ON CONFLICT (product_id) DO UPDATE SET
    version = excluded.version, gone = true, terms = '', in_title = '', keys = '{{}}', skus = '{{}}',
    channels = '{{}}', common = '{{}}', tokens = '{{}}', numbers = '{{}}',
    prices = '{{}}', titles = '{{}}', brand = NULL, brand_key = NULL, image = NULL, available = false
WHERE present.version <= excluded.version
"""

# Document counts of words are increased for new documents only; changed documents only add new words.
_ADD_WORDS = """
INSERT INTO {words} AS present (word, shown, pt, en, tags, documents)
SELECT word, shown, (tsvector_to_array(to_tsvector('pg_catalog.portuguese', pt)))[1],
       (tsvector_to_array(to_tsvector('pg_catalog.english', en)))[1], string_to_array(tags, ' '), documents
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[]) AS seen(word, shown, pt, en, tags, documents)
ORDER BY word
ON CONFLICT (word) {known}
"""
_COUNT_AGAIN = """DO UPDATE SET documents = present.documents + excluded.documents,
    tags = CASE WHEN present.tags @> excluded.tags THEN present.tags
                ELSE ARRAY(SELECT DISTINCT unnest(present.tags || excluded.tags)) END
"""

_POPULARITY = """
UPDATE {documents} d SET popularity = scored.popularity
FROM unnest($1::text[], $2::real[]) AS scored(product_id, popularity)
WHERE d.product_id = scored.product_id AND NOT d.gone
"""


async def put(connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, documents: Sequence[Document]) -> None:
    """In the order of their ids, so that two writers cannot deadlock."""
    ordered = sorted({one.product_id: one for one in documents}.values(), key=lambda one: one.product_id)
    ids = [one.product_id for one in ordered]
    there = await connection.fetch(f"SELECT product_id FROM {tables.documents} WHERE product_id = ANY($1::text[])", ids)
    known = {row[0] for row in there}
    await connection.executemany(_PUT.format(documents=tables.documents), [_row(one) for one in ordered])
    await _add_words(connection, tables, [one for one in ordered if one.product_id not in known], _COUNT_AGAIN)
    await _add_words(connection, tables, [one for one in ordered if one.product_id in known], "DO NOTHING")


async def remove(connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, removals: Sequence[Removal]) -> None:
    latest: dict[str, int] = {}
    for one in removals:
        latest[one.product_id] = max(one.version, latest.get(one.product_id, 0))
    await connection.execute(_REMOVE.format(documents=tables.documents), list(latest), list(latest.values()))


async def set_popularity(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, scores: Mapping[str, float]
) -> None:
    ids = sorted(scores)
    await connection.execute(_POPULARITY.format(documents=tables.documents), ids, [scores[one] for one in ids])


def _row(document: Document) -> tuple[object, ...]:
    texts = document.texts
    titles, words, rest = (
        {tag: getattr(text, name) for tag, text in texts.items()} for name in ("title", "words", "body")
    )
    skus = " ".join(f"{sku} {key_of(sku)}" for sku in dict.fromkeys(document.keys.values()))
    tokens = tokens_of(document)
    keys = [*document.keys, *(f"title:{key_of(title)}" for title in titles.values())]
    return (
        document.product_id,
        document.version,
        document.slug,
        *_analysed(titles),
        *_analysed(words, more=skus),
        *_analysed(rest),
        max((len(words_of(title)) for title in titles.values()), default=0),
        document.brand,
        key_of(document.brand) if document.brand else None,
        list(dict.fromkeys(keys)),
        _encode(document.keys).decode(),
        list(document.channels),
        [one for one in tokens if not one.startswith("attribute.")],
        tokens,
        _encode({one.facet: one.number for one in document.numbers}).decode(),
        _encode(document.prices).decode(),
        _encode(_titles(document)).decode(),
        document.image,
        document.available,
        document.popularity,
        document.created_at,
    )


def _titles(document: Document) -> dict[str, str]:
    """For display by language tag; folded for sorting, under ``~`` and the primary subtag."""
    sortable = {f"~{tag}": joined(text.title) for tag, text in document.texts.items()}
    return document.titles | sortable


def _analysed(texts: Mapping[str, str], more: str = "") -> tuple[str, str, str]:
    """The texts as written (every language), for the Portuguese stemmer, for the English stemmer."""
    written = " ".join(dict.fromkeys([*texts.values(), more]))
    return joined(written), stemmable(texts.get("pt", ""), "pt"), stemmable(texts.get("en", ""), "en")


async def _add_words(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, documents: Sequence[Document], known: str
) -> None:
    """Adds the documents' words to the vocabulary; ``known`` is the ON CONFLICT action for existing words."""
    counts: Counter[str] = Counter()
    shown: dict[str, str] = {}
    tags: dict[str, set[str]] = {}
    for document in documents:
        here: set[str] = set()
        for tag, text in document.texts.items():
            for word, written in shown_words(f"{text.title} {text.words}").items():
                here.add(word)
                tags.setdefault(word, set()).add(tag)
                # prefer a form with accents for display
                if word not in shown or (shown[word] == word and written != word):
                    shown[word] = written
        counts.update(here)
    if counts:
        names = list(counts)
        await connection.execute(
            _ADD_WORDS.format(words=tables.words, known=known),
            names,
            [shown[one] for one in names],
            [stemmable(one, "pt") for one in names],
            [stemmable(one, "en") for one in names],
            [" ".join(sorted(tags[one])) for one in names],
            [counts[one] for one in names],
        )
