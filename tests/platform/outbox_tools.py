"""Stand-ins for the relay's neighbours: outboxes in memory, a bus that follows a script, leases simply held."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from renga.kernel.errors import Unavailable
from renga.kernel.events import Event
from renga.platform.bus.port import BusUnavailable
from renga.platform.outbox.port import Pending
from tests.ports.bus_tools import event


class MemoryOutbox:
    def __init__(self, name: str, events: Iterable[Event] = ()) -> None:
        self.name, self.away, self.reads = name, False, 0
        self._next = 0
        self.waiting: list[Pending] = []
        self.add(events)

    def add(self, events: Iterable[Event]) -> None:
        for one in events:
            self.waiting.append(Pending(str(self._next), one))
            self._next += 1

    async def read(self, limit: int) -> Sequence[Pending]:
        self.reads += 1
        if self.away:
            raise Unavailable("the outbox is away")
        return self.waiting[:limit]

    async def trim(self, positions: Sequence[str]) -> None:
        self.waiting = [pending for pending in self.waiting if pending.position not in positions]


class ScriptedBus:
    """Each entry of the script is one publish: None confirms all, a set of ids confirms these and then fails."""

    def __init__(self, *script: set[str] | None) -> None:
        self.script = list(script)
        self.calls: list[list[str]] = []
        self.accepted: list[Event] = []

    async def publish(self, events: Sequence[Event]) -> None:
        self.calls.append([one.id for one in events])
        confirms = self.script.pop(0) if self.script else None
        if confirms is None:
            self.accepted += events
            return
        self.accepted += [one for one in events if one.id in confirms]
        raise BusUnavailable("as the script says", confirmed=frozenset(confirms))


class Holding:
    def __init__(self, *names: str) -> None:
        self.names = set(names)
        self.in_use: list[str] = []

    def held(self) -> frozenset[str]:
        return frozenset(self.names)

    @contextmanager
    def using(self, names: Iterable[str]) -> Iterator[None]:
        self.in_use = list(names)
        yield
        self.in_use = []


def story(subject: str, *numbers: int) -> list[Event]:
    return [event(number, subject=subject) for number in numbers]


def ids(events: Iterable[Event]) -> list[str]:
    return [f"{one.subject}{one.sequence}" for one in events]
