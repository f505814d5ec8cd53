"""Use case: read and replace the rules of commission."""

import msgspec

from renga.domains.payments.contract.commissions import CommissionTable
from renga.domains.payments.contract.finance_errors import CommissionsMismatch
from renga.domains.payments.contract.payments import READING_PAYMENTS
from renga.domains.payments.finance.access import manage
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.model.commission_rules import checked_rules
from renga.kernel.caller import Caller
from renga.kernel.clock import rfc3339

_NONE = CommissionTable(rules=())


async def read_commissions(dependencies: FinanceDependencies, caller: Caller) -> CommissionTable:
    """Raises Unauthenticated, InsufficientScope."""
    caller.require(READING_PAYMENTS)
    return await dependencies.commissions.newest(0) or _NONE


async def replace_commissions(
    dependencies: FinanceDependencies, caller: Caller, table: CommissionTable, *, expected_version: int | None = None
) -> CommissionTable:
    """Raises CommissionInvalid, CommissionsMismatch."""
    subject = manage(caller)
    checked_rules(table)
    current = (await dependencies.commissions.newest(0) or _NONE).version
    if expected_version is not None and expected_version != current:
        raise CommissionsMismatch(f"they are at version {current}", version=current)
    now_ms = dependencies.clock.now_ms()
    changed = msgspec.structs.replace(table, version=current + 1, changed_at=rfc3339(now_ms), changed_by=subject)
    if not await dependencies.commissions.put(changed, now_ms):
        raise CommissionsMismatch("somebody else replaced them at the same time", version=current)
    return changed
