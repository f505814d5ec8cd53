"""The quality of a ranking: NDCG (Jarvelin and Kekalainen, "Cumulated gain-based evaluation of IR techniques", 2002)."""

import math
from collections.abc import Mapping, Sequence

#: Answers that count: the first page that a shopper looks at.
DEPTH = 10


def gain(grade: int) -> float:
    """2^grade - 1, so that one fitting answer outweighs several that are merely related (Burges et al., 2005)."""
    return float(2**grade - 1)


def discount(rank: int) -> float:
    """1 / log2(rank + 1): 1 for the first, 0.63 for the second, 0.29 for the tenth."""
    return 1.0 / math.log2(rank + 1)


def dcg(grades: Sequence[int], depth: int = DEPTH) -> float:
    """The discounted gains of answers in this order, the first ``depth`` of them."""
    return sum(gain(grade) * discount(rank) for rank, grade in enumerate(grades[:depth], start=1))


def ndcg(answers: Sequence[str], grades: Mapping[str, int], depth: int = DEPTH) -> float:
    """From 0 to 1, the order of ``answers`` against the best one that these grades allow.

    An answer that is repeated counts once. If no product is right, an empty answer gives 1, any other 0.
    """
    best = dcg(sorted(grades.values(), reverse=True), depth)
    if best == 0.0:
        return 0.0 if answers else 1.0
    seen = list(dict.fromkeys(answers))
    return dcg([grades.get(answer, 0) for answer in seen], depth) / best
