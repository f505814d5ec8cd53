"""Use cases: where a merchant is paid out, and when."""

import msgspec

from renga.domains.payments.contract.finance_errors import PayoutAccountNotFound
from renga.domains.payments.contract.payouts import PayoutAccount, PayoutAccountDraft, PayoutSchedule
from renga.domains.payments.finance.access import change_account, manage_payouts, read_merchant
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.finance.model.bank_details import (
    checked_details,
    checked_merchant,
    encoded_details,
    shown_details,
)
from renga.domains.payments.finance.model.payout_schedule import checked_schedule
from renga.domains.payments.finance.ports.payouts import SealedDetails
from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.kernel.caller import Caller
from renga.kernel.clock import DAY_MS


async def read_payout_account(dependencies: FinanceDependencies, caller: Caller, merchant: str) -> PayoutAccount:
    """Raises PayoutAccountNotFound, Forbidden."""
    await read_merchant(dependencies, caller, merchant)
    found = await dependencies.payout_accounts.account(checked_merchant(merchant), dependencies.clock.now_ms())
    if found is None:
        raise PayoutAccountNotFound()
    return found


async def put_payout_account(
    dependencies: FinanceDependencies, caller: Caller, merchant: str, draft: PayoutAccountDraft
) -> PayoutAccount:
    """Raises PayoutAccountInvalid, PayoutAccountNotFound, Forbidden, FreshLoginRequired."""
    subject = await change_account(dependencies, caller, merchant)
    checked_merchant(merchant)
    draft = checked_details(draft)
    details, shown = encoded_details(draft), shown_details(merchant, draft)
    now_ms = dependencies.clock.now_ms()
    sealed = SealedDetails(
        account=shown,
        sealed=dependencies.seal.close(details, merchant),
        digest=dependencies.seal.digest(details, merchant),
    )
    entry = TrailEntry(
        at_ms=now_ms, by=subject, action="payout_account_changed", subject=merchant, details={"kind": shown.kind}
    )
    return await dependencies.payout_accounts.put(sealed, now_ms + dependencies.rules.pause_days * DAY_MS, entry)


async def verify_payout_account(
    dependencies: FinanceDependencies, caller: Caller, merchant: str, *, version: int, verified: bool = True
) -> PayoutAccount:
    """Raises PayoutAccountNotFound: also if there is another version now."""
    subject = manage_payouts(caller)
    entry = TrailEntry(
        at_ms=dependencies.clock.now_ms(), by=subject, subject=checked_merchant(merchant),
        action="payout_account_verified" if verified else "payout_account_doubted", details={"version": version},
    )  # fmt: skip
    found = await dependencies.payout_accounts.verify(merchant, version, verified, entry)
    if found is None:
        raise PayoutAccountNotFound("this merchant has no payout account with this version")
    return found


async def read_bank_details(dependencies: FinanceDependencies, caller: Caller, merchant: str) -> PayoutAccountDraft:
    """The whole details, for whoever pays the merchant out. Raises PayoutAccountNotFound, FreshLoginRequired."""
    manage_payouts(caller)
    subject = await change_account(dependencies, caller, merchant)
    entry = TrailEntry(
        at_ms=dependencies.clock.now_ms(), by=subject, action="bank_details_read", subject=checked_merchant(merchant)
    )
    sealed = await dependencies.payout_accounts.sealed(merchant, entry)
    if sealed is None:
        raise PayoutAccountNotFound()
    return msgspec.json.decode(dependencies.seal.open(sealed, merchant), type=PayoutAccountDraft)


async def read_payout_schedule(dependencies: FinanceDependencies, caller: Caller, merchant: str) -> PayoutSchedule:
    """Raises PayoutAccountNotFound."""
    await read_merchant(dependencies, caller, merchant)
    return await dependencies.payout_accounts.schedule(checked_merchant(merchant)) or PayoutSchedule()


async def put_payout_schedule(
    dependencies: FinanceDependencies, caller: Caller, merchant: str, schedule: PayoutSchedule
) -> PayoutSchedule:
    """Raises PayoutScheduleInvalid."""
    subject = manage_payouts(caller)
    checked_schedule(schedule)
    entry = TrailEntry(
        at_ms=dependencies.clock.now_ms(), by=subject, action="payout_schedule_changed",
        subject=checked_merchant(merchant), details=msgspec.to_builtins(schedule),
    )  # fmt: skip
    await dependencies.payout_accounts.put_schedule(merchant, schedule, entry)
    return schedule
