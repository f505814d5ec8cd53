"""Use case: give money back."""

from collections.abc import Iterator, Sequence

import msgspec

from renga.domains.payments import access
from renga.domains.payments.asking import Asked, asked, came_before, check_currency
from renga.domains.payments.capture import capabilities_of
from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.contract.errors import (
    AmountExceeded,
    PaymentBusy,
    PaymentInvalid,
    PaymentStateConflict,
    ProviderUnsupported,
)
from renga.domains.payments.contract.payments import REFUNDS_MAX, Payment
from renga.domains.payments.contract.service import RefundRequest
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model import postings
from renga.domains.payments.model import shares as dividing
from renga.domains.payments.model.checking import check_text
from renga.domains.payments.model.means import OperationRequest, StoredMeans
from renga.domains.payments.model.progress import NextStep
from renga.domains.payments.model.refund_shares import checked_amount, named_parts
from renga.domains.payments.new_operations import new_operation
from renga.domains.payments.perform_operation import carry_out
from renga.domains.payments.ports.store import PaymentUnit
from renga.domains.payments.views import payment_view
from renga.kernel.caller import Caller
from renga.kernel.money import Money, exponent
from renga.kernel.once import Replay

_replace = msgspec.structs.replace


async def refund(
    dependencies: PaymentDependencies,
    caller: Caller,
    payment_id: str,
    request: RefundRequest,
    *,
    replay: Replay | None = None,
) -> Payment:
    """The shares give back at once; the provider is asked after that was written.

    Raises PaymentNotFound, PaymentStateConflict, AmountExceeded, ProviderUnsupported, PaymentBusy, PaymentInvalid,
    IdempotencyConflict.
    """
    access.may_change_any(caller)
    wanted = checked_amount(request)
    if request.reason:
        check_text(request.reason, "reason")
    if request.means is not None:
        check_text(request.means, "means")
    if request.currency is not None:
        exponent(request.currency)
    asks = asked(caller, "refund", request.key, request)
    async with dependencies.store.unit(payment_id) as unit:
        access.check_changeable(caller, unit.payment)
        check_currency(unit, request.currency)
        if came_before(unit, asks, replay):
            return payment_view(known_of(unit), dependencies.public_url)
        keys = _ask(dependencies, unit, request, wanted, asks)
        following = conclude(dependencies, unit, claimed=True)
    known = await carry_out(dependencies, known_of(unit), (*keys, *following))
    return payment_view(known, dependencies.public_url)


def _ask(
    dependencies: PaymentDependencies, unit: PaymentUnit, request: RefundRequest, wanted: int | None, asks: Asked
) -> list[str]:
    """The operations, with what each share gives for each. Returns the keys of those that a provider performs."""
    means = _targets(unit, request.means)
    left = sum(one.refundable for one in means)
    amount = left if wanted is None else wanted
    if not left or amount > left:
        raise AmountExceeded("more than is left to refund", left=left)
    if request.shares:
        parts = list(named_parts(unit.payment.shares, request.shares))
    else:
        parts = list(dividing.divide_refund(unit.payment.shares, amount)[0])
    steps = list(_steps(dependencies, unit, means, amount, asks))
    keys = []
    for step in steps:
        split = _split(parts, step.amount)
        parts = [had - gives for had, gives in zip(parts, split, strict=True)]
        keys.append(_make(dependencies, unit, step, split, request, asks))
    return [key for key in keys if key is not None]


def _targets(unit: PaymentUnit, means_id: str | None) -> list[StoredMeans]:
    """The means that give back, in order: the last one first, gift cards and store credit after the others."""
    payment = unit.payment
    if not any(one.captured for one in unit.means.values()):
        raise PaymentStateConflict(f"a payment that is {payment.state} cannot be refunded", state=payment.state)
    if means_id is not None:
        if means_id not in unit.means:
            raise PaymentInvalid("the payment has no such means", field="means")
        return [unit.means[means_id]]
    every = list(reversed(unit.means.values()))
    return [one for one in every if not one.internal] + [one for one in every if one.internal]


def _steps(
    dependencies: PaymentDependencies, unit: PaymentUnit, means: Sequence[StoredMeans], amount: int, asks: Asked
) -> Iterator[NextStep]:
    rest = amount
    for one in means:
        take = min(one.refundable, rest)
        rest -= take
        if take:
            _check(dependencies, unit, one, take)
            yield NextStep(one.id, "refund", asks.name, take)


def _check(dependencies: PaymentDependencies, unit: PaymentUnit, means: StoredMeans, take: int) -> None:
    """Raises PaymentBusy, ProviderUnsupported."""
    refunds = [one for one in unit.operations.values() if one.means == means.id and one.kind == "refund"]
    if any(one.live for one in refunds):
        raise PaymentBusy()
    if len(refunds) >= REFUNDS_MAX:
        raise ProviderUnsupported(f"a means is refunded at most {REFUNDS_MAX} times")
    if means.internal:
        return
    can = capabilities_of(dependencies, means)
    if can.refunds == "none":
        raise ProviderUnsupported(f"{means.provider} cannot give a {means.method} back")
    if can.refunds == "one" and means.refund_asked:
        raise ProviderUnsupported(f"{means.provider} refunds a {means.method} once")
    if take < means.captured and not can.partial_refund:
        raise ProviderUnsupported(f"{means.provider} refunds the whole of a {means.method} only")


def _split(parts: Sequence[int], amount: int) -> tuple[int, ...]:
    """What each share gives for one means; what no share can give is the shop's."""
    fits = min(sum(parts), amount)
    if not fits:
        return (0,) * len(parts)
    return tuple(one.amount for one in Money(fits, "XXX").allocate(parts))


def _make(
    dependencies: PaymentDependencies,
    unit: PaymentUnit,
    step: NextStep,
    split: tuple[int, ...],
    request: RefundRequest,
    asks: Asked,
) -> str | None:
    stored = OperationRequest(fingerprint=asks.fingerprint, reason=request.reason, split=split)
    operation = new_operation(dependencies, unit, step, claimed=True, request=stored)
    payment, means = unit.payment, unit.means[step.means]
    after = dividing.refunded(payment.shares, split)
    unit.post(postings.refund_asked(payment, means, after, step.amount, key=operation.key))
    unit.put_payment(_replace(payment, shares=after))
    unit.put_means(_replace(means, refund_asked=means.refund_asked + step.amount, version=means.version + 1))
    return None if operation.next_ms is None else operation.key
