"""A payment as the API and the messages tell it."""

from typing import Any

import msgspec

from renga.kernel.clock import rfc3339
from renga.simulators.payment_provider.model.charge import Charge, DisputeCase


def payment_view(charge: Charge, base: str) -> dict[str, Any]:
    """Every member that is known; ``base`` is the provider's own address."""
    view: dict[str, Any] = {
        "id": charge.id,
        "state": charge.state,
        "method": charge.method,
        "amount": charge.amount,
        "currency": charge.currency,
        "captured": charge.captured,
        "refunded": charge.refunded,
        "refund_pending": charge.refund_pending,
        "capturable": charge.capturable,
        "refundable": charge.refundable,
        "key": charge.key,
        "reference": charge.reference,
        "metadata": charge.metadata,
        "created_at": rfc3339(charge.created_ms),
        "changed_at": rfc3339(charge.changed_ms),
    }
    if charge.reason:
        view["reason"] = charge.reason
    if charge.method == "card":
        _card(view, charge, base)
    else:
        _asynchronous(view, charge, base)
    if charge.split:
        view["split"] = charge.split
    if charge.captures:
        view["captures"] = [
            {"id": one.id, "amount": one.amount, "at": rfc3339(one.at_ms)}
            | ({"end_to_end_id": one.end_to_end} if one.end_to_end else {})
            for one in charge.captures
        ]
    if charge.refunds:
        view["refunds"] = [
            {"id": one.id, "amount": one.amount, "state": one.state, "at": rfc3339(one.at_ms), "reason": one.reason,
             "origin": one.origin}
            for one in charge.refunds
        ]  # fmt: skip
    if charge.disputes:
        view["disputes"] = [dispute_view(one) for one in charge.disputes]
    return view


def _card(view: dict[str, Any], charge: Charge, base: str) -> None:
    card = charge.card
    if card is not None:
        view["card"] = {
            "brand": card.brand, "last4": card.last4, "exp_month": card.exp_month, "exp_year": card.exp_year
        }  # fmt: skip
    if charge.state == "authorised" and charge.authorised_until_ms is not None:
        view["authorised_until"] = rfc3339(charge.authorised_until_ms)
    if charge.state == "action_needed":
        view["action"] = {"kind": "redirect", "url": f"{base}/challenge/{charge.id}"}
    if charge.instalments is not None:
        terms = charge.instalments
        view["instalments"] = {
            "count": terms.count, "funded_by": terms.funded_by, "fee": terms.fee, "total": terms.total,
            "each": terms.total // terms.count,
        }  # fmt: skip
    if charge.saved is not None:
        view["saved_method"] = charge.saved


def _asynchronous(view: dict[str, Any], charge: Charge, base: str) -> None:
    pay_url = f"{base}/test/pay/{charge.id}"
    if charge.captures:
        view["paid_at"] = rfc3339(charge.captures[0].at_ms)
    if charge.pix is not None:
        view["pix"] = {
            "id": charge.pix.txid,
            "payload": charge.pix.payload,
            "expires_at": rfc3339(charge.expires_ms or charge.created_ms),
            "qr_svg_url": f"{base}/v1/payments/{charge.id}/pix.svg",
            "test_pay_url": pay_url,
        }
    if charge.boleto is not None:
        terms = charge.boleto
        view["boleto"] = {
            "id": charge.id, "line": terms.line, "barcode": terms.barcode, "due_on": terms.due_on,
            "test_pay_url": pay_url,
        }  # fmt: skip


def dispute_view(case: DisputeCase) -> dict[str, Any]:
    return {
        "id": case.id,
        "state": case.stage,
        "amount": case.amount,
        "reason": case.reason,
        "due_at": rfc3339(case.due_ms),
    }


def event_body(event_id: str, kind: str, now_ms: int, charge: Charge, dispute: str | None, base: str) -> bytes:
    """A message to the shop: the payment with its totals, and the dispute that it is about."""
    said: dict[str, Any] = {
        "id": event_id,
        "type": kind,
        "created_at": rfc3339(now_ms),
        "payment": payment_view(charge, base),
    }
    case = next((one for one in charge.disputes if one.id == dispute), None)
    if case is not None:
        said["dispute"] = dispute_view(case)
    return msgspec.json.encode(said)
