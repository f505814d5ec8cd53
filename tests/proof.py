"""How often a proof tries: a small count in ``make test``, the full one in ``make proof``. What is asserted is the same."""

import os

VARIABLE = "RENGA_PROOF"
CHOICES = ("small", "full")


def size() -> str:
    """``small`` unless ``RENGA_PROOF=full``; any other value is a mistake, told as ``ValueError``."""
    chosen = os.environ.get(VARIABLE, "small")
    if chosen not in CHOICES:
        raise ValueError(f"{VARIABLE} is one of {', '.join(CHOICES)}, not {chosen!r}")
    return chosen


def count(*, small: int, full: int) -> int:
    """The number of examples that this run makes."""
    return full if size() == "full" else small
