"""The audit trail."""

from typing import Any, Protocol

import msgspec

from renga.kernel.caller import Caller


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what to which account, from where. ``action`` is a past-tense name such as ``login_failed``."""

    at: str
    action: str
    account_id: str | None
    by: str | None
    address: str
    details: dict[str, Any] = {}
    id: str = ""


#: The scope to read the whole audit trail.
AUDIT_TRAIL = "audit:read"


class Audit(Protocol):
    """The audit trail. Entries are written in the transaction of the change they record. ``by`` is the caller's subject."""

    async def entries(
        self, caller: Caller, *, account_id: str | None, limit: int = 100, before: str | None = None
    ) -> tuple[AuditEntry, ...]:
        """Newest first, at most 500; ``before`` is an entry's id, and the page starts after it.

        The caller's own account needs no scope; another account, or None (all), needs AUDIT_TRAIL. Raises Invalid,
        Unauthenticated, InsufficientScope.
        """
        ...
