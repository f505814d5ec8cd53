"""The port of the processes of one definition: start, signal, list and retry stuck ones."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.platform.process.model import State

#: Most unconsumed signals of a process, and most bytes of a payload as JSON.
SIGNALS_MAX = 1_000
PAYLOAD_BYTES_MAX = 65_536
#: Most stuck processes of one page.
STUCK_PAGE_MAX = 500


class StuckProcess(msgspec.Struct, frozen=True, kw_only=True):
    """A process whose undo keeps failing. ``step`` is the one to be undone next; times in Unix milliseconds."""

    id: int
    key: str
    step: str
    reason: str
    since_ms: int


class ProcessControl(Protocol):
    """All raise DatabaseUnavailable; writes raise DatabaseOutcomeUnknown if they may have happened: call them again."""

    async def start(self, key: str, state: State) -> bool:
        """Start a process; False if there is a live one with this key."""
        ...

    async def live_id(self, key: str) -> int | None:
        """The id of the live process with this key (the address of signals); None if there is none."""
        ...

    async def signal(self, process_id: int, name: str, payload: State, *, signal_id: str) -> bool:
        """Send a signal to a process; it is kept until the process waits for it. False if the process has ended or never existed.

        The same ``signal_id`` again changes nothing and returns True. Raises SignalsFull, ValueError for a payload above
        PAYLOAD_BYTES_MAX or an empty name.
        """
        ...

    async def stuck(self, *, after_id: int = 0, limit: int = STUCK_PAGE_MAX) -> Sequence[StuckProcess]:
        """The stuck processes, by id. The last one's id is ``after_id`` of the next page."""
        ...

    async def retry(self, process_id: int) -> bool:
        """Let a stuck process continue undoing, with its attempts reset; False if it is not stuck."""
        ...
