"""Applies a provider's record to the unit of a payment.

Whoever holds a unit (an executor with an answer, a webhook, the janitor) calls ``apply_record`` for each record, then
``concluding.conclude`` once before the transaction ends.
"""

import msgspec

from renga.domains.payments.contract import events
from renga.domains.payments.contract.events import PaymentFact
from renga.domains.payments.contract.payments import DeclineReason
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.advancing import Advance, advance
from renga.domains.payments.model.means import OperationState, SavedMethod, StoredMeans, StoredOperation
from renga.domains.payments.model.records import ProviderRecord
from renga.domains.payments.ports.store import PaymentUnit
from renga.domains.payments.recording import changed, event_of

_replace = msgspec.structs.replace


def apply_record(
    dependencies: PaymentDependencies, unit: PaymentUnit, means_id: str, record: ProviderRecord
) -> Advance:
    """A provider's record of a means of this unit. What it says that is not known yet is written; its facts are events.

    An authorisation whose answer never came is closed by news of it, unless an executor still waits for the answer.
    """
    now_ms = dependencies.clock.now_ms()
    step = advance(unit.payment, unit.means[means_id], record, now_ms, unit.rates)
    if step.misfit is not None:
        return step
    take(dependencies, unit, step)
    for dispute in step.disputes:
        unit.put_dispute(means_id, dispute)
    if record.saved_ref is not None:
        _save(dependencies, unit, step.means, record.saved_ref)
    for one in list(unit.operations.values()):
        if one.means == means_id and one.kind == "authorise" and one.live and one.lease_until_ms <= now_ms:
            close_operation(unit, one, "accepted", now_ms)
    _settle_pending_refunds(unit, means_id, now_ms)
    return step


def take(dependencies: PaymentDependencies, unit: PaymentUnit, step: Advance) -> None:
    """The unit's payment and means are those after the step."""
    unit.put_payment(step.payment)
    unit.put_means(step.means)
    unit.post(*step.transactions)
    record_facts(dependencies, unit, *step.facts)


def record_facts(dependencies: PaymentDependencies, unit: PaymentUnit, *facts: PaymentFact) -> None:
    """Events of the payment, each at a version of its own."""
    now_ms = dependencies.clock.now_ms()
    for fact in facts:
        unit.put_payment(changed(unit.payment, now_ms))
        event = event_of(fact, unit.payment.id, unit.payment.version, now_ms=now_ms, new_id=dependencies.new_id)
        unit.append(event)


def _save(dependencies: PaymentDependencies, unit: PaymentUnit, means: StoredMeans, saved_ref: str) -> None:
    """Keep the method that the customer consented to keep."""
    customer = unit.payment.customer
    if not means.save or customer is None or means.consent is None:
        return
    now_ms = dependencies.clock.now_ms()
    saved = SavedMethod(
        id=dependencies.new_id(), customer=customer, method=means.method, provider=means.provider, saved_ref=saved_ref,
        consent=means.consent, consented_ms=unit.payment.created_ms, usage=means.usage, card=means.card,
    )  # fmt: skip
    unit.put_saved(saved)
    unit.put_means(_replace(means, save=False))
    fact = events.PaymentMethodSaved(customer_id=customer, saved_method_id=saved.id)
    unit.append(event_of(fact, saved.id, 1, now_ms=now_ms, new_id=dependencies.new_id))


def _settle_pending_refunds(unit: PaymentUnit, means_id: str, now_ms: int) -> None:
    """Everything that was asked is given back: refunds that the provider accepted for later are done."""
    means = unit.means[means_id]
    if means.refunded < means.refund_asked:
        return
    for one in list(unit.operations.values()):
        if one.means == means_id and one.kind == "refund" and one.live and one.state == "pending":
            close_operation(unit, one, "accepted", now_ms)


def close_operation(
    unit: PaymentUnit,
    operation: StoredOperation,
    state: OperationState,
    now_ms: int,
    reason: DeclineReason | None = None,
) -> None:
    """An operation has ended: its token is forgotten, its means is not in doubt about it any more."""
    request = _replace(operation.request, token=None)
    ended = _replace(operation, state=state, closed_ms=now_ms, next_ms=None, request=request, reason=reason)
    unit.put_operation(ended)
    means = unit.means[operation.means]
    if operation.kind in means.unsure:
        unit.put_means(_replace(means, unsure=tuple(one for one in means.unsure if one != operation.kind)))


def holds(unit: PaymentUnit, operation: StoredOperation) -> bool:
    """Whether the executor that claimed ``operation`` is still its only one."""
    now = unit.operations.get(operation.key)
    return now is not None and now.live and now.fence == operation.fence
