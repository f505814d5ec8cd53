"""What must be decided outside before an operation is sent: risk before a capture, whose late money is before its refund."""

from typing import Literal

import msgspec

from renga.domains.payments.applying import close_operation, holds, record_facts
from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.contract import events
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model import postings, shares
from renga.domains.payments.model.means import RiskDecision, StoredOperation
from renga.domains.payments.model.progress import Known
from renga.domains.payments.ports.store import PaymentUnit
from renga.kernel.money import Money

_replace = msgspec.structs.replace
LateDecision = Literal["accept", "refund"]


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """``operation``: to be sent now; None: it is closed, and ``following`` comes next. ``risk``: what was decided just now.

    ``known`` None: another executor has the operation.
    """

    known: Known | None
    operation: StoredOperation | None = None
    risk: RiskDecision | None = None
    following: tuple[str, ...] = ()


async def decide(dependencies: PaymentDependencies, known: Known, operation: StoredOperation) -> Decided:
    """Ask who has to say something about it first."""
    if operation.kind == "capture" and not operation.request.forced and known.payment.risk != "allow":
        risk = known.payment.risk or await dependencies.risk.assess(known.payment, known.means)
        if risk != "allow":
            return await _not_allowed(dependencies, operation, risk)
        return Decided(known=known, operation=operation, risk=risk)
    if operation.kind == "refund" and operation.request.late and not operation.request.decided:
        return await _settle_late(dependencies, operation, await _late_decision(dependencies, known, operation))
    return Decided(known=known, operation=operation)


async def _not_allowed(dependencies: PaymentDependencies, operation: StoredOperation, risk: RiskDecision) -> Decided:
    """Refused: everything is released. For review: it stays authorised until somebody captures or voids it by hand."""
    async with dependencies.store.unit(operation.payment) as unit:
        if not holds(unit, operation):
            return Decided(known=None)
        payment = _replace(unit.payment, risk=risk)
        if risk == "refuse" and not any(one.captured for one in unit.means.values()):
            payment = _replace(payment, given_up=True, reason="risk_refused")
        unit.put_payment(payment)
        close_operation(unit, unit.operations[operation.key], "refused", dependencies.clock.now_ms(), "risk_refused")
        following = conclude(dependencies, unit, claimed=True)
    return Decided(known=known_of(unit), following=following)


async def _late_decision(dependencies: PaymentDependencies, known: Known, operation: StoredOperation) -> LateDecision:
    answer = dependencies.late_money.answer
    if answer is None:
        return dependencies.settings.late_money
    return await answer.settle(known.payment.reference, Money(operation.amount, known.payment.currency))


async def _settle_late(
    dependencies: PaymentDependencies, operation: StoredOperation, decision: LateDecision
) -> Decided:
    async with dependencies.store.unit(operation.payment) as unit:
        if not holds(unit, operation):
            return Decided(known=None)
        means, now_ms = unit.means[operation.means], dependencies.clock.now_ms()
        amount = min(operation.amount, means.late)
        if not amount:  # the provider has given it back by itself meanwhile
            close_operation(unit, operation, "refused", now_ms)
            following = conclude(dependencies, unit, claimed=True)
            return Decided(known=known_of(unit), following=following)
        unit.put_means(_replace(means, late=means.late - amount, version=means.version + 1))
        _settled(dependencies, unit, amount, decision)
        if decision == "refund":
            return _refund(unit, operation, amount)
        _accept(unit, operation, amount, dependencies.clock.now_ms())
        close_operation(unit, operation, "refused", now_ms)
        following = conclude(dependencies, unit, claimed=True)
    return Decided(known=known_of(unit), following=following)


def _settled(dependencies: PaymentDependencies, unit: PaymentUnit, amount: int, decision: LateDecision) -> None:
    fact = events.LateMoneySettled(
        payment_id=unit.payment.id, reference=unit.payment.reference, amount=amount, currency=unit.payment.currency,
        decision=decision,
    )  # fmt: skip
    record_facts(dependencies, unit, fact)


def _refund(unit: PaymentUnit, operation: StoredOperation, amount: int) -> Decided:
    means = unit.means[operation.means]
    unit.post(postings.late_refund_asked(unit.payment, means, amount, key=operation.key))
    unit.put_means(_replace(means, refund_asked=means.refund_asked + amount))
    decided = _replace(operation, amount=amount, request=_replace(operation.request, decided=True))
    unit.put_operation(decided)
    return Decided(known=known_of(unit), operation=decided)


def _accept(unit: PaymentUnit, operation: StoredOperation, amount: int, now_ms: int) -> None:
    rating = shares.Rating(unit.rates, unit.payment.currency, now_ms)
    parts, _ = shares.divide_capture(unit.payment.shares, amount)
    after = shares.captured(unit.payment.shares, parts, rating)
    unit.post(postings.late_accepted(unit.payment, after, amount, key=operation.key))
    unit.put_payment(_replace(unit.payment, shares=after))
