"""Use case: a page of the audit trail, newest first."""

from renga.domains.identity.accounts.dependencies import AccountDependencies
from renga.domains.identity.contract import AUDIT_TRAIL, AuditEntry
from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid
from renga.kernel.ids import canonical_uuid

ENTRIES_MAX = 500
_POSITION_DIGITS_MAX = 18


async def read_trail(
    dependencies: AccountDependencies, caller: Caller, *, account_id: str | None, limit: int, before: str | None
) -> tuple[AuditEntry, ...]:
    """Raises Invalid for a malformed ``before``, Unauthenticated, InsufficientScope."""
    if account_id is None or account_id != caller.subject:
        caller.require(AUDIT_TRAIL)
    if before is not None and not (before.isascii() and before.isdigit() and len(before) <= _POSITION_DIGITS_MAX):
        raise Invalid("this cursor was not made by this list", field="cursor")
    if account_id is not None and not canonical_uuid(account_id):
        return ()
    async with dependencies.units.begin() as unit:
        position = None if before is None else int(before)
        return tuple(await unit.trail.entries(account_id, limit=max(1, min(limit, ENTRIES_MAX)), before=position))
