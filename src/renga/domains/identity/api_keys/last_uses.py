"""Last-use times of keys: collected in memory, written in batches, at most once per key and minute."""

from collections import OrderedDict

from renga.domains.identity.organisations.model.limits import USE_WRITTEN_MS, USES_MAX


class LastUses:
    """The uses seen by this process. Beyond USES_MAX keys the oldest entries are dropped: only last-use times are lost."""

    def __init__(self) -> None:
        self._noted: OrderedDict[str, int] = OrderedDict()
        self._pending: dict[str, int] = {}

    def note(self, key_id: str, now_ms: int) -> None:
        """Record a use now."""
        last = self._noted.get(key_id)
        if last is not None and 0 <= now_ms - last < USE_WRITTEN_MS:
            return
        self._noted[key_id] = now_ms
        self._noted.move_to_end(key_id)
        if len(self._noted) > USES_MAX:
            gone, _ = self._noted.popitem(last=False)
            self._pending.pop(gone, None)
        self._pending[key_id] = now_ms

    def take(self) -> dict[str, int]:
        """Remove and return the uses to write: key id to milliseconds."""
        taken, self._pending = self._pending, {}
        return taken

    def give_back(self, uses: dict[str, int]) -> None:
        """Return uses that could not be written, unless the key was used again."""
        self._pending = uses | self._pending
