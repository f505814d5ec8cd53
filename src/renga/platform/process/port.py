"""What others may do to the processes of one definition: begin, tell, list the stuck ones, try those again."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.platform.process.model import State

#: Signals that a process may have without having taken them, and the bytes of one's payload as JSON.
SIGNALS_MAX = 1_000
PAYLOAD_BYTES_MAX = 65_536
#: Most stuck processes of one page.
STUCK_PAGE_MAX = 500


class StuckProcess(msgspec.Struct, frozen=True, kw_only=True):
    """A process whose undo keeps failing. ``step`` is the one to be undone next; times in milliseconds since 1970."""

    id: int
    key: str
    step: str
    reason: str
    since_ms: int


class ProcessControl(Protocol):
    """All raise DatabaseUnavailable; what writes raises DatabaseOutcomeUnknown where it may have happened: call it again."""

    async def start(self, key: str, state: State) -> bool:
        """Begin a process; False if one of this key is live."""
        ...

    async def live_id(self, key: str) -> int | None:
        """The id of the live process of this key: what a signal is addressed to."""
        ...

    async def signal(self, process_id: int, name: str, payload: State, *, signal_id: str) -> bool:
        """Tell a process; it keeps what it does not wait for yet. False if it has ended, or never was.

        The same ``signal_id`` again changes nothing and answers True. Raises SignalsFull, ValueError for a payload beyond
        PAYLOAD_BYTES_MAX or an empty name.
        """
        ...

    async def stuck(self, *, after_id: int = 0, limit: int = STUCK_PAGE_MAX) -> Sequence[StuckProcess]:
        """Those that wait for a person, by id. The last one's id is ``after_id`` of the next page."""
        ...

    async def retry(self, process_id: int) -> bool:
        """Let a stuck process go on undoing, with all its attempts anew; False if it is not stuck."""
        ...
