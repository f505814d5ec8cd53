"""Groups events that may be published concurrently: the k-th wave holds the k-th event of every subject."""

from collections.abc import Iterable

from renga.platform.outbox.port import Pending

#: The name of an outbox and a waiting event of it.
Waiting = tuple[str, Pending]


def waves(waiting: Iterable[Waiting]) -> list[list[Waiting]]:
    """Split so that no wave has two events of one subject; ``waiting`` is oldest first within each outbox."""
    seen: dict[tuple[str, str], int] = {}
    result: list[list[Waiting]] = []
    for name, pending in waiting:
        subject = (name, pending.event.subject)
        place = seen.get(subject, 0)
        seen[subject] = place + 1
        if place == len(result):
            result.append([])
        result[place].append((name, pending))
    return result
