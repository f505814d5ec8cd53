"""The life of one algorithm's keys: published, active, retired, gone. Pure decisions over stored rows."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from renga.domains.identity.oauth.ports import KeyRow
from renga.domains.identity.settings import IdentitySettings

_DAY_MS = 86_400_000


class KeyRing:
    """The keys of one algorithm at a time. There should be one active key and the next one."""

    def __init__(self, rows: Sequence[KeyRow], settings: IdentitySettings, now_ms: int, *, force: bool = False) -> None:
        self._settings = settings
        self._now_ms = now_ms
        self._force = force
        self._over = tuple(row for row in rows if self._is_over(row))
        self._kept = tuple(row for row in rows if row not in self._over)
        self.active = next((row for row in self._kept if row.state == "active"), None)
        self.follower = next((row for row in self._kept if row.state == "next"), None)

    @property
    def lacking(self) -> int:
        """How many keys ``rotated`` needs."""
        if self.active is None:
            return 2 if self.follower is None else 1
        return int(self.follower is None or self._force or self._is_time())

    @property
    def due(self) -> bool:
        return bool(self.lacking or self._over)

    def rotated(self, fresh: Sequence[KeyRow]) -> tuple[KeyRow, ...]:
        """The keys as they should be now; with fewer fresh ones than are lacking, nothing rotates yet."""
        if not self.lacking or len(fresh) < self.lacking:
            return self._kept
        follower = fresh[0]
        if self.active is None:
            others = tuple(row for row in self._kept if row is not self.follower)
            return (*others, self._moved(self.follower or fresh[1], "active"), follower)
        if self.follower is None:
            return (*self._kept, follower)
        others = tuple(row for row in self._kept if row is not self.active and row is not self.follower)
        return (*others, self._moved(self.active, "retired"), self._moved(self.follower, "active"), follower)

    def _is_over(self, row: KeyRow) -> bool:
        return row.state == "retired" and self._now_ms - row.changed_ms >= self._settings.key_overlap_s * 1000

    def _is_time(self) -> bool:
        assert self.active is not None
        assert self.follower is not None
        signed_ms = self._now_ms - self.active.changed_ms
        published_ms = self._now_ms - self.follower.created_ms
        settings = self._settings
        return signed_ms >= settings.key_rotation_days * _DAY_MS and published_ms >= settings.key_publication_s * 1000

    def _moved(self, row: KeyRow, state: Literal["active", "retired"]) -> KeyRow:
        return msgspec.structs.replace(row, state=state, changed_ms=self._now_ms)
