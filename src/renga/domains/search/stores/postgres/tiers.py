"""Pure: which part of a large index is looked at for common words.

Beside its words, an index of words has numbers of each document. The best standing half of all documents has the number 1, the
best quarter 2 too, and so on; of documents drawn by chance (a hash of the id), half have -1, a quarter -2 too. A word that a
hundred thousand documents have is intersected with the tier in which a few hundred have it: the best standing ones, without
reading the others. Drawn documents say how many there are in all.
"""

from collections.abc import Iterable, Mapping, Sequence

from renga.domains.search.stores.cursors import SAMPLES, TIERS

#: Documents that stand alike are told apart by chance.
_RANK = "(standing::float8 + (hashtextextended(product_id, 0) & 1048575)::float8 / 1048576000000)"
_CHANCE = "((hashtextextended(product_id, 1) & 1048575)::float8 / 1048576)"
_TIER_SHARES = tuple(2.0**-tier for tier in range(1, TIERS + 1))
_SAMPLE_SHARES = tuple(2.0**-sample for sample in range(1, SAMPLES + 1))
#: Where tiers begin in an index that nobody has measured yet: as if nothing were popular, and nearly everything in stock.
FIRST = tuple(0.25 + (1 - share) / 1_000_000 for share in _TIER_SHARES)

#: SQL: where tiers begin among the documents of a table.
MEASURE = f"""
SELECT percentile_disc(ARRAY[{", ".join(str(1 - share) for share in _TIER_SHARES)}]::float8[]) WITHIN GROUP (ORDER BY {_RANK})
FROM {{documents}} WHERE NOT gone
"""


def numbers(begins: Sequence[float]) -> str:
    """SQL: the numbers of a document, where tiers begin at these ranks. Indexes have it word for word."""
    tiers = f"{_array(range(1, TIERS + 1), 'int')}[1:width_bucket({_RANK}, {_array(begins, 'float8')})]"
    drawn = _array((1 - share for share in _SAMPLE_SHARES), "float8")
    samples = f"{_array(range(-1, -SAMPLES - 1, -1), 'int')}[1:width_bucket(1 - {_CHANCE}, {drawn})]"
    return f"({tiers} || {samples})"


def within(begins: Sequence[float], *wanted: int) -> str:
    """SQL: has a document one of these numbers?"""
    return f"{numbers(begins)} && {_array(wanted, 'int')}"


def is_drawn(sample: int) -> str:
    """SQL: is a document one of the sample? For a row that is read anyway."""
    return f"({_CHANCE} <= {_SAMPLE_SHARES[-sample - 1]})"


def tier_of(documents: float, shares: Mapping[int, float], wanted: int) -> int | None:
    """The smallest tier in which ``wanted`` of so many documents can be expected; None if that is no fewer than all."""
    fitting = [one for one in range(1, TIERS + 1) if documents * shares.get(one, 0.0) >= wanted]
    return max(fitting, default=None)


def sample_of(documents: float, wanted: int) -> int | None:
    """The smallest sample in which ``wanted`` of so many documents can be expected; None if that is no fewer than all."""
    fitting = [n for n, share in enumerate(_SAMPLE_SHARES, 1) if documents * share >= wanted]
    return -max(fitting) if fitting else None


def times(sample: int) -> int:
    """How many documents one of a sample stands for."""
    return int(2**-sample)


def _array(values: Iterable[float], kind: str) -> str:
    return f"('{{{','.join(map(repr, values))}}}'::{kind}[])"
