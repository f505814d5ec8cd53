"""Three ways to understand the words of a question, each looser than the one before."""

from collections.abc import Sequence

import asyncpg
import msgspec

from renga.search.stores.postgres import asking, words
from renga.search.stores.postgres.asking import Word
from renga.search.stores.postgres.generations import Tables
from renga.search.stores.postgres.shares import Shares

LAST = 2
#: The share of documents that have a word from which on it is not asked of an index.
EVERYWHERE = 0.4
#: What means the same counts a little less.
SYNONYM = 0.8


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One way to understand the words: sets of words of which one must be there whole, as a tsquery; an SQL score."""

    sets: tuple[tuple[Word, ...], ...]
    near: bool
    score: str

    @property
    def found(self) -> str:
        """The tsquery."""
        return self.found_in("")

    def found_in(self, weights: str) -> str:
        """The tsquery for places of these weights."""
        return self._query(self.sets, weights)

    def matches(self, column: str, shares: Shares) -> str:
        """SQL: has a document the words in this column? Words that every other document has are looked for in the documents
        which have the others: an index would go through all of theirs."""
        rarer = tuple(self._rarer(words, column, shares) for words in self.sets)
        whole = f"{column} @@ {asking.literal(self.found)}::tsquery"
        if rarer == self.sets:
            return whole
        return f"{column} @@ {asking.literal(self._query(rarer))}::tsquery AND ({whole}) IS TRUE"

    def _rarer(self, words: tuple[Word, ...], column: str, shares: Shares) -> tuple[Word, ...]:
        """Those that are not everywhere, or the rarest."""
        by_share = sorted((shares.of_word(column, word, near=self.near), place) for place, word in enumerate(words))
        kept = {place for n, (share, place) in enumerate(by_share) if share <= EVERYWHERE or n == 0}
        return tuple(word for place, word in enumerate(words) if place in kept)

    def _query(self, sets: Sequence[Sequence[Word]], weights: str = "") -> str:
        return " | ".join(f"({asking.all_of(one, near=self.near, weights=weights)})" for one in sets)


async def attempt_at(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tables: Tables,
    asked: Sequence[list[Word]],
    documents: int,
    number: int,
) -> Attempt:
    """``asked``: the words of the text, then of what means the same; ``number`` from 0 to LAST."""
    near = number > 0
    ways = await words.with_begun(connection, tables, asked, near=near)
    if near:
        ways = await words.with_near(connection, tables, ways[:1] if number == 1 else ways)
    ways = [one for one in ways if one]
    if number == LAST:
        # small talk is near some word or other: what is known counts, where anything is
        ways = [[word for word in one if word.documents] or one for one in ways]
        sets = tuple(dict.fromkeys(some for one in ways for some in asking.enough_of(one, documents)))
    else:
        sets = tuple(tuple(one) for one in ways)
    return Attempt(sets=sets, near=near, score=_best_score(ways, documents, near=near))


def _best_score(asked: Sequence[Sequence[Word]], documents: int, *, near: bool) -> str:
    """SQL: the score for the words as they were asked, or in other words that mean the same, whichever is more."""
    scores = [
        f"{asking.score(one, documents, near=near)}{'' if place == 0 else f' * {SYNONYM}'}"
        for place, one in enumerate(asked)
    ]
    return scores[0] if len(scores) == 1 else f"greatest({', '.join(scores)})"
