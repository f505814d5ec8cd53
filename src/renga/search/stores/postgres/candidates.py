"""Pure: which of the documents that words match are ranked, as SQL. They are named by their places (ctid) in the table.

Where few can be expected, all that match are read, and the best standing ones of them are ranked. Where many can, in a large
index, they are looked for in tiers: only documents that stand so well that a few hundred of them match.
"""

from collections.abc import Sequence

from renga.search.folding import key_of
from renga.search.ports import Question
from renga.search.stores.postgres import asking, tiers
from renga.search.stores.postgres.attempts import Attempt
from renga.search.stores.postgres.filters import tokens_wanted
from renga.search.stores.postgres.generations import Tables
from renga.search.stores.postgres.shares import Shares
from renga.search.stores.postgres.tiers import Tiers

#: Of what matches words, so many are ranked: those with the words in their titles, then others; the best standing ones.
RANKED_MAX = 400
#: Where more are expected, tiers are looked at, of which so many are expected; if fewer than RANKED_MIN come, all are read.
READ_MAX, WANTED, RANKED_MIN = 1_500, 600, 100
_BEST = f"ORDER BY standing DESC, created_at DESC, product_id LIMIT {RANKED_MAX}"


def expected(attempt: Attempt, question: Question, shares: Shares, column: str = "terms") -> float:
    """How many documents the words, filters and shelf can be expected to find."""
    found = shares.expected(column, attempt.sets, near=attempt.near)
    for wanted in tokens_wanted(question):
        found *= shares.of_any("tokens", wanted)
    return found if question.within is None else min(found, len(question.within))


def tiers_for(attempt: Attempt, question: Question, shares: Shares) -> Tiers | None:
    """None: read all that matches."""
    known, anywhere = shares.tiers, expected(attempt, question, shares)
    if not known or anywhere <= READ_MAX:
        return None
    titled = expected(attempt, question, shares, "in_title")
    brand = shares.documents * shares.common.get("brand_key", {}).get(key_of(question.texts[0]), 0.0)
    return Tiers(
        _tier(titled, shares),
        _tier(anywhere, shares) if titled < WANTED else None,
        # those of a brand among all that match, in which a tier leaves fewer of them
        _tier(min(brand, anywhere), shares),
    )


def _tier(documents: float, shares: Shares) -> int:
    return (tiers.tier_of(documents, shares.tiers, WANTED) or 0) if documents > READ_MAX else 0


def source(
    tables: Tables, attempt: Attempt, question: Question, narrowed: Sequence[str], looked: Tiers | None
) -> tuple[str, str]:
    """Common table expressions of which ``best`` has the places of candidates, and SQL for how many match in all, which is known
    where all are read."""
    key = key_of(question.texts[0])
    keys = f"keys && ARRAY[{asking.literal(key)}, {asking.literal(f'title:{key}')}]"
    named = [f"(brand_key = {asking.literal(key)})", keys]
    if looked is None:
        return _all(tables, attempt, narrowed, key, named)
    return _tiered(tables, attempt, narrowed, named, looked), "NULL::bigint"


def _all(tables: Tables, attempt: Attempt, narrowed: Sequence[str], key: str, named: Sequence[str]) -> tuple[str, str]:
    found = f"{asking.literal(attempt.found)}::tsquery"
    rows, where = tables.documents, " AND ".join(narrowed)
    many = f"(SELECT count(*) > {RANKED_MAX} FROM matched)"
    branded, keyed = named
    arms = [
        f"(SELECT at FROM matched {_BEST})",
        f"(SELECT ctid FROM {rows} WHERE {where} AND in_title @@ {found} AND {many} {_BEST})",
        f"(SELECT ctid FROM {rows} WHERE {where} AND {branded} AND terms @@ {found} AND {many} {_BEST})",
        f"(SELECT ctid FROM {rows} WHERE {where} AND {keyed} {_BEST})",
    ]
    matched = (
        f"SELECT ctid AS at, standing, created_at, product_id FROM {rows} WHERE {where} AND terms @@ {found} OFFSET 0"
    )
    own = f"keys && ARRAY[{asking.literal(key)}]"
    more = f"SELECT count(*) FROM {rows} WHERE {where} AND {own} AND NOT terms @@ {found}"
    tables_of = f"WITH matched AS MATERIALIZED ({matched}), best(at) AS ({' UNION '.join(arms)})"
    return tables_of, f"(SELECT count(*) FROM matched) + ({more})"


def _tiered(tables: Tables, attempt: Attempt, narrowed: Sequence[str], named: Sequence[str], looked: Tiers) -> str:
    found = f"{asking.literal(attempt.found)}::tsquery"
    branded, keyed = named
    begins = tables.tiers or tiers.FIRST

    def arm(condition: str, tier: int, also: str = "true") -> str:
        inside = f" AND {tiers.within(begins, tier)}" if tier else ""
        where = " AND ".join([*narrowed, also])
        # fenced: the index of words is asked, and nothing else
        rows = f"(SELECT *, ctid AS at FROM {tables.documents} WHERE {where} AND {condition}{inside} OFFSET 0)"
        return f"(SELECT at FROM {rows} AS found {_BEST})"

    arms = [arm(f"in_title @@ {found}", looked.titled), arm(keyed, 0)]
    if looked.anywhere is not None:
        arms.append(arm(f"terms @@ {found}", looked.anywhere))
    # a brand of many documents is not looked up by its name: that would gather them all
    arms.append(arm(f"terms @@ {found}", looked.branded, f"{branded} IS TRUE" if looked.branded else branded))
    return f"WITH best(at) AS ({' UNION '.join(arms)})"
