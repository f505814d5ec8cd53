"""Use cases: who the partner account of a provider is, and what it reads of payments."""

from renga.domains.payments.contract.finance_errors import FinanceCursorInvalid, PartnerInvalid
from renga.domains.payments.contract.partners import PARTNER_PAYMENTS_PAGE_MAX, PartnerPaymentPage, PaymentPartner
from renga.domains.payments.finance.access import manage_partners, read_provider
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.finance.ports.trail import TrailEntry
from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid
from renga.kernel.ids import canonical_uuid


async def read_partner(dependencies: FinanceDependencies, caller: Caller, provider: str) -> PaymentPartner:
    """Raises ProviderNotFound."""
    manage_partners(dependencies, caller, provider)
    return PaymentPartner(account=await dependencies.partners.partner(provider))


async def put_partner(
    dependencies: FinanceDependencies, caller: Caller, provider: str, partner: PaymentPartner
) -> PaymentPartner:
    """Raises ProviderNotFound, PartnerInvalid."""
    subject = manage_partners(dependencies, caller, provider)
    account = None if partner.account is None else canonical_uuid(partner.account)
    if partner.account is not None and (account is None or not await dependencies.partner_accounts.is_partner(account)):
        raise PartnerInvalid("a partner is an account of the kind processor", field="account")
    entry = TrailEntry(
        at_ms=dependencies.clock.now_ms(), by=subject, action="payment_partner_changed", subject=provider,
        details={"account": account},
    )  # fmt: skip
    await dependencies.partners.put(provider, account, entry)
    return PaymentPartner(account=account)


async def partner_payments(
    dependencies: FinanceDependencies, caller: Caller, provider: str, *, limit: int = 20, cursor: str | None = None
) -> PartnerPaymentPage:
    """Newest first. Raises ProviderNotFound, FinanceCursorInvalid, Invalid (limit)."""
    await read_provider(dependencies, caller, provider)
    if not 1 <= limit <= PARTNER_PAYMENTS_PAGE_MAX:
        raise Invalid(f"limit is 1 to {PARTNER_PAYMENTS_PAGE_MAX}", field="limit")
    after = None if cursor is None else canonical_uuid(cursor)
    if cursor is not None and after is None:
        raise FinanceCursorInvalid()
    found = await dependencies.partners.payments(provider, after, limit + 1)
    return PartnerPaymentPage(items=tuple(found[:limit]), next=found[limit - 1].means if len(found) > limit else None)
