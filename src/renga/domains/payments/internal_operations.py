"""Operations on gift cards and store credit: the ledger is their provider, so they are done within the transaction."""

from collections.abc import Sequence

from renga.domains.payments.model.means import StoredOperation
from renga.domains.payments.model.progress import siblings
from renga.domains.payments.model.records import ProviderRecord, RecordState
from renga.domains.payments.ports.store import PaymentUnit
from renga.kernel.money import Money


def ready_internals(unit: PaymentUnit) -> Sequence[StoredOperation]:
    """Internal operations whose siblings at providers have ended: the ledger goes last."""
    return [
        one
        for one in unit.operations.values()
        if one.live
        and unit.means[one.means].internal
        and not any(other.live and not unit.means[other.means].internal for other in siblings(unit.operations, one))
    ]


def perform_internal(unit: PaymentUnit, operation: StoredOperation) -> ProviderRecord | None:
    """The means after the operation, as a provider would tell it. None: a capture whose sibling was refused is not done."""
    means = unit.means[operation.means]
    captured, refunded = means.captured, means.refunded
    state: RecordState = "captured"
    if operation.kind == "capture":
        if any(one.state == "refused" for one in siblings(unit.operations, operation)):
            return None
        captured += operation.amount
        state = "captured" if operation.request.final or captured >= means.amount else "authorised"
    elif operation.kind == "void":
        state = "captured" if captured else "voided"
    else:
        refunded += operation.amount
        state = "captured" if means.final else "authorised"  # what is held for a later capture stays so
    return ProviderRecord(
        ref=means.id, state=state, amount=Money(means.amount, unit.payment.currency), captured=captured,
        refunded=refunded, method=means.method,
    )  # fmt: skip
