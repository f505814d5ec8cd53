"""The audit trail."""

from typing import Any, Protocol

import msgspec


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what to whom, from where. ``action`` is a past-tense name such as ``login_failed``; ``id`` the entry's own."""

    at: str
    action: str
    account_id: str | None
    by: str | None
    address: str
    details: dict[str, Any] = {}
    id: str = ""


class Audit(Protocol):
    """The audit trail; written in the transaction of what it tells, never changed."""

    async def entries(
        self, *, account_id: str | None, limit: int = 100, before: str | None = None
    ) -> tuple[AuditEntry, ...]:
        """Newest first, at most 500; ``before`` is an entry's id: the page after it."""
        ...
