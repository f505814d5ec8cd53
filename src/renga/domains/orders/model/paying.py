"""What a payment means for its order. Pure."""

from typing import Literal

from renga.domains.orders.contract.orders import OrderMeans, OrderPayment, OrderPaymentState
from renga.domains.payments.contract.payments import Payment

#: ``held``: authorised, money can be taken; ``open``: it is not decided yet; ``over``: there will be no money.
PaymentStanding = Literal["paid", "held", "open", "action", "over", "returned"]

_STANDING: dict[str, PaymentStanding] = {
    "created": "open", "unknown": "open", "pending": "open", "action_needed": "action", "authorised": "held",
    "partly_captured": "held", "captured": "paid", "disputed": "paid", "won": "paid", "lost": "paid",
    "partly_refunded": "paid", "refunded": "returned", "declined": "over", "expired": "over", "voided": "over",
}  # fmt: skip
_SHOWN: dict[str, OrderPaymentState] = {
    "authorised": "authorised", "partly_captured": "authorised", "captured": "paid", "disputed": "paid", "won": "paid",
    "lost": "paid", "partly_refunded": "partly_refunded", "refunded": "refunded", "declined": "failed",
    "expired": "failed", "voided": "voided",
}  # fmt: skip


def standing_of(payment: Payment | None) -> PaymentStanding:
    """None: there was nothing to pay."""
    return "paid" if payment is None else _STANDING[payment.state]


def payment_state_of(payment: Payment | None) -> OrderPaymentState:
    """As orders show it."""
    return "paid" if payment is None else _SHOWN.get(payment.state, "pending")


def shown_payment(payment: Payment | None) -> OrderPayment:
    """What may be shown of it; how to pay only while it is awaited."""
    if payment is None:
        return OrderPayment()
    awaited = payment.state in ("pending", "action_needed", "created", "unknown")
    main = payment.means[-1] if payment.means else None
    return OrderPayment(
        id=payment.id,
        method=None if main is None else main.method,
        instalments=1 if main is None else main.instalments,
        means=tuple(
            OrderMeans(method=one.method, amount=one.amount, instalments=one.instalments, card=one.card)
            for one in payment.means
        ),
        captured=payment.captured,
        refunded=payment.refunded,
        pix=payment.pix if awaited else None,
        boleto=payment.boleto if awaited else None,
    )
