"""Stored payments as the contract shows them."""

from collections.abc import Iterable
from typing import TypeVar

from renga.domains.payments.contract.payments import MeansView, Payment, PixCharge
from renga.domains.payments.model.means import StoredMeans, StoredPayment
from renga.domains.payments.model.progress import Known, shown_state
from renga.domains.payments.model.states import WAITING
from renga.domains.payments.ports.store import WholePayment
from renga.kernel.clock import rfc3339
from renga.kernel.money import Money

T = TypeVar("T")


def payment_view(known: Known | WholePayment, public_url: str) -> Payment:
    """A payment with its means in order."""
    payment, means = known.payment, known.means
    views = tuple(_means_view(one, payment, public_url) for one in means)
    captured, refunded = sum(one.captured for one in means), sum(one.refunded for one in means)
    return Payment(
        id=payment.id,
        reference=payment.reference,
        state=payment.state,
        amount=Money(payment.amount, payment.currency),
        captured=Money(captured, payment.currency),
        refunded=Money(refunded, payment.currency),
        capture=payment.capture,
        version=payment.version,
        created_at=rfc3339(payment.created_ms),
        means=views,
        reason=payment.reason or _first(one.reason for one in views),
        action=_first(one.action for one in views),
        pix=_first(one.pix for one in views),
        boleto=_first(one.boleto for one in views),
        in_review=payment.risk == "review" and payment.reviewed is None and payment.state == "authorised",
    )


def _first(values: Iterable[T | None]) -> T | None:
    return next((one for one in values if one is not None), None)


def _means_view(one: StoredMeans, payment: StoredPayment, public_url: str) -> MeansView:
    until = one.authorised_until_ms if one.state in WAITING else None
    return MeansView(
        id=one.id, method=one.method, provider=one.provider, state=shown_state(one),
        amount=Money(one.amount, payment.currency), captured=Money(one.captured, payment.currency),
        refunded=Money(one.refunded, payment.currency), reason=one.reason, instalments=one.instalments, card=one.card,
        action=one.action, pix=None if one.pix is None else _pix_view(one.pix, payment.id, public_url), boleto=one.boleto,
        authorisation_expires_at=None if until is None else rfc3339(until),
    )  # fmt: skip


def _pix_view(charge: PixCharge, payment_id: str, public_url: str) -> PixCharge:
    """The picture is the shop's own."""
    return PixCharge(
        id=charge.id, payload=charge.payload, expires_at=charge.expires_at, test_pay_url=charge.test_pay_url,
        qr_svg_url=f"{public_url}/v1/payments/{payment_id}/pix.svg",
    )  # fmt: skip
