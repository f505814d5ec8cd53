"""Use case: find out what became of an operation whose executor has not come back, and bring it to its end."""

from typing import Literal

from renga.domains.payments.contract.errors import ProviderAway
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.means import StoredMeans, StoredOperation
from renga.domains.payments.model.progress import Known
from renga.domains.payments.new_operations import lease_of
from renga.domains.payments.perform_operation import Performed, carry_out, perform, settle_operation
from renga.domains.payments.ports.provider import Outcome
from renga.domains.payments.ports.work import DueOperation
from renga.domains.payments.provider_questions import find_outcome

#: An authorisation that the provider has not got after this time is not sent any more: the buyer has gone.
AUTHORISE_AGE_MAX_MS = 600_000
#: ``done``: it went on (perhaps it is unknown still); ``away``: the provider did not answer; ``busy``: somebody else has it.
Resolution = Literal["done", "away", "busy"]


async def resolve_operation(dependencies: PaymentDependencies, due: DueOperation) -> Resolution:
    """Safe with several workers: the fence lets one of them write."""
    now_ms = dependencies.clock.now_ms()
    operation = await dependencies.store.claim_operation(due.key, now_ms, lease_of(dependencies, now_ms))
    if operation is None:
        return "busy"
    dependencies.crash_point("janitor.after_claim")
    whole = await dependencies.store.payment(operation.payment)
    if whole is None:
        raise RuntimeError("a payment is never deleted, and this one has gone")
    others = (one for one in whole.operations if one.key != operation.key)
    known = Known(whole.payment, whole.means, (*others, operation))
    means = next(one for one in whole.means if one.id == operation.means)
    outcome, away = await _outcome(dependencies, means, operation)
    dependencies.crash_point("janitor.after_find")
    done = await _settle(dependencies, known, operation, outcome)
    if done.known is not None:
        await carry_out(dependencies, done.known, done.following)
    return "away" if away else "done"


async def _outcome(
    dependencies: PaymentDependencies, means: StoredMeans, operation: StoredOperation
) -> tuple[Outcome | None, bool]:
    """None: it is to be sent (again). And whether the provider gave no answer."""
    if operation.attempts == 1:
        return None, False  # this is its first executor: it was never sent
    try:
        found = await find_outcome(dependencies, means, operation)
    except ProviderAway as error:
        return Outcome(kind="unknown", detail=error.detail), True
    old = dependencies.clock.now_ms() - operation.created_ms > AUTHORISE_AGE_MAX_MS
    if found is None and operation.kind == "authorise" and old:
        return Outcome(kind="refused", reason="expired"), False
    return found, False


async def _settle(
    dependencies: PaymentDependencies, known: Known, operation: StoredOperation, outcome: Outcome | None
) -> Performed:
    if outcome is None:
        return await perform(dependencies, known, operation.key)
    return await settle_operation(dependencies, operation, outcome)
