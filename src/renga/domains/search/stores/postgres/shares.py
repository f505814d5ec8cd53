"""Estimates how many documents of a large index match a query's words, from PostgreSQL's statistics.

The planner's own estimate is bad when some of the words are enough; a wrong estimate reads the whole table.
"""

import time
from collections.abc import Iterable, Mapping, Sequence

import asyncpg
import msgspec

from renga.domains.search.stores.cursors import TIERS
from renga.domains.search.stores.postgres.asking import Form, Word, forms
from renga.domains.search.stores.postgres.generations import Tables

#: In smaller indexes all matches of common words are read.
LARGE = 50_000
KEPT_S = 60.0
#: The column of the numbers in the statistics of an index of words.
_NUMBERS = "expr"

_STATISTICS = """
SELECT attname, coalesce(most_common_elems::text::text[], most_common_vals::text::text[]),
       coalesce(most_common_elem_freqs, most_common_freqs)
FROM pg_stats WHERE schemaname = 'search' AND (
    (tablename = $1 AND attname IN ('in_title', 'terms', 'tokens', 'brand_key')) OR (tablename = $2 AND attname = 'expr'))
"""


class Shares(msgspec.Struct, frozen=True):
    """The share of documents with each common value, by column; values that are absent here are rare."""

    documents: int = 0
    common: Mapping[str, Mapping[str, float]] = {}

    @property
    def tiers(self) -> dict[int, float]:
        """The share of documents in each tier."""
        numbered = {int(number): share for number, share in self.common.get(_NUMBERS, {}).items()}
        return {number: share for number, share in numbered.items() if 1 <= number <= TIERS}

    def expected(self, column: str, sets: Iterable[Sequence[Word]], *, near: bool) -> float:
        """The expected number of documents that have all words of one of the sets, assuming independent words."""
        return self.documents * min(sum(self._of_all(column, words, near=near) for words in sets), 1.0)

    def of_any(self, column: str, values: Iterable[str]) -> float:
        """An upper bound of the share of documents with one of these values."""
        return min(sum(self.common.get(column, {}).get(one, self._rare(column)) for one in values), 1.0)

    def of_lexemes(self, column: str, lexemes: Mapping[str, int]) -> float:
        """An upper bound of the share of documents with one of these lexemes; ``lexemes`` has their document counts."""
        known = (self._of_lexeme(column, lexeme, documents) for lexeme, documents in lexemes.items())
        return min(sum(known), 1.0)

    def _of_all(self, column: str, words: Sequence[Word], *, near: bool) -> float:
        share = 1.0
        for word in words:
            share *= self.of_word(column, word, near=near)
        return share

    def of_word(self, column: str, word: Word, *, near: bool) -> float:
        """The share with any form of the word. Forms are assumed to be in the same documents, longer words in others."""
        ways = forms(word, near=near)
        own = max(self._of_form(column, form, word) for form in ways if form.documents is None)
        longer = sum(self._of_form(column, form, word) for form in ways if form.documents is not None)
        return min(own + longer, 1.0)

    def _of_form(self, column: str, form: Form, word: Word) -> float:
        common = self.common.get(column, {})
        if form.begun:
            return sum(share for one, share in common.items() if one.startswith(form.lexeme)) or self._rare(column)
        return self._of_lexeme(column, form.lexeme, word.documents if form.documents is None else form.documents)

    def _of_lexeme(self, column: str, lexeme: str, known: int) -> float:
        common = self.common.get(column, {})
        if lexeme in common:
            return common[lexeme]
        # the vocabulary counts titles and words only; such a word is in more documents by their descriptions
        least = self._rare(column) / 2 if known and column == "terms" else 0.0
        return max(min(self._rare(column), known / max(self.documents, 1)), least)

    def _rare(self, column: str) -> float:
        """An upper bound of the share of a value that is not among the common ones."""
        return min(self.common.get(column, {}).values(), default=0.0)


class KnownShares:
    """A cache of the last generation's shares, for KEPT_S; empty shares if it has fewer than ``large`` documents."""

    def __init__(self, large: int = LARGE) -> None:
        self._large = large
        self._tables: Tables | None = None
        self._until = 0.0
        self._shares = Shares()

    async def get(self, connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables) -> Shares:
        """The shares; they always include the number of documents."""
        if self._tables == tables and time.monotonic() < self._until:
            return self._shares
        documents = await _size(connection, tables)
        if documents < self._large:
            return Shares(documents)
        rows = await connection.fetch(_STATISTICS, tables.documents.partition(".")[2], tables.word_index)
        # the last frequencies belong to no element: least, greatest, share of NULLs
        by_column = {row[0]: dict(zip(row[1] or (), row[2] or (), strict=False)) for row in rows}
        self._shares = Shares(documents, by_column)
        self._tables, self._until = tables, time.monotonic() + KEPT_S
        return self._shares


async def _size(connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables) -> int:
    """The approximate number of documents by the planner's statistics; counted if they have none."""
    known = await connection.fetchval(
        "SELECT CASE WHEN reltuples > 5000 THEN reltuples::bigint END FROM pg_class WHERE oid = $1::regclass",
        tables.documents,
    )
    if known is None:
        known = await connection.fetchval(
            f"SELECT count(*) FROM (SELECT 1 FROM {tables.documents} LIMIT 10000) AS seen"
        )
    return int(known)
