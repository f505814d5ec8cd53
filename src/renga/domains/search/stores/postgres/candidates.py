"""Pure: SQL for the candidates, the matching documents that are ranked. They are identified by their ctid.

If few matches are expected, all are read, and those with the best standing are ranked. If many are expected in a large index,
only a tier is searched: the documents with the best standing, of which a few hundred match.
"""

from collections.abc import Sequence

import msgspec

from renga.domains.search.model.folding import key_of
from renga.domains.search.ports import IndexQuestion
from renga.domains.search.stores.cursors import Tiers
from renga.domains.search.stores.postgres import asking, tiers
from renga.domains.search.stores.postgres.attempts import Interpretation
from renga.domains.search.stores.postgres.filters import tokens_wanted
from renga.domains.search.stores.postgres.generations import Tables
from renga.domains.search.stores.postgres.shares import Shares

#: Number of matches that are ranked: those with the words in their titles, then others; by standing.
RANKED_MAX = 400
#: Above READ_MAX expected matches, a tier with WANTED expected ones is searched; if it has fewer than RANKED_MIN, all are read.
READ_MAX, WANTED, RANKED_MIN = 1_500, 300, 60
#: Sampled documents for estimating the total: the expected number, and the least that is enough.
DRAWN, DRAWN_MIN = 250, 100
_BEST = f"ORDER BY standing DESC, created_at DESC, product_id LIMIT {RANKED_MAX}"


def expected(
    attempt: Interpretation, question: IndexQuestion, shares: Shares, column: str = "terms", *, filtered: bool = True
) -> float:
    """The expected number of matches, under the category and filters."""
    found = shares.expected(column, attempt.sets, near=attempt.near)
    for wanted in tokens_wanted(question, filtered=filtered):
        found *= shares.of_any("tokens", wanted)
    return found if question.within is None else min(found, len(question.within))


def tiers_for(attempt: Interpretation, question: IndexQuestion, shares: Shares) -> Tiers | None:
    """The tiers to search; None: read all matches."""
    anywhere = expected(attempt, question, shares)
    if not shares.tiers or anywhere <= READ_MAX:
        return None
    titled = expected(attempt, question, shares, "in_title")
    titles_do = titled >= WANTED
    brand = shares.documents * shares.common.get("brand_key", {}).get(key_of(question.texts[0]), 0.0)
    return Tiers(
        titled=_tier(titled, shares),
        anywhere=None if titles_do else _tier(anywhere, shares),
        # matches of the brand; the smaller of the two expected numbers counts
        branded=_tier(min(brand, anywhere), shares),
        drawn=0 if titles_do else tiers.sample_of(anywhere, DRAWN) or 0,
        whole=_tier(shares.expected("terms", attempt.whole, near=attempt.near), shares),
    )


def _tier(documents: float, shares: Shares) -> int:
    return (tiers.tier_of(documents, shares.tiers, WANTED) or 0) if documents > 2 * WANTED else 0


class _Ways(msgspec.Struct, frozen=True, kw_only=True):
    """SQL: the table, its conditions, and the kinds of match."""

    table: str
    narrowed: str
    titled: str
    words: str
    whole: str | None
    branded: str
    keyed: str
    own_key: str

    def rows(self, *conditions: str, drawn: str = "false") -> str:
        """OFFSET 0 is an optimisation fence, so that the planner uses the index of words."""
        where = " AND ".join([self.narrowed, *conditions])
        columns = f"ctid AS at, standing, created_at, product_id, {drawn} AS drawn"
        return f"(SELECT {columns} FROM {self.table} WHERE {where} OFFSET 0)"


def source(
    tables: Tables,
    attempt: Interpretation,
    question: IndexQuestion,
    narrowed: Sequence[str],
    shares: Shares,
    looked: Tiers | None,
) -> tuple[str, str]:
    """Common table expressions, of which ``best`` has the candidates' ctids, and SQL for the number of matches (with ``looked``:
    of those in the tier or sample)."""
    key = key_of(question.texts[0])
    ways = _Ways(
        table=tables.documents,
        narrowed=" AND ".join(narrowed),
        titled=attempt.matches("in_title", shares),
        words=attempt.matches("terms", shares),
        whole=attempt.matches_whole(shares) if attempt.whole else None,
        branded=f"(brand_key = {asking.literal(key)})",
        keyed=f"keys && ARRAY[{asking.literal(key)}, {asking.literal(f'title:{key}')}]",
        own_key=f"keys && ARRAY[{asking.literal(key)}]",
    )
    return _all(ways) if looked is None else _tiered(ways, looked, tables.tiers or tiers.FIRST)


def _all(ways: _Ways) -> tuple[str, str]:
    # every match is a candidate, unless there are too many
    many = f"(SELECT count(*) > {RANKED_MAX} FROM main)"
    arms = ["main", ways.rows(ways.titled, many), ways.rows(ways.branded, ways.words, many), ways.rows(ways.keyed)]
    if ways.whole:
        arms.append(ways.rows(ways.whole, many))
    more = f"SELECT count(*) FROM {ways.rows(ways.own_key, f'NOT ({ways.words})')} AS more"
    return _with(ways.rows(ways.words), arms), f"(SELECT count(*) FROM main) + ({more})"


def _tiered(ways: _Ways, looked: Tiers, begins: Sequence[float]) -> tuple[str, str]:
    def inside(*numbers: int) -> str:
        return tiers.within(begins, *numbers) if all(numbers) else "true"

    # a brand with many documents is not looked up by its index: that would read them all
    named = f"{ways.branded} IS TRUE" if looked.branded else ways.branded
    arms = ["main", ways.rows(ways.keyed), ways.rows(ways.words, named, inside(looked.branded))]
    if ways.whole:
        arms.append(ways.rows(ways.whole, inside(looked.whole)))
    titled = ways.rows(ways.titled, inside(looked.titled))
    if looked.anywhere is None:
        return _with(titled, arms), "(SELECT count(*) FROM main)"
    arms.append(titled)
    if not looked.drawn:
        return _with(ways.rows(ways.words, inside(looked.anywhere)), arms), "0"
    # one scan for the tier and for the sample
    both = ways.rows(ways.words, inside(looked.anywhere, looked.drawn), drawn=tiers.is_drawn(looked.drawn))
    return _with(both, arms), "(SELECT count(*) FROM main WHERE drawn)"


def _with(main: str, arms: Sequence[str]) -> str:
    best = " UNION ".join(f"(SELECT at FROM {arm} AS found {_BEST})" for arm in arms)
    return f"WITH main AS MATERIALIZED {main}, best(at) AS ({best})"
