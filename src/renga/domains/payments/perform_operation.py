"""Performs stored operations: send, with a deadline and no transaction open; then apply the outcome, if the fence still holds."""

import asyncio
import traceback
from collections.abc import Iterable

import msgspec
import structlog

from renga.domains.payments.applying import apply_record, holds
from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.deciding import decide
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.means import RiskDecision, StoredMeans, StoredOperation, StoredPayment
from renga.domains.payments.model.progress import Known
from renga.domains.payments.outcomes import apply_outcome
from renga.domains.payments.ports.provider import Authorise, Capture, Outcome, PaymentProvider, Refund, Void
from renga.domains.payments.ports.store import PaymentUnit
from renga.kernel.money import Money

log = structlog.get_logger(__name__)
#: Calls of an adapter's fault that are logged.
TRACE_CALLS_MAX = 10


class Performed(msgspec.Struct, frozen=True):
    """The payment after it, and the operations that are to be performed next, which this process has claimed.

    ``known`` None: another executor has the operation now; nothing was written.
    """

    known: Known | None
    following: tuple[str, ...] = ()


async def carry_out(dependencies: PaymentDependencies, known: Known, keys: Iterable[str]) -> Known:
    """Perform claimed operations and all that follow from them. The payment as it is known afterwards."""
    todo = list(keys)
    while todo:
        key = todo.pop(0)
        done = await perform(dependencies, known, key)
        if done.known is None:
            return await read_known(dependencies, known)
        known = done.known
        todo += done.following
    return known


async def read_known(dependencies: PaymentDependencies, known: Known) -> Known:
    """The payment as others have made it."""
    whole = await dependencies.store.payment(known.payment.id)
    return known if whole is None else Known(whole.payment, whole.means, whole.operations)


async def perform(dependencies: PaymentDependencies, known: Known, key: str) -> Performed:
    """One claimed operation of a payment as it was when it was claimed."""
    operation = next(one for one in known.operations if one.key == key)
    decided = await decide(dependencies, known, operation)
    if decided.known is None or decided.operation is None:
        return Performed(decided.known, decided.following)
    known, operation = decided.known, decided.operation
    means = next(one for one in known.means if one.id == operation.means)
    kind = operation.kind
    dependencies.crash_point(f"{kind}.before_send")
    outcome = await send(dependencies, known.payment, means, operation)
    dependencies.crash_point(f"{kind}.after_send")
    return await settle_operation(dependencies, operation, outcome, risk=decided.risk)


async def send(
    dependencies: PaymentDependencies, payment: StoredPayment, means: StoredMeans, operation: StoredOperation
) -> Outcome:
    """The provider's answer. Whatever goes wrong on the way: unknown."""
    provider = dependencies.providers.get(means.provider)
    if provider is None:
        return Outcome(kind="unknown", detail=f"this process has no provider {means.provider}")
    try:
        async with asyncio.timeout(dependencies.settings.deadline_ms / 1000):
            return await _call(provider, payment, means, operation)
    except TimeoutError:
        return Outcome(kind="unknown", detail="the provider did not answer in time")
    except Exception:
        # an adapter's fault says nothing about what the provider did
        trace = traceback.format_exc(limit=-TRACE_CALLS_MAX)  # without values of variables: there is a token among them
        log.error("provider_failed", provider=means.provider, operation=operation.key, kind=operation.kind, trace=trace)
        return Outcome(kind="unknown", detail="the provider's adapter failed")


async def _call(
    provider: PaymentProvider, payment: StoredPayment, means: StoredMeans, operation: StoredOperation
) -> Outcome:
    amount, asked = Money(operation.amount, payment.currency), operation.request
    ref = means.provider_ref or ""
    if operation.kind == "capture":
        return await provider.capture(Capture(key=operation.key, ref=ref, amount=amount, final=asked.final))
    if operation.kind == "void":
        return await provider.void(Void(key=operation.key, ref=ref, method=means.method))
    if operation.kind == "refund":
        return await provider.refund(
            Refund(key=operation.key, ref=ref, method=means.method, amount=amount, reason=asked.reason)
        )
    return await provider.authorise(authorise_of(payment, means, operation))


def authorise_of(payment: StoredPayment, means: StoredMeans, operation: StoredOperation) -> Authorise:
    """The order of an authorisation, the same each time it is sent."""
    asked = operation.request
    return Authorise(
        key=operation.key, means=means.id, reference=payment.reference, method=means.method,
        amount=Money(operation.amount, payment.currency), token=asked.token, saved_ref=asked.saved_ref, save=asked.save,
        recurring=asked.recurring, instalments=means.instalments, capture=means.asynchronous, payer=payment.payer,
        return_url=payment.return_url, expires_in_s=asked.expires_in_s, due_on=asked.due_on,
        previous_ref=asked.previous_ref,
    )  # fmt: skip


async def settle_operation(
    dependencies: PaymentDependencies,
    operation: StoredOperation,
    outcome: Outcome,
    *,
    risk: RiskDecision | None = None,
    claimed: bool = True,
) -> Performed:
    """Write an outcome, unless another executor has claimed the operation since, or it is closed."""
    async with dependencies.store.unit(operation.payment) as unit:
        if not holds(unit, operation):
            _take_news(dependencies, unit, operation, outcome)
            return Performed(None)
        if risk is not None:
            unit.put_payment(msgspec.structs.replace(unit.payment, risk=risk))
        apply_outcome(dependencies, unit, unit.operations[operation.key], outcome)
        following = conclude(dependencies, unit, claimed=claimed)
        await unit.write()
        dependencies.crash_point(f"{operation.kind}.after_answer")
    dependencies.crash_point(f"{operation.kind}.after_commit")
    return Performed(known_of(unit), following)


def _take_news(
    dependencies: PaymentDependencies, unit: PaymentUnit, operation: StoredOperation, outcome: Outcome
) -> None:
    """The operation is another executor's. What the provider says of the payment is true all the same: perhaps it took money
    that nobody else will ever be told of.
    """
    if outcome.record is not None:
        apply_record(dependencies, unit, operation.means, outcome.record)
        conclude(dependencies, unit)
