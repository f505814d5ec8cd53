"""The provider's payments as the port's records."""

from renga.domains.payments.contract.payments import BoletoCharge, BuyerAction, PixCharge
from renga.domains.payments.model.records import ProviderDispute, ProviderRecord
from renga.domains.payments.providers.simulated.bodies import (
    BoletoBody,
    DisputeBody,
    PixBody,
    SimulatedPaymentBody,
    reason_of,
)
from renga.kernel.clock import from_rfc3339
from renga.kernel.money import Money


def record_of(body: SimulatedPaymentBody) -> ProviderRecord:
    """Everything that the provider says of a payment. Raises ValueError."""
    return ProviderRecord(
        ref=body.id,
        state=body.state,
        amount=Money(body.amount, body.currency),
        captured=body.captured,
        refunded=body.refunded,
        key=body.key,
        refusal=reason_of(body.reason) if body.state == "refused" else None,
        method=body.method,
        instalments=body.instalments.count if body.instalments else 1,
        card=body.card,
        action=BuyerAction(url=body.action.url) if body.action else None,
        pix=_pix(body.pix) if body.pix else None,
        boleto=_boleto(body.boleto) if body.boleto else None,
        authorised_until_ms=_ms(body.authorised_until),
        paid_ms=_ms(body.paid_at),
        disputes=tuple(dispute_of(one) for one in body.disputes),
        saved_ref=body.saved_method,
    )


def _pix(body: PixBody) -> PixCharge:
    return PixCharge(id=body.id, payload=body.payload, expires_at=body.expires_at, test_pay_url=body.test_pay_url)


def _boleto(body: BoletoBody) -> BoletoCharge:
    return BoletoCharge(
        id=body.id, line=body.line, barcode=body.barcode, due_on=body.due_on, test_pay_url=body.test_pay_url
    )


def dispute_of(body: DisputeBody) -> ProviderDispute:
    """Raises ValueError."""
    return ProviderDispute(
        id=body.id, state=body.state, amount=body.amount, reason=body.reason, due_ms=from_rfc3339(body.due_at)
    )


def _ms(text: str | None) -> int | None:
    return None if text is None else from_rfc3339(text)
