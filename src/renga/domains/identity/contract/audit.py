"""The audit trail."""

from typing import Any, Protocol

import msgspec

from renga.kernel.caller import Caller


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what to whom, from where. ``action`` is a past-tense name such as ``login_failed``; ``id`` the entry's own."""

    at: str
    action: str
    account_id: str | None
    by: str | None
    address: str
    details: dict[str, Any] = {}
    id: str = ""


#: The scope of the whole audit trail.
AUDIT_TRAIL = "audit:read"


class Audit(Protocol):
    """The audit trail; written in the transaction of what it tells, never changed. ``by`` in it is the subject of who called."""

    async def entries(
        self, caller: Caller, *, account_id: str | None, limit: int = 100, before: str | None = None
    ) -> tuple[AuditEntry, ...]:
        """Newest first, at most 500; ``before`` is an entry's id: the page after it.

        Of the caller's own account; of another, or of all with None, it needs AUDIT_TRAIL. Raises Invalid, Unauthenticated,
        InsufficientScope.
        """
        ...
