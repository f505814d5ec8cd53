"""Three interpretations of a query's words, each looser than the one before."""

from collections.abc import Sequence

import asyncpg
import msgspec

from renga.domains.search.stores.postgres import asking, words
from renga.domains.search.stores.postgres.asking import Word
from renga.domains.search.stores.postgres.generations import Tables
from renga.domains.search.stores.postgres.shares import Shares

LAST = 2
#: Words in at least this share of documents are not looked up in an index.
EVERYWHERE = 0.4
#: A word that is in no title is assumed to be in one of so many documents.
TALK = 20
#: Factor for variants by synonyms.
SYNONYM = 0.8


class Interpretation(msgspec.Struct, frozen=True, kw_only=True):
    """One interpretation of the words: sets of words, one of which must match completely, as a tsquery; an SQL score.

    ``whole``: all words, if the sets are only some of them; documents with all words are always candidates.
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
        """The tsquery for fields of these weights."""
        return self._query(self.sets, weights)

    def matches(self, column: str, shares: Shares) -> str:
        """SQL: does this column of a document have the words?"""
        return self._matches(self.sets, column, shares)

    def matches_whole(self, shares: Shares) -> str:
        """SQL: does a document have all words?"""
        return self._matches(self.whole, "terms", shares)

    def _matches(self, sets: tuple[tuple[Word, ...], ...], column: str, shares: Shares) -> str:
        """Very common words are checked on the documents found by the other words: an index scan would read all documents that
        have them."""
        rarer = tuple(self._rarer(words, column, shares) for words in sets)
        exactly = f"{column} @@ {asking.literal(self._query(sets))}::tsquery"
        if rarer == sets:
            return exactly
        return f"{column} @@ {asking.literal(self._query(rarer))}::tsquery AND ({exactly}) IS TRUE"

    def _rarer(self, words: tuple[Word, ...], column: str, shares: Shares) -> tuple[Word, ...]:
        """The words that are not very common, or the rarest one."""
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
    """``asked``: the words of the text, then of its variants by synonyms; ``number`` from 0 to LAST."""
    near, whole = number > 0, tuple[tuple[Word, ...], ...]()
    ways = await words.with_begun(connection, tables, asked, near=near)
    if near:
        ways = await words.with_near(connection, tables, ways[:1] if number == 1 else ways)
    ways = [one for one in ways if one]
    if number == LAST:
        # filler words are similar to some known word: if any word is known, only known words are required
        known = [[word for word in one if word.documents] or one for one in ways]
        sets = tuple(dict.fromkeys(some for one in known for some in asking.enough_of(one, documents)))
        whole = tuple(tuple(one) for one in ways)
        ways = [_modest(one, documents) for one in ways]
    else:
        sets = tuple(tuple(one) for one in ways)
    return Interpretation(sets=sets, near=near, score=_best_score(ways, documents, near=near), whole=whole)


def _modest(words: Sequence[Word], documents: int) -> list[Word]:
    """Limits the weight of a word that is in no title to that of a word in many documents."""
    return [word if word.documents else msgspec.structs.replace(word, documents=documents // TALK) for word in words]


def _best_score(asked: Sequence[Sequence[Word]], documents: int, *, near: bool) -> str:
    """SQL: the higher score of the words as given and of their variants by synonyms."""
    scores = [
        f"{asking.score(one, documents, near=near)}{'' if place == 0 else f' * {SYNONYM}'}"
        for place, one in enumerate(asked)
    ]
    return scores[0] if len(scores) == 1 else f"greatest({', '.join(scores)})"
