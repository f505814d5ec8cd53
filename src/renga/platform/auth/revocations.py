"""Revoked tokens, looked up in this process's memory with each request; bounded; fails closed."""

from prometheus_client import Counter

from renga.kernel.clock import Clock
from renga.kernel.revocation import Revocation

#: Most entries. If the list is full, every token issued until then is refused (clients refresh and go on).
ENTRIES_MAX = 200_000

OVERFLOWS = Counter(
    "renga_auth_revocation_overflows", "Times that all older tokens were refused because the list was full"
)


class Revocations:
    """The list. ``version`` grows with each entry: a check made at the same version is still valid."""

    def __init__(self, clock: Clock, *, entries_max: int = ENTRIES_MAX) -> None:
        self._clock = clock
        self._entries_max = entries_max
        self._entries: dict[tuple[str, str], Revocation] = {}
        self._all_until_s = -1
        self.version = 0

    def add(self, revocation: Revocation) -> None:
        """Add an entry; the same one again, or one with an older cut-off, changes nothing."""
        key = (revocation.kind, revocation.subject)
        known = self._entries.get(key)
        if known is not None and known.cutoff_s >= revocation.cutoff_s and known.until_s >= revocation.until_s:
            return
        if known is None and len(self._entries) >= self._entries_max:
            self._make_room()
        self._entries[key] = revocation
        self.version += 1

    def refuses(self, *, token_id: str, family: str, subject: str, client_id: str, issued_s: int) -> bool:
        """Whether this token, its login, its account or its client was revoked."""
        if issued_s <= self._all_until_s:
            return True
        entries = self._entries
        if ("token", token_id) in entries or (family and ("family", family) in entries):
            return True
        for key in (("account", subject), ("client", client_id), ("grant", f"{subject} {client_id}")):
            found = entries.get(key)
            if found is not None and issued_s <= found.cutoff_s:
                return True
        return False

    def __len__(self) -> int:
        return len(self._entries)

    def _make_room(self) -> None:
        now_s = self._clock.now_ms() // 1000
        self._entries = {key: entry for key, entry in self._entries.items() if entry.until_s >= now_s}
        if len(self._entries) >= self._entries_max:
            OVERFLOWS.inc()
            self._all_until_s = now_s
            self._entries.clear()
