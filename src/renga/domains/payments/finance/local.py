"""The contract in this process."""

from collections.abc import AsyncIterator

import msgspec

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
from renga.domains.payments.finance import (
    import_settlement,
    keep_commissions,
    keep_disputes,
    keep_partners,
    keep_payout_account,
    read_payouts,
    read_settlements,
)
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.finance.read_statement import read_statement
from renga.domains.payments.finance.reconcile_day import reconcile_day
from renga.domains.payments.finance.run_payouts import run_payouts
from renga.kernel.caller import Caller
from renga.kernel.once import Replay


class LocalFinance(msgspec.Struct, frozen=True):
    """Implements ``contract.management.FinanceManagement``."""

    dependencies: FinanceDependencies

    async def commissions(self, caller: Caller) -> CommissionTable:
        return await keep_commissions.read_commissions(self.dependencies, caller)

    async def replace_commissions(
        self, caller: Caller, table: CommissionTable, *, expected_version: int | None = None
    ) -> CommissionTable:
        return await keep_commissions.replace_commissions(
            self.dependencies, caller, table, expected_version=expected_version
        )

    async def payout_account(self, caller: Caller, merchant: str) -> PayoutAccount:
        return await keep_payout_account.read_payout_account(self.dependencies, caller, merchant)

    async def put_payout_account(self, caller: Caller, merchant: str, draft: PayoutAccountDraft) -> PayoutAccount:
        return await keep_payout_account.put_payout_account(self.dependencies, caller, merchant, draft)

    async def verify_payout_account(
        self, caller: Caller, merchant: str, *, version: int, verified: bool = True
    ) -> PayoutAccount:
        return await keep_payout_account.verify_payout_account(
            self.dependencies, caller, merchant, version=version, verified=verified
        )

    async def bank_details(self, caller: Caller, merchant: str) -> PayoutAccountDraft:
        return await keep_payout_account.read_bank_details(self.dependencies, caller, merchant)

    async def payout_schedule(self, caller: Caller, merchant: str) -> PayoutSchedule:
        return await keep_payout_account.read_payout_schedule(self.dependencies, caller, merchant)

    async def put_payout_schedule(self, caller: Caller, merchant: str, schedule: PayoutSchedule) -> PayoutSchedule:
        return await keep_payout_account.put_payout_schedule(self.dependencies, caller, merchant, schedule)

    async def run_payouts(self, caller: Caller, day: str | None = None) -> PayoutRun:
        return await run_payouts(self.dependencies, caller, day)

    async def payouts(
        self,
        caller: Caller,
        *,
        merchant: str | None = None,
        state: PayoutState | None = None,
        limit: int = 20,
        cursor: str | None = None,
    ) -> PayoutPage:
        return await read_payouts.list_payouts(
            self.dependencies, caller, merchant=merchant, state=state, limit=limit, cursor=cursor
        )

    async def payout(self, caller: Caller, payout_id: str) -> Payout:
        return await read_payouts.read_payout(self.dependencies, caller, payout_id)

    async def move_payout(self, caller: Caller, payout_id: str, move: PayoutMove) -> Payout:
        return await read_payouts.move_payout(self.dependencies, caller, payout_id, move)

    async def payout_statement(self, caller: Caller, payout_id: str, *, cursor: str | None = None) -> PayoutStatement:
        return await read_statement(self.dependencies, caller, payout_id, cursor=cursor)

    async def disputes(
        self, caller: Caller, *, state: DisputeStanding | None = None, limit: int = 20, cursor: str | None = None
    ) -> DisputePage:
        return await keep_disputes.list_disputes(self.dependencies, caller, state=state, limit=limit, cursor=cursor)

    async def dispute(self, caller: Caller, dispute_id: str) -> Dispute:
        return await keep_disputes.read_dispute(self.dependencies, caller, dispute_id)

    async def submit_evidence(
        self,
        caller: Caller,
        dispute_id: str,
        draft: EvidenceDraft,
        *,
        key: str | None = None,
        replay: Replay | None = None,
    ) -> Dispute:
        return await keep_disputes.submit_evidence(self.dependencies, caller, dispute_id, draft, key=key, replay=replay)

    async def import_settlement(self, caller: Caller, file: SettlementFile) -> SettlementReport:
        return await import_settlement.import_settlement(self.dependencies, caller, file)

    async def fetch_settlement(self, caller: Caller, provider: str, day: str) -> SettlementReport:
        return await import_settlement.fetch_settlement(self.dependencies, caller, provider, day)

    async def settlements(
        self, caller: Caller, provider: str, *, limit: int = 20, cursor: str | None = None
    ) -> SettlementPage:
        return await read_settlements.list_settlements(self.dependencies, caller, provider, limit=limit, cursor=cursor)

    def reconcile(
        self, caller: Caller, provider: str, day: str
    ) -> AsyncIterator[ReconciliationDifference | Reconciliation]:
        return reconcile_day(self.dependencies, caller, provider, day)

    async def partner(self, caller: Caller, provider: str) -> PaymentPartner:
        return await keep_partners.read_partner(self.dependencies, caller, provider)

    async def put_partner(self, caller: Caller, provider: str, partner: PaymentPartner) -> PaymentPartner:
        return await keep_partners.put_partner(self.dependencies, caller, provider, partner)

    async def partner_payments(
        self, caller: Caller, provider: str, *, limit: int = 20, cursor: str | None = None
    ) -> PartnerPaymentPage:
        return await keep_partners.partner_payments(self.dependencies, caller, provider, limit=limit, cursor=cursor)
