"""Use case: take money of an authorised payment."""

from collections.abc import Iterator

from renga.domains.payments import access
from renga.domains.payments.asking import Asked, asked, came_before, check_currency
from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.contract.errors import (
    AmountExceeded,
    PaymentBusy,
    PaymentStateConflict,
    ProviderUnsupported,
)
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS, Payment
from renga.domains.payments.contract.service import CaptureRequest
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.checking import check_amount
from renga.domains.payments.model.means import OperationRequest, StoredMeans
from renga.domains.payments.model.progress import NextStep
from renga.domains.payments.new_operations import new_operation
from renga.domains.payments.perform_operation import carry_out
from renga.domains.payments.ports.provider import MethodCapabilities
from renga.domains.payments.ports.store import PaymentUnit
from renga.domains.payments.views import payment_view
from renga.kernel.caller import Caller
from renga.kernel.money import exponent
from renga.kernel.once import Replay

#: Nothing can be captured while one of these is under way.
_BLOCKING = frozenset({"authorise", "capture", "void"})


async def capture(
    dependencies: PaymentDependencies,
    caller: Caller,
    payment_id: str,
    request: CaptureRequest,
    *,
    replay: Replay | None = None,
) -> Payment:
    """Raises PaymentNotFound, PaymentStateConflict, AmountExceeded, ProviderUnsupported, PaymentBusy, PaymentInvalid,
    UnknownCurrency, IdempotencyConflict.
    """
    access.may_change_any(caller)
    if request.amount is not None:
        check_amount(request.amount, "amount")
    if request.currency is not None:
        exponent(request.currency)
    asks = asked(caller, "capture", request.key, request)
    async with dependencies.store.unit(payment_id) as unit:
        access.check_changeable(caller, unit.payment)
        check_currency(unit, request.currency)
        if came_before(unit, asks, replay):
            return payment_view(known_of(unit), dependencies.public_url)
        forced = caller.may(MANAGING_PAYMENTS)
        steps = list(_steps(dependencies, unit, request, asks, forced=forced))
        keys = [_make(dependencies, unit, step, request, asks, forced=forced) for step in steps]
        following = conclude(dependencies, unit, claimed=True)
    known = await carry_out(dependencies, known_of(unit), (*filter(None, keys), *following))
    return payment_view(known, dependencies.public_url)


def _make(
    dependencies: PaymentDependencies,
    unit: PaymentUnit,
    step: NextStep,
    request: CaptureRequest,
    asks: Asked,
    *,
    forced: bool,
) -> str | None:
    """The key of the operation, if a provider performs it."""
    final = request.final or step.amount == unit.means[step.means].capturable
    stored = OperationRequest(fingerprint=asks.fingerprint, final=final, forced=forced)
    operation = new_operation(dependencies, unit, step, claimed=True, request=stored)
    return None if operation.next_ms is None else operation.key


def _steps(
    dependencies: PaymentDependencies, unit: PaymentUnit, request: CaptureRequest, asks: Asked, *, forced: bool
) -> Iterator[NextStep]:
    """The amount, taken from one means after the other. What is not taken is released, if this is the final capture."""
    left = _left(unit, forced=forced)
    rest = left if request.amount is None else request.amount
    if rest > left:
        raise AmountExceeded("more than is left to capture", left=left)
    for means in unit.means.values():
        take = min(means.capturable, rest)
        rest -= take
        if take:
            if not means.internal:
                _check_capabilities(dependencies, means, take, more=not request.final)
            yield NextStep(means.id, "capture", asks.name, take)
        elif means.capturable and request.final:
            yield NextStep(means.id, "void", asks.name, means.capturable)


def _left(unit: PaymentUnit, *, forced: bool) -> int:
    """What can be captured now. Raises PaymentBusy, PaymentStateConflict."""
    payment = unit.payment
    if any(one.live and one.kind in _BLOCKING for one in unit.operations.values()):
        raise PaymentBusy()
    left = sum(one.capturable for one in unit.means.values())
    waiting = any(one.state in {"created", "action_needed", "pending"} for one in unit.means.values())
    if payment.given_up or waiting or not left:
        raise PaymentStateConflict(f"a payment that is {payment.state} cannot be captured", state=payment.state)
    if payment.risk == "review" and not forced:
        raise PaymentStateConflict("a person must look at the risk of this payment first", state=payment.state)
    return left


def _check_capabilities(dependencies: PaymentDependencies, means: StoredMeans, take: int, *, more: bool) -> None:
    """Raises ProviderUnsupported. ``more``: further captures are to follow."""
    can = capabilities_of(dependencies, means)
    whole = take == means.capturable
    if can.captures == "none":
        raise ProviderUnsupported(f"{means.provider} takes {means.method} at once")
    if not whole and not can.partial_capture:
        raise ProviderUnsupported(f"{means.provider} captures the whole of a {means.method} only")
    if can.captures == "one" and (means.captured or (more and not whole)):
        raise ProviderUnsupported(f"{means.provider} captures a {means.method} once")


def capabilities_of(dependencies: PaymentDependencies, means: StoredMeans) -> MethodCapabilities:
    """Raises ProviderUnsupported if this process has no such provider."""
    provider = dependencies.providers.get(means.provider)
    if provider is None:
        raise ProviderUnsupported(f"this shop does not work with {means.provider} any more")
    return provider.capabilities.methods[means.method]
