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
READ_MAX, WANTED, RANKED_MIN = 1_500, 300, 60
#: Drawn documents that are expected to say how many there are, and those that are enough to say it.
DRAWN, DRAWN_MIN = 250, 100
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
    titles_do = titled >= WANTED
    brand = shares.documents * shares.common.get("brand_key", {}).get(key_of(question.texts[0]), 0.0)
    return Tiers(
        _tier(titled, shares),
        None if titles_do else _tier(anywhere, shares),
        # those of a brand among all that match, in which a tier leaves fewer of them
        _tier(min(brand, anywhere), shares),
        0 if titles_do else tiers.sample_of(anywhere, DRAWN) or 0,
    )


def _tier(documents: float, shares: Shares) -> int:
    return (tiers.tier_of(documents, shares.tiers, WANTED) or 0) if documents > 2 * WANTED else 0


def source(
    tables: Tables,
    attempt: Attempt,
    question: Question,
    narrowed: Sequence[str],
    shares: Shares,
    looked: Tiers | None,
) -> tuple[str, str]:
    """Common table expressions of which ``best`` has the places of candidates, and SQL for how many match in all, which is known
    where all are read."""
    key = key_of(question.texts[0])
    keys = f"keys && ARRAY[{asking.literal(key)}, {asking.literal(f'title:{key}')}]"
    named = [f"(brand_key = {asking.literal(key)})", keys]
    titled, words = attempt.matches("in_title", shares), attempt.matches("terms", shares)
    if looked is None:
        return _all(tables, titled, words, narrowed, key, named)
    return _tiered(tables, titled, words, narrowed, named, looked)


def _all(
    tables: Tables, titled: str, words: str, narrowed: Sequence[str], key: str, named: Sequence[str]
) -> tuple[str, str]:
    rows, where = tables.documents, " AND ".join(narrowed)
    many = f"(SELECT count(*) > {RANKED_MAX} FROM matched)"
    branded, keyed = named
    arms = [
        f"(SELECT at FROM matched {_BEST})",
        f"(SELECT ctid FROM {rows} WHERE {where} AND {titled} AND {many} {_BEST})",
        f"(SELECT ctid FROM {rows} WHERE {where} AND {branded} AND {words} AND {many} {_BEST})",
        f"(SELECT ctid FROM {rows} WHERE {where} AND {keyed} {_BEST})",
    ]
    matched = f"SELECT ctid AS at, standing, created_at, product_id FROM {rows} WHERE {where} AND {words} OFFSET 0"
    own = f"keys && ARRAY[{asking.literal(key)}]"
    more = f"SELECT count(*) FROM {rows} WHERE {where} AND {own} AND NOT ({words})"
    tables_of = f"WITH matched AS MATERIALIZED ({matched}), best(at) AS ({' UNION '.join(arms)})"
    return tables_of, f"(SELECT count(*) FROM matched) + ({more})"


def _tiered(
    tables: Tables, titled: str, words: str, narrowed: Sequence[str], named: Sequence[str], looked: Tiers
) -> tuple[str, str]:
    branded, keyed = named
    begins = tables.tiers or tiers.FIRST

    def rows(condition: str, *wanted: int, also: str = "true", drawn: str = "false") -> str:
        """Fenced: the index of words is asked, and nothing else."""
        inside = f" AND {tiers.within(begins, *wanted)}" if all(wanted) else ""
        columns = f"ctid AS at, standing, created_at, product_id, {drawn} AS drawn"
        where = " AND ".join([*narrowed, also])
        return f"(SELECT {columns} FROM {tables.documents} WHERE {where} AND {condition}{inside} OFFSET 0)"

    def best(source: str) -> str:
        return f"(SELECT at FROM {source} AS found {_BEST})"

    total, matched = "NULL::bigint", ""
    arms = [best(rows(titled, looked.titled)), best(rows(keyed, 0))]
    if looked.anywhere and looked.drawn:
        # one look for the best standing ones and for those that say how many there are
        both = rows(words, looked.anywhere, looked.drawn, drawn=tiers.is_drawn(looked.drawn))
        matched, total = f"matched AS MATERIALIZED {both}, ", "(SELECT count(*) FROM matched WHERE drawn)"
        arms.append(best("matched"))
    elif looked.anywhere is not None:
        arms.append(best(rows(words, looked.anywhere)))
    # a brand of many documents is not looked up by its name: that would gather them all
    named_so = f"{branded} IS TRUE" if looked.branded else branded
    arms.append(best(rows(words, looked.branded, also=named_so)))
    return f"WITH {matched}best(at) AS ({' UNION '.join(arms)})", total
