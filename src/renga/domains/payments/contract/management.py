"""The finance side of payments: commission, payouts, disputes, settlements, reconciliation, payment partners."""

from collections.abc import AsyncIterator
from typing import Protocol

from renga.domains.payments.contract.commissions import CommissionTable
from renga.domains.payments.contract.disputes import Dispute, DisputePage, DisputeStanding, EvidenceDraft
from renga.domains.payments.contract.partners import PartnerPaymentPage, PaymentPartner
from renga.domains.payments.contract.payouts import (
    Payout,
    PayoutAccount,
    PayoutAccountDraft,
    PayoutMove,
    PayoutPage,
    PayoutRun,
    PayoutSchedule,
    PayoutState,
    PayoutStatement,
)
from renga.domains.payments.contract.settlements import (
    Reconciliation,
    ReconciliationDifference,
    SettlementFile,
    SettlementPage,
    SettlementReport,
)
from renga.kernel.caller import Caller
from renga.kernel.once import Replay

#: Scopes: payouts of every merchant (finance), those of the caller's merchants (their owners and managers), and who the
#: partner accounts of providers are (administrators).
ALL_PAYOUTS = "payouts:manage"
OWN_PAYOUTS = "payouts:own"
PARTNERS = "payments:partners"

#: A change of a payout account needs a login that is at most this old.
FRESH_LOGIN_S = 15 * 60


