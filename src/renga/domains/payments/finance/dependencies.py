"""What the use cases of finance need."""

from collections.abc import Mapping

import msgspec

from renga.domains.payments.finance.ports.disputes import DisputeStore
from renga.domains.payments.finance.ports.partners import MerchantRoles, PartnerAccounts, PartnerStore
from renga.domains.payments.finance.ports.payouts import BankSeal, CommissionStore, PayoutAccountStore, PayoutStore
from renga.domains.payments.finance.ports.reconciling import ReconciliationStore
from renga.domains.payments.finance.ports.settlements import SettlementStore
from renga.domains.payments.ports.provider import PaymentProvider, TakesEvidence
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource


class FinanceRules(msgspec.Struct, frozen=True, kw_only=True):
    """What settings say.

    ``pause_days``     after a change of a payout account nothing is paid out for so long
    ``after_settlement``  a sale is available when its provider has settled it, not only after the schedule's delay
    ``settled_within_days``  after so many days a capture should be settled
    """

    pause_days: int = 7
    after_settlement: bool = False
    settled_within_days: int = 3


class FinanceDependencies(msgspec.Struct, frozen=True, kw_only=True):
    """Stores, the providers by name, those of them that take evidence, and who works for which merchant."""

    commissions: CommissionStore
    payout_accounts: PayoutAccountStore
    payouts: PayoutStore
    disputes: DisputeStore
    settlements: SettlementStore
    reconciliation: ReconciliationStore
    partners: PartnerStore
    seal: BankSeal
    roles: MerchantRoles
    partner_accounts: PartnerAccounts
    providers: Mapping[str, PaymentProvider]
    evidence_takers: Mapping[str, TakesEvidence]
    rules: FinanceRules
    clock: Clock
    new_id: IdSource
