"""Opens finance: connects its adapters to its ports."""

from collections.abc import Mapping
from typing import cast

from renga.domains.identity.contract import IdentityContracts
from renga.domains.payments.finance.dependencies import FinanceDependencies, FinanceRules
from renga.domains.payments.finance.identity_people import IdentityPartners, IdentityRoles, NobodyWorks
from renga.domains.payments.finance.providers.bank_seal import AesBankSeal
from renga.domains.payments.finance.stores.commissions import PostgresCommissions
from renga.domains.payments.finance.stores.disputes import PostgresDisputes
from renga.domains.payments.finance.stores.partners import PostgresPartners
from renga.domains.payments.finance.stores.payout_accounts import PostgresPayoutAccounts
from renga.domains.payments.finance.stores.payouts import PostgresPayouts
from renga.domains.payments.finance.stores.reconciliation import PostgresReconciliation
from renga.domains.payments.finance.stores.settlements import PostgresSettlements
from renga.domains.payments.ports.provider import PaymentProvider, TakesEvidence
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.postgres import calls


def finance_dependencies(
    pool: calls.Pool,
    settings: PaymentSettings,
    providers: Mapping[str, PaymentProvider],
    *,
    identity: IdentityContracts | None,
    clock: Clock,
    new_id: IdSource,
    secret: bytes,
) -> FinanceDependencies:
    """On a pool whose database has the migrations. Without identity nobody works for a merchant or a provider."""
    return FinanceDependencies(
        commissions=PostgresCommissions(pool),
        payout_accounts=PostgresPayoutAccounts(pool),
        payouts=PostgresPayouts(pool),
        disputes=PostgresDisputes(pool),
        settlements=PostgresSettlements(pool),
        reconciliation=PostgresReconciliation(pool),
        partners=PostgresPartners(pool),
        seal=AesBankSeal(secret),
        roles=NobodyWorks() if identity is None else IdentityRoles(identity.merchants),
        partner_accounts=NobodyWorks() if identity is None else IdentityPartners(identity.administration),
        providers=providers,
        evidence_takers={name: cast(TakesEvidence, one) for name, one in providers.items() if _takes_evidence(one)},
        rules=FinanceRules(
            pause_days=settings.payout_pause_days,
            after_settlement=settings.payout_after == "settlement",
            settled_within_days=settings.settled_within_days,
        ),
        clock=clock,
        new_id=new_id,
    )


def _takes_evidence(provider: PaymentProvider) -> bool:
    return hasattr(provider, "submit_evidence")
