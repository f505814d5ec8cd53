"""What share of a large index a question's words find, from the planner's statistics: decides how candidates are looked for.

The planner guesses badly for words that are begun and for words of which some are enough; a wrong guess reads the whole table.
"""

import time
from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from renga.search.stores.postgres.asking import Word, forms
from renga.search.stores.postgres.generations import Tables

#: Smaller indexes are left to the planner: there a wrong guess costs little.
LARGE = 50_000
KEPT_S = 60.0

_COMMON = """
SELECT attname, most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats
WHERE schemaname = 'search' AND tablename = $1 AND attname IN ('in_title', 'terms')
"""


class Shares(msgspec.Struct, frozen=True):
    """The share of documents in which each common lexeme stands, by column; a lexeme that is not there is rare."""

    documents: int = 0
    common: Mapping[str, Mapping[str, float]] = {}

    def of(self, column: str, sets: Sequence[Sequence[Word]], *, near: bool) -> float:
        """The share that has one of the sets of words whole, as if words came independently of each other."""
        common = self.common.get(column, {})
        return min(sum(_of_all(common, words, near=near) for words in sets), 1.0)

    def are_common(self, column: str, sets: Sequence[Sequence[Word]], *, near: bool, wanted: int) -> bool:
        """Whether ``wanted`` of them are sooner met by reading all documents in order than by reading all that match."""
        return self.of(column, sets, near=near) ** 2 * self.documents > wanted


def _of_all(common: Mapping[str, float], words: Sequence[Word], *, near: bool) -> float:
    share = 1.0
    for word in words:
        lexemes: set[str] = set()
        for form in forms(word, near=near):
            lexemes |= {one for one in common if one.startswith(form.lexeme)} if form.begun else {form.lexeme}
        share *= min(sum(common.get(one, 0.0) for one in lexemes), 1.0)
    return share


class KnownShares:
    """The shares of the generation that was asked last, for a minute; of one with fewer than ``large`` documents, none."""

    def __init__(self, large: int = LARGE) -> None:
        self._large = large
        self._tables: Tables | None = None
        self._until = 0.0
        self._shares = Shares()

    async def get(
        self, connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, documents: int
    ) -> Shares | None:
        if documents < self._large:
            return None
        if self._tables != tables or time.monotonic() > self._until:
            rows = await connection.fetch(_COMMON, tables.documents.partition(".")[2])
            # the last numbers are no lexeme's: the least, the greatest, the share of NULLs
            by_column = {row[0]: dict(zip(row[1] or (), row[2] or (), strict=False)) for row in rows}
            self._shares = Shares(documents, by_column)
            self._tables, self._until = tables, time.monotonic() + KEPT_S
        return self._shares
