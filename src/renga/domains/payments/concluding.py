"""What a payment needs next, its state and the events of it, at the end of each transaction on it."""

import msgspec

from renga.domains.payments.applying import close_operation, take
from renga.domains.payments.contract import events
from renga.domains.payments.contract.events import PaymentFact
from renga.domains.payments.contract.payments import PaymentState
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.internal_operations import perform_internal, ready_internals
from renga.domains.payments.model.advancing import advance
from renga.domains.payments.model.means import StoredOperation
from renga.domains.payments.model.progress import Known, next_steps, payment_state
from renga.domains.payments.new_operations import new_operation
from renga.domains.payments.ports.store import PaymentUnit
from renga.domains.payments.recording import changed, event_of

_replace = msgspec.structs.replace


def conclude(dependencies: PaymentDependencies, unit: PaymentUnit, *, claimed: bool = False) -> tuple[str, ...]:
    """What the payment needs next, its state, and the events of it. Call it once before the transaction ends.

    Returns the keys of new operations. ``claimed``: the caller performs them at once; else they are due for any worker.
    """
    made: list[str] = []
    while True:
        _give_up_refused(unit)
        _void_unsent(unit)
        steps = next_steps(known_of(unit))
        for step in steps:
            operation = new_operation(dependencies, unit, step, claimed=claimed)
            if operation.next_ms is not None:
                made.append(operation.key)
        ready = ready_internals(unit)
        for one in ready:
            _perform_internal(dependencies, unit, one)
        if not steps and not ready:
            break
    _new_state(dependencies, unit)
    return tuple(made)


def known_of(unit: PaymentUnit) -> Known:
    return Known(unit.payment, tuple(unit.means.values()), tuple(unit.operations.values()))


def _perform_internal(dependencies: PaymentDependencies, unit: PaymentUnit, operation: StoredOperation) -> None:
    now_ms = dependencies.clock.now_ms()
    record = perform_internal(unit, operation)
    if record is None:
        close_operation(unit, operation, "refused", now_ms)
        return
    take(dependencies, unit, advance(unit.payment, unit.means[operation.means], record, now_ms, unit.rates))
    close_operation(unit, operation, "accepted", now_ms)


def _give_up_refused(unit: PaymentUnit) -> None:
    """All or none: when one means has ended before any money was taken, nobody waits for the others."""
    payment, means = unit.payment, unit.means.values()
    if payment.given_up or any(one.captured for one in means):
        return
    ended = [one for one in means if one.state in {"declined", "expired"}]
    voided = all(one.state == "voided" for one in means)
    if ended or voided:
        reason = next((one.reason for one in ended if one.state == "declined"), None)
        unit.put_payment(_replace(payment, given_up=True, reason=payment.reason or reason))


def _void_unsent(unit: PaymentUnit) -> None:
    """What was never sent to a provider ends here."""
    if not unit.payment.given_up:
        return
    known = known_of(unit)
    for one in known.means:
        if one.state == "created" and not known.live(one):
            unit.put_means(_replace(one, state="voided", version=one.version + 1))


def _new_state(dependencies: PaymentDependencies, unit: PaymentUnit) -> None:
    before, after = unit.payment.state, payment_state(unit.payment, unit.means.values())
    if before == after:
        return
    now_ms = dependencies.clock.now_ms()
    unit.put_payment(changed(unit.payment, now_ms, state=after))
    fact = _fact_of(unit, after)
    if fact is not None:
        event = event_of(fact, unit.payment.id, unit.payment.version, now_ms=now_ms, new_id=dependencies.new_id)
        unit.append(event)


def _fact_of(unit: PaymentUnit, state: PaymentState) -> PaymentFact | None:
    """What a payment has become; money and disputes have facts of their own."""
    payment = unit.payment
    if state == "declined":
        return events.PaymentDeclined(payment_id=payment.id, reference=payment.reference, reason=payment.reason)
    if state == "authorised":
        return events.PaymentAuthorised(
            payment_id=payment.id, reference=payment.reference, amount=payment.amount, currency=payment.currency
        )
    simple: dict[PaymentState, type[PaymentFact]] = {
        "action_needed": events.PaymentActionNeeded, "pending": events.PaymentPending,
        "expired": events.PaymentExpired, "voided": events.PaymentVoided,
    }  # fmt: skip
    kind = simple.get(state)
    return None if kind is None else kind(payment_id=payment.id, reference=payment.reference)
