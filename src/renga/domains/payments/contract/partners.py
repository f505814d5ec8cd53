"""Payment partners: accounts that read what concerns their own provider."""

from msgspec import Struct

from renga.domains.payments.contract.payments import PaymentMethod, PaymentState
from renga.kernel.money import Money

PARTNER_PAYMENTS_PAGE_MAX = 100


class PaymentPartner(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``account``: the id of the ``processor`` account that reads what concerns this provider; None: nobody does."""

    account: str | None


class PartnerPayment(Struct, frozen=True, kw_only=True):
    """A means of payment at the partner's provider, without anything about the buyer."""

    means: str
    provider_ref: str
    method: PaymentMethod
    state: PaymentState
    amount: Money
    captured: Money
    refunded: Money
    created_at: str


class PartnerPaymentPage(Struct, frozen=True, kw_only=True):
    """Newest first. ``next`` continues."""

    items: tuple[PartnerPayment, ...]
    next: str | None = None
