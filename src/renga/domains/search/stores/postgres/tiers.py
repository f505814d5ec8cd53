"""Pure: tiers and samples, which limit the part of a large index that is read for common words.

The word indexes also contain numbers of each document. Tier n is the top 1/2^n of all documents by standing and has the number
n; sample n is a random 1/2^n (by a hash of the id) and has the number -n. A word that a hundred thousand documents have is
intersected with the tier in which a few hundred have it, so only those with the best standing are read. Samples estimate the
total.
"""

from collections.abc import Iterable, Mapping, Sequence

from renga.domains.search.stores.cursors import SAMPLES, TIERS

#: Documents with equal standing are ordered randomly (by a hash).
_RANK = "(standing::float8 + (hashtextextended(product_id, 0) & 1048575)::float8 / 1048576000000)"
_CHANCE = "((hashtextextended(product_id, 1) & 1048575)::float8 / 1048576)"
_TIER_SHARES = tuple(2.0**-tier for tier in range(1, TIERS + 1))
_SAMPLE_SHARES = tuple(2.0**-sample for sample in range(1, SAMPLES + 1))
#: Initial boundaries of tiers, before they are measured: nothing is popular, nearly everything is in stock.
FIRST = tuple(0.25 + (1 - share) / 1_000_000 for share in _TIER_SHARES)

#: SQL: the boundaries of tiers among the documents of a table.
MEASURE = f"""
SELECT percentile_disc(ARRAY[{", ".join(str(1 - share) for share in _TIER_SHARES)}]::float8[]) WITHIN GROUP (ORDER BY {_RANK})
FROM {{documents}} WHERE NOT gone
"""


def numbers(begins: Sequence[float]) -> str:
    """SQL: the numbers of a document, with these boundaries of tiers. Indexes use exactly this expression."""
    tiers = f"{_array(range(1, TIERS + 1), 'int')}[1:width_bucket({_RANK}, {_array(begins, 'float8')})]"
    drawn = _array((1 - share for share in _SAMPLE_SHARES), "float8")
    samples = f"{_array(range(-1, -SAMPLES - 1, -1), 'int')}[1:width_bucket(1 - {_CHANCE}, {drawn})]"
    return f"({tiers} || {samples})"


def within(begins: Sequence[float], *wanted: int) -> str:
    """SQL: does a document have one of these numbers?"""
    return f"{numbers(begins)} && {_array(wanted, 'int')}"


def is_drawn(sample: int) -> str:
    """SQL: is a document in the sample? For a row that is read anyway."""
    return f"({_CHANCE} <= {_SAMPLE_SHARES[-sample - 1]})"


def tier_of(documents: float, shares: Mapping[int, float], wanted: int) -> int | None:
    """The smallest tier with ``wanted`` expected matches; None if all documents are needed."""
    fitting = [one for one in range(1, TIERS + 1) if documents * shares.get(one, 0.0) >= wanted]
    return max(fitting, default=None)


def sample_of(documents: float, wanted: int) -> int | None:
    """The smallest sample with ``wanted`` expected matches; None if all documents are needed."""
    fitting = [n for n, share in enumerate(_SAMPLE_SHARES, 1) if documents * share >= wanted]
    return -max(fitting) if fitting else None


def times(sample: int) -> int:
    """How many documents one document of the sample represents."""
    return int(2**-sample)


def _array(values: Iterable[float], kind: str) -> str:
    return f"('{{{','.join(map(repr, values))}}}'::{kind}[])"
