"""A refund that the provider refuses: what was asked back belongs to the shares again."""

from collections.abc import Sequence

import msgspec

from renga.domains.payments.applying import record_facts
from renga.domains.payments.contract import events
from renga.domains.payments.contract.payments import DeclineReason
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model import postings
from renga.domains.payments.model.means import StoredOperation
from renga.domains.payments.ports.store import PaymentUnit
from renga.kernel.money import Money

_replace = msgspec.structs.replace


def refuse_refund(
    dependencies: PaymentDependencies, unit: PaymentUnit, operation: StoredOperation, reason: DeclineReason | None
) -> None:
    """The shares (or late money) have again what was asked back and not given back otherwise."""
    means, payment = unit.means[operation.means], unit.payment
    amount = min(operation.amount, means.refund_asked - means.refunded)
    if amount <= 0:
        return
    if operation.request.late:
        unit.post(postings.late_refund_refused(payment, means, amount, key=operation.key))
        unit.put_means(_replace(means, refund_asked=means.refund_asked - amount, late=means.late + amount))
    else:
        parts = _part_of(operation.request.split, operation.amount, amount)
        after = tuple(
            _replace(share, refunded=max(share.refunded - part, 0))
            for share, part in zip(payment.shares, parts, strict=True)
        )
        unit.post(postings.refund_refused(payment, means, after, amount, key=operation.key))
        unit.put_payment(_replace(payment, shares=after))
        unit.put_means(_replace(means, refund_asked=means.refund_asked - amount))
    record_facts(
        dependencies,
        unit,
        events.RefundRefused(
            payment_id=payment.id,
            reference=payment.reference,
            amount=amount,
            currency=payment.currency,
            reason=reason,
        ),
    )


def _part_of(split: Sequence[int], whole: int, amount: int) -> tuple[int, ...]:
    if amount == whole or not sum(split):
        return tuple(split)
    named = min(sum(split), amount)
    return tuple(one.amount for one in Money(named, "XXX").allocate(split))