class FinanceManagement(Protocol):
    """The caller is the first argument. Every method raises Unauthenticated, InsufficientScope, Unavailable; after any error
    nothing was written. What is not the caller's is "not found".

    READING_PAYMENTS reads, MANAGING_PAYMENTS changes; payouts have scopes of their own; PARTNER reads what concerns the
    providers that the caller is the partner account of.
    """

    async def commissions(self, caller: Caller) -> CommissionTable:
        """The rules of commission."""
        ...

    async def replace_commissions(
        self, caller: Caller, table: CommissionTable, *, expected_version: int | None = None
    ) -> CommissionTable:
        """Replace all rules. What was captured keeps its commission. ``expected_version`` None: whatever is there.

        Raises CommissionInvalid, CommissionsMismatch.
        """
        ...

    async def payout_account(self, caller: Caller, merchant: str) -> PayoutAccount:
        """Raises PayoutAccountNotFound."""
        ...

    async def put_payout_account(self, caller: Caller, merchant: str, draft: PayoutAccountDraft) -> PayoutAccount:
        """Where the merchant is paid out from now on: not verified, and not before the pause after a change is over.

        For finance, and for owners and managers of the merchant; all with a fresh login. The same again changes nothing.
        Raises PayoutAccountInvalid, PayoutAccountNotFound (not the caller's merchant), Forbidden (a clerk), FreshLoginRequired.
        """
        ...

    async def verify_payout_account(
        self, caller: Caller, merchant: str, *, version: int, verified: bool = True
    ) -> PayoutAccount:
        """Finance has checked this version of the account. Needs ALL_PAYOUTS. Raises PayoutAccountNotFound (also if the account
        has another version now).
        """
        ...

    async def bank_details(self, caller: Caller, merchant: str) -> PayoutAccountDraft:
        """The whole details, for whoever pays merchants out. Needs ALL_PAYOUTS and a fresh login; the trail says who read them.

        Raises PayoutAccountNotFound, FreshLoginRequired.
        """
        ...

    async def payout_schedule(self, caller: Caller, merchant: str) -> PayoutSchedule:
        """The merchant's schedule, or the default one. Raises PayoutAccountNotFound for another's merchant."""
        ...

    async def put_payout_schedule(self, caller: Caller, merchant: str, schedule: PayoutSchedule) -> PayoutSchedule:
        """Needs ALL_PAYOUTS. Raises PayoutScheduleInvalid."""
        ...

    async def run_payouts(self, caller: Caller, day: str | None = None) -> PayoutRun:
        """Make every payout that is due on a day (``YYYY-MM-DD``, UTC; None: today) and was not made; again changes nothing.

        Needs ALL_PAYOUTS. Raises PayoutDayInvalid.
        """
        ...

    async def payouts(
        self,
        caller: Caller,
        *,
        merchant: str | None = None,
        state: PayoutState | None = None,
        limit: int = 20,
        cursor: str | None = None,
    ) -> PayoutPage:
        """Newest first. Raises FinanceCursorInvalid, Invalid (limit)."""
        ...

    async def payout(self, caller: Caller, payout_id: str) -> Payout:
        """Raises PayoutNotFound."""
        ...

    async def move_payout(self, caller: Caller, payout_id: str, move: PayoutMove) -> Payout:
        """Say what became of a payout; the same again changes nothing. Needs ALL_PAYOUTS.

        Raises PayoutNotFound, PayoutStateConflict, PayoutAccountNotReady (to send it).
        """
        ...

    async def payout_statement(self, caller: Caller, payout_id: str, *, cursor: str | None = None) -> PayoutStatement:
        """The statement, with at most STATEMENT_LINES_MAX of its lines. Raises PayoutNotFound, FinanceCursorInvalid."""
        ...

    async def disputes(
        self, caller: Caller, *, state: DisputeStanding | None = None, limit: int = 20, cursor: str | None = None
    ) -> DisputePage:
        """Newest first, without evidence. Raises FinanceCursorInvalid, Invalid (limit)."""
        ...

    async def dispute(self, caller: Caller, dispute_id: str) -> Dispute:
        """With what was handed in as evidence. Raises DisputeNotFound."""
        ...

    async def submit_evidence(
        self,
        caller: Caller,
        dispute_id: str,
        draft: EvidenceDraft,
        *,
        key: str | None = None,
        replay: Replay | None = None,
    ) -> Dispute:
        """Keep evidence and send it to the provider, if it takes any. ``key``: the same key again adds nothing.

        Needs MANAGING_PAYMENTS. Raises DisputeNotFound, EvidenceTooLate, EvidenceInvalid, IdempotencyConflict.
        """
        ...

    async def import_settlement(self, caller: Caller, file: SettlementFile) -> SettlementReport:
        """Write a settlement file into the ledger, all of it or nothing; the same file again writes nothing.

        Needs MANAGING_PAYMENTS. Raises ProviderNotFound, SettlementInvalid, SettlementConflict.
        """
        ...

    async def fetch_settlement(self, caller: Caller, provider: str, day: str) -> SettlementReport:
        """Import the provider's file of a day. Needs MANAGING_PAYMENTS.

        Raises ProviderNotFound, ProviderAway, SettlementNotFound (there is none yet), SettlementInvalid, SettlementConflict.
        """
        ...

    async def settlements(
        self, caller: Caller, provider: str, *, limit: int = 20, cursor: str | None = None
    ) -> SettlementPage:
        """Newest day first, without differences. Raises ProviderNotFound, FinanceCursorInvalid, Invalid (limit)."""
        ...

    def reconcile(
        self, caller: Caller, provider: str, day: str
    ) -> AsyncIterator[ReconciliationDifference | Reconciliation]:
        """Compare the provider's list, its settlement file and the ledger for a day; writes nothing.

        Every difference, then what was compared. Raises ProviderNotFound, ProviderAway, Unprocessable (the day).
        """
        ...

    async def partner(self, caller: Caller, provider: str) -> PaymentPartner:
        """Who a provider's partner account is. Needs PARTNERS. Raises ProviderNotFound."""
        ...

    async def put_partner(self, caller: Caller, provider: str, partner: PaymentPartner) -> PaymentPartner:
        """Needs PARTNERS. Raises ProviderNotFound, PartnerInvalid (not a ``processor`` account)."""
        ...

    async def partner_payments(
        self, caller: Caller, provider: str, *, limit: int = 20, cursor: str | None = None
    ) -> PartnerPaymentPage:
        """What a provider's partner may see of its payments. Raises ProviderNotFound, FinanceCursorInvalid, Invalid (limit)."""
        ...
