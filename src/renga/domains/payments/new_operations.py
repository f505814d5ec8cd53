"""Makes operations: stored, with the idempotency key of the call, before anything is sent."""

import msgspec

from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.means import OperationRequest, StoredOperation
from renga.domains.payments.model.progress import NextStep
from renga.domains.payments.ports.store import PaymentUnit

#: An executor's lease is longer than its call by this, so that it can write what it was answered.
LEASE_MARGIN_MS = 5_000


def lease_of(dependencies: PaymentDependencies, now_ms: int) -> int:
    """Until when an executor that begins now holds an operation."""
    return now_ms + dependencies.settings.deadline_ms + LEASE_MARGIN_MS


def new_operation(
    dependencies: PaymentDependencies,
    unit: PaymentUnit,
    step: NextStep,
    *,
    claimed: bool,
    request: OperationRequest | None = None,
) -> StoredOperation:
    """Put the operation of a step. ``claimed``: the caller performs it at once; else it is due for any worker."""
    means, now_ms = unit.means[step.means], dependencies.clock.now_ms()
    if request is None and step.kind == "authorise":
        request = means.wanted
        unit.put_means(msgspec.structs.replace(means, wanted=None))
    if request is None:
        request = OperationRequest(late=step.late)
    until = lease_of(dependencies, now_ms) if claimed else now_ms
    operation = StoredOperation(
        key=dependencies.new_id(), payment=unit.payment.id, means=means.id, kind=step.kind, name=step.name,
        amount=step.amount, created_ms=now_ms, lease_until_ms=until, next_ms=None if means.internal else until,
        request=request, attempts=1 if claimed else 0,
    )  # fmt: skip
    unit.put_operation(operation)
    return operation
