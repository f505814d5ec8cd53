"""The vocabulary of a generation: the words of a query, similar known words, completions."""

from collections.abc import Sequence

import asyncpg
import msgspec

from renga.domains.search.model.folding import NEGATIONS, fold, primary, words_of
from renga.domains.search.model.spelling import distance, edits_allowed
from renga.domains.search.stores.postgres.asking import Word
from renga.domains.search.stores.postgres.generations import Tables
from renga.domains.search.stores.postgres.terms import stemmable

#: Known words that are compared with an unknown word, and similar ones that are used.
NEAR_LOOKED_AT, NEAR_MAX = 60, 4
#: Completions of an incomplete word.
BEGUN_MAX = 30

# How many documents have the word in any form: as written, or with the same stem in one of its languages.
_WORDS = """
WITH asked AS (
    SELECT word, nth, tsvector_to_array(to_tsvector('pg_catalog.portuguese', pt)) AS pt,
           tsvector_to_array(to_tsvector('pg_catalog.english', en)) AS en
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS given(word, pt, en, nth)
)
SELECT asked.word, asked.pt, asked.en,
       (SELECT coalesce(sum(w.documents), 0) FROM {words} w
        WHERE w.word = asked.word OR (w.pt = asked.pt[1] AND 'pt' = ANY (w.tags))
           OR (w.en = asked.en[1] AND 'en' = ANY (w.tags))),
       coalesce((SELECT w.tags FROM {words} w WHERE w.word = asked.word), '{{}}')
FROM asked ORDER BY nth
"""

# The most frequent words with the prefix. (A prefix search in the word index would read the documents of all such words.)
_BEGUN = """
SELECT asked.word, longer.word, longer.documents FROM unnest($1::text[]) AS asked(word) CROSS JOIN LATERAL (
    SELECT word, documents FROM {words} w WHERE w.word > asked.word AND w.word < asked.word || '{{'
    ORDER BY documents DESC, word LIMIT $2
) AS longer ORDER BY longer.documents DESC, longer.word
"""

# Trigrams find most; swapped letters in a short word leave no common trigram, so words with the same first letter are read too.
_NEAR = """
(SELECT word, shown, documents FROM {words} WHERE word % $1 ORDER BY similarity(word, $1) DESC, documents DESC LIMIT $2)
UNION
(SELECT word, shown, documents FROM {words} WHERE word LIKE $3 AND length(word) BETWEEN $4 AND $5
 ORDER BY documents DESC LIMIT $2 * 8)
"""


async def analyse(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, text: str, language: str
) -> list[Word]:
    """The words of a query without stop words of its language (unless there are only stop words)."""
    written = list(dict.fromkeys(words_of(text)))
    if not written:
        return []
    stems = [[stemmable(word, tag) for word in written] for tag in ("pt", "en")]
    rows = await connection.fetch(_WORDS.format(words=tables.words), written, *stems)
    asked = primary(language)
    found = [_word(row, asked) for row in rows]
    kept = [word for word, says in found if says] or [word for word, _ in found]
    ends = "" if text.endswith(" ") else kept[-1].written
    return [msgspec.structs.replace(word, last=word.written == ends, alone=len(kept) == 1) for word in kept]


def _word(row: asyncpg.Record, asked: str) -> tuple[Word, bool]:
    """The word, and whether it is not a stop word in the query's language."""
    written, stems = row[0], {"pt": row[1], "en": row[2]}
    own = stems.get(asked, [])
    foreign = [stem for tag, found in stems.items() if tag != asked for stem in found if stem not in own]
    word = Word(
        written=written,
        stems=tuple(own),
        foreign_stems=tuple(dict.fromkeys(foreign)),
        documents=int(row[3]),
        is_foreign=bool(row[4]) and asked not in row[4],
    )
    return word, asked not in stems or bool(own) or written in NEGATIONS.get(asked, ())


async def with_near(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, asked: Sequence[Sequence[Word]]
) -> list[list[Word]]:
    """The words of each variant; unknown words with their similar known words."""
    near: dict[str, tuple[str, ...]] = {}
    for word in (word for words in asked for word in words):
        if word.written not in near:
            found = () if word.documents else await nearest(connection, tables, word.written)
            near[word.written] = tuple(one for one, _ in found)
    return [[msgspec.structs.replace(word, near=near[word.written]) for word in words] for words in asked]


async def with_begun(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, asked: Sequence[Sequence[Word]], *, near: bool
) -> list[list[Word]]:
    """The words of each variant; possibly incomplete words with their completions."""
    begun = {word.written for words in asked for word in words if word.may_be_begun(near=near)}
    longer = await beginning_with(connection, tables, sorted(begun)) if begun else {}
    return [[_with_longer(word, longer.get(word.written, [])) for word in words] for words in asked]


async def beginning_with(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, begun: Sequence[str]
) -> dict[str, list[tuple[str, int]]]:
    """The most frequent longer words with each prefix, and the number of their documents."""
    longer: dict[str, list[tuple[str, int]]] = {}
    for row in await connection.fetch(_BEGUN.format(words=tables.words), begun, BEGUN_MAX):
        longer.setdefault(row[0], []).append((row[1], row[2]))
    return longer


def _with_longer(word: Word, longer: list[tuple[str, int]]) -> Word:
    """A word that is more frequent than its completions together is complete."""
    others = sum(documents for _, documents in longer)
    return msgspec.structs.replace(word, begun=tuple(longer) if others > word.documents else ())


async def nearest(connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, word: str) -> list[tuple[str, str]]:
    """Known words within ``most`` edits, the nearest and most frequent first: folded form, display form."""
    most = edits_allowed(word)
    if most == 0:
        return []
    rows = await connection.fetch(
        _NEAR.format(words=tables.words), word, NEAR_LOOKED_AT, f"{word[0]}%", len(word) - most, len(word) + most
    )
    ranked = sorted(
        (distance(word, row[0], most), -int(row[2]), str(row[0]), str(row[1]))
        for row in rows
        if edits_allowed(row[0]) or len(row[0]) >= len(word)
    )
    return [(one, shown) for slips, _, one, shown in ranked if slips <= most][:NEAR_MAX]


async def corrected(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, text: str, language: str
) -> str | None:
    """The text with its unknown words corrected; None if no word is unknown or none can be corrected."""
    mended: dict[str, str] = {}
    for word in await analyse(connection, tables, text, language):
        if word.documents:
            continue
        near = await nearest(connection, tables, word.written)
        if not near:
            return None
        mended[word.written] = near[0][1]
    if not mended:
        return None
    return " ".join(mended.get(fold(word), word) for word in text.lower().split())
