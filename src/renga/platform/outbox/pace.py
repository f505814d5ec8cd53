"""How long events gather between two batches of the relay: one call then serves more of them."""

from collections.abc import Collection

#: After a batch of few events, and after one of many. No event waits longer.
GATHER_MIN_MS, GATHER_MAX_MS = 10, 50
MANY = 10
#: So many of one outbox, or in all: more are waiting.
FULL_OF_ONE, FULL = 100, 500


def gather_ms(counts: Collection[int]) -> int:
    """From the beginning of a batch with so many events of each outbox until the beginning of the next one."""
    moved = sum(counts)
    if moved >= FULL or max(counts, default=0) >= FULL_OF_ONE:
        return 0
    return GATHER_MAX_MS if moved >= MANY else GATHER_MIN_MS
