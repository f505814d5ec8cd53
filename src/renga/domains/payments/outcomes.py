"""What the outcome of an operation changes in the unit of its payment."""

import msgspec

from renga.domains.payments.applying import apply_record, close_operation, record_facts
from renga.domains.payments.contract.payments import DeclineReason
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model import postings, shares
from renga.domains.payments.model.means import OperationState, StoredOperation
from renga.domains.payments.model.progress import CAPTURE, REVIEWED
from renga.domains.payments.model.states import ENDED, may_become
from renga.domains.payments.ports.provider import Outcome
from renga.domains.payments.ports.store import PaymentUnit
from renga.domains.payments.recording import ending_fact
from renga.domains.payments.refusing import refuse_refund

_replace = msgspec.structs.replace
#: Pause before an operation is looked at again, by the number of its attempts; the last one for all further.
BACKOFF_MS = (1_000, 2_000, 4_000, 8_000, 15_000)
#: The longest pause before an operation that the provider accepted for later is looked at again.
PENDING_PAUSE_MAX_MS = 3_600_000


def backoff_ms(attempts: int) -> int:
    """How long to wait after so many attempts."""
    return BACKOFF_MS[min(max(attempts, 1), len(BACKOFF_MS)) - 1]


def apply_outcome(
    dependencies: PaymentDependencies, unit: PaymentUnit, operation: StoredOperation, outcome: Outcome
) -> None:
    """The operation is closed, or stays live until somebody knows more (unknown; a pending capture, void or refund)."""
    now_ms = dependencies.clock.now_ms()
    if operation.request.previous_ref is not None:
        outcome = _replacing(unit, operation, outcome)
    if (
        (outcome.record is not None and apply_record(dependencies, unit, operation.means, outcome.record).misfit)
        or outcome.kind == "unknown"
        or (outcome.kind == "accepted" and outcome.record is None)
    ):
        _look_again(dependencies, unit, operation, "unknown")
    elif outcome.kind == "pending" and operation.kind != "authorise":
        _look_again(dependencies, unit, operation, "pending")
    else:
        close_operation(unit, operation, outcome.kind, now_ms, outcome.reason)
        if outcome.kind == "refused":
            _refused(dependencies, unit, operation, outcome.reason)


def _replacing(unit: PaymentUnit, operation: StoredOperation, outcome: Outcome) -> Outcome:
    """The outcome of an authorisation that replaces another one: the means follows it only if it holds money."""
    means, record = unit.means[operation.means], outcome.record
    if record is None or record.ref == means.provider_ref:
        return outcome
    if record.state == "authorised" and means.state in ENDED:
        # it was released meanwhile: so is the new one
        unit.put_means(_replace(means, provider_ref=record.ref, stray=True))
    if record.state != "authorised" or means.state != "authorised":
        return _replace(outcome, record=None, kind="refused")
    unit.put_means(_replace(means, provider_ref=record.ref, authorised_until_ms=None, ending_told=False))
    return outcome


def _look_again(
    dependencies: PaymentDependencies, unit: PaymentUnit, operation: StoredOperation, state: OperationState
) -> None:
    """Nobody executes it now; whether it was done is asked after a pause."""
    now_ms = dependencies.clock.now_ms()
    pause_ms = backoff_ms(operation.attempts)
    if state == "pending":
        # nothing is in doubt, and it may take days
        pause_ms = max(pause_ms, min(now_ms - operation.created_ms, PENDING_PAUSE_MAX_MS))
    next_ms = now_ms + pause_ms
    unit.put_operation(_replace(operation, state=state, lease_until_ms=now_ms, next_ms=next_ms))
    means = unit.means[operation.means]
    unsure = tuple(one for one in means.unsure if one != operation.kind)
    unit.put_means(_replace(means, unsure=(*unsure, operation.kind) if state == "unknown" else unsure))


def _refused(
    dependencies: PaymentDependencies, unit: PaymentUnit, operation: StoredOperation, reason: DeclineReason | None
) -> None:
    means = unit.means[operation.means]
    if operation.request.previous_ref is not None:
        record_facts(dependencies, unit, ending_fact(unit.payment, means, "nothing"))
    elif operation.kind == "authorise":
        if may_become(means.state, "declined"):
            unit.put_means(_replace(means, state="declined", reason=reason, version=means.version + 1))
    elif operation.kind == "capture":
        unit.put_means(_replace(means, reason=reason, version=means.version + 1))
        if operation.name in {CAPTURE, REVIEWED} and not means.captured:
            unit.put_payment(_replace(unit.payment, given_up=True, reason=reason or "provider_error"))
            _undo_captures(unit, operation)
    elif operation.kind == "refund":
        refuse_refund(dependencies, unit, operation, reason)


def _undo_captures(unit: PaymentUnit, refused: StoredOperation) -> None:
    """All or none: what other means have paid already is late money now, of which its owner decides."""
    for means in list(unit.means.values()):
        amount = means.refundable
        if not amount:
            continue
        parts, _ = shares.divide_refund(unit.payment.shares, amount)
        after = shares.refunded(unit.payment.shares, parts)
        unit.post(postings.capture_undone(unit.payment, means, after, amount, key=refused.key))
        unit.put_payment(_replace(unit.payment, shares=after))
        unit.put_means(_replace(means, late=means.late + amount, version=means.version + 1))
