"""Plans of payouts: from what happened on a merchant's account to a payout with its statement."""

from datetime import date

import msgspec

from renga.domains.payments.contract.ledger import LedgerEntry, LedgerTransaction
from renga.domains.payments.contract.payouts import HoldReason, Payout, PayoutSchedule, PayoutState
from renga.domains.payments.finance.model.payout_amounts import PayoutDecision, PayoutFacts, decide_payout
from renga.domains.payments.finance.model.statements import PAYOUT, PAYOUT_RETURNED, StatementSums
from renga.kernel.clock import rfc3339
from renga.kernel.money import Money

#: The bank account that merchants are paid from.
PAID_FROM = "bank:payouts"


class OwedBalance(msgspec.Struct, frozen=True, kw_only=True):
    """A merchant with a ledger account in a currency. ``last_day``: end of the last statement."""

    merchant: str
    currency: str
    schedule: PayoutSchedule
    last_day: date | None = None


class PayoutReadiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a merchant has a payout account that money can go to."""

    verified: bool = False
    paused_until_ms: int = 0


class PayoutPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """What happened on a merchant's account in a period, in minor units; ``sums`` as the merchant sees them.

    ``entries``  how many entries the period has;  ``after_id``: the entries of the next period have greater ids
    ``held``     sales that are not available yet;  ``frozen``: shares of open disputes
    ``since``    what was taken back after the period
    ``unexplained``  what the ledger says beyond the statements: zero, or an entry was written long after its time
    """

    sums: StatementSums
    entries: int
    after_id: int
    held: int
    frozen: int
    since: int
    account: PayoutReadiness | None
    unexplained: int = 0


class StoredPayout(msgspec.Struct, frozen=True, kw_only=True):
    """A payout with its statement's sums."""

    id: str
    merchant: str
    currency: str
    from_day: date | None
    to_day: date
    state: PayoutState
    amount: int
    held: int
    opening: int
    closing: int
    sums: StatementSums
    after_id: int
    created_ms: int
    changed_ms: int
    reason: HoldReason | None = None
    detail: str = ""


def planned_payout(
    owed: OwedBalance, last: StoredPayout | None, period: PayoutPeriod, to_day: date, *, payout_id: str, now_ms: int
) -> StoredPayout | None:
    """The statement until ``to_day``, with a payout if something is available. None: nothing happened, nothing is paid."""
    opening = 0 if last is None else last.closing
    before = opening + period.sums.total
    account = period.account
    facts = PayoutFacts(
        before=before,
        held=period.held,
        frozen=period.frozen,
        since=period.since,
        minimum=owed.schedule.minimum.get(owed.currency, 0),
        has_account=account is not None,
        verified=account is not None and account.verified,
        paused=account is not None and account.paused_until_ms > now_ms,
    )
    decision = decide_payout(facts)
    if not decision.amount and not period.entries:
        return None
    return StoredPayout(
        id=payout_id,
        merchant=owed.merchant,
        currency=owed.currency,
        from_day=None if last is None else last.to_day,
        to_day=to_day,
        state=_state(decision),
        amount=decision.amount,
        held=decision.held,
        opening=opening,
        closing=before - decision.amount,
        sums=period.sums,
        after_id=period.after_id,
        created_ms=now_ms,
        changed_ms=now_ms,
        reason=decision.reason,
    )


def _state(decision: PayoutDecision) -> PayoutState:
    return "scheduled" if decision.amount else "carried"


def payout_transactions(payout: StoredPayout, to: PayoutState) -> tuple[LedgerTransaction, ...]:
    """What the ledger gets when a payout becomes ``to``."""
    merchant, decided = f"merchant:{payout.merchant}", f"payout:{payout.merchant}"
    if to == "scheduled":
        return (_moved(payout, PAYOUT, merchant, decided),)
    if to == "paid":
        return (_moved(payout, "payout_paid", decided, PAID_FROM),)
    if to == "returned":
        came_from = PAID_FROM if payout.state == "paid" else decided
        return (_moved(payout, PAYOUT_RETURNED, came_from, merchant),)
    return ()


def _moved(payout: StoredPayout, kind: str, debit: str, credit: str) -> LedgerTransaction:
    entries = (
        LedgerEntry(debit, payout.amount, payout.currency),
        LedgerEntry(credit, -payout.amount, payout.currency),
    )
    return LedgerTransaction(
        key=f"{kind}:{payout.id}", kind=kind, reference=f"payout:{payout.id}", entries=entries
    )  # fmt: skip


def payout_view(stored: StoredPayout) -> Payout:
    """The payout as it is shown."""
    return Payout(
        id=stored.id,
        merchant=stored.merchant,
        amount=Money(stored.amount, stored.currency),
        state=stored.state,
        from_day=None if stored.from_day is None else stored.from_day.isoformat(),
        to_day=stored.to_day.isoformat(),
        held=Money(stored.held, stored.currency),
        reason=stored.reason,
        detail=stored.detail,
        created_at=rfc3339(stored.created_ms),
        changed_at=rfc3339(stored.changed_ms),
    )
