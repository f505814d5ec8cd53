"""Three ways to understand the words of a question, each looser than the one before."""

from collections.abc import Sequence

import asyncpg
import msgspec

from renga.domains.search.stores.postgres import asking, words
from renga.domains.search.stores.postgres.asking import Word
from renga.domains.search.stores.postgres.generations import Tables
from renga.domains.search.stores.postgres.shares import Shares

LAST = 2
#: The share of documents that have a word from which on it is not asked of an index.
EVERYWHERE = 0.4
#: One in so many documents is taken to have a word that no title has.
TALK = 20
#: What means the same counts a little less.
SYNONYM = 0.8


class Interpretation(msgspec.Struct, frozen=True, kw_only=True):
    """One way to understand the words: sets of words of which one must be there whole, as a tsquery; an SQL score.

    ``whole``: all words, where the sets are only some of them; who has them all is a candidate, however many have some.
    """

    sets: tuple[tuple[Word, ...], ...]
    near: bool
    score: str
    whole: tuple[tuple[Word, ...], ...] = ()

    @property
    def found(self) -> str:
        """The tsquery."""
        return self.found_in("")

    def found_in(self, weights: str) -> str:
        """The tsquery for places of these weights."""
        return self._query(self.sets, weights)

    def matches(self, column: str, shares: Shares) -> str:
        """SQL: has a document the words in this column?"""
        return self._matches(self.sets, column, shares)

    def matches_whole(self, shares: Shares) -> str:
        """SQL: has a document all words?"""
        return self._matches(self.whole, "terms", shares)

    def _matches(self, sets: tuple[tuple[Word, ...], ...], column: str, shares: Shares) -> str:
        """Words that every other document has are looked for in the documents which have the others: an index would go through
        all of theirs."""
        rarer = tuple(self._rarer(words, column, shares) for words in sets)
        exactly = f"{column} @@ {asking.literal(self._query(sets))}::tsquery"
        if rarer == sets:
            return exactly
        return f"{column} @@ {asking.literal(self._query(rarer))}::tsquery AND ({exactly}) IS TRUE"

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
) -> Interpretation:
    """``asked``: the words of the text, then of what means the same; ``number`` from 0 to LAST."""
    near, whole = number > 0, tuple[tuple[Word, ...], ...]()
    ways = await words.with_begun(connection, tables, asked, near=near)
    if near:
        ways = await words.with_near(connection, tables, ways[:1] if number == 1 else ways)
    ways = [one for one in ways if one]
    if number == LAST:
        # small talk is near some word or other: what is known must be there, where anything is known
        known = [[word for word in one if word.documents] or one for one in ways]
        sets = tuple(dict.fromkeys(some for one in known for some in asking.enough_of(one, documents)))
        whole = tuple(tuple(one) for one in ways)
        ways = [_modest(one, documents) for one in ways]
    else:
        sets = tuple(tuple(one) for one in ways)
    return Interpretation(sets=sets, near=near, score=_best_score(ways, documents, near=near), whole=whole)


def _modest(words: Sequence[Word], documents: int) -> list[Word]:
    """What no title knows but perhaps a description says little: as little as a word of many documents."""
    return [word if word.documents else msgspec.structs.replace(word, documents=documents // TALK) for word in words]


def _best_score(asked: Sequence[Sequence[Word]], documents: int, *, near: bool) -> str:
    """SQL: the score for the words as they were asked, or in other words that mean the same, whichever is more."""
    scores = [
        f"{asking.score(one, documents, near=near)}{'' if place == 0 else f' * {SYNONYM}'}"
        for place, one in enumerate(asked)
    ]
    return scores[0] if len(scores) == 1 else f"greatest({', '.join(scores)})"
