"""Use case: finance decides about a payment that risk has held."""

from typing import Literal

import msgspec

from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.contract.errors import PaymentBusy, PaymentStateConflict
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS, Payment
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.means import OperationRequest
from renga.domains.payments.model.progress import REVIEWED, NextStep
from renga.domains.payments.new_operations import new_operation
from renga.domains.payments.perform_operation import carry_out
from renga.domains.payments.ports.store import PaymentUnit
from renga.domains.payments.views import payment_view
from renga.kernel.caller import Caller

_replace = msgspec.structs.replace
Review = Literal["accept", "refuse"]


async def review_payment(
    dependencies: PaymentDependencies, caller: Caller, payment_id: str, decision: Review
) -> Payment:
    """Raises Unauthenticated, InsufficientScope, PaymentNotFound, PaymentStateConflict, PaymentBusy."""
    caller.require(MANAGING_PAYMENTS)
    async with dependencies.store.unit(payment_id) as unit:
        if unit.payment.reviewed == decision:
            return payment_view(known_of(unit), dependencies.public_url)
        _check(unit)
        keys = _accept(dependencies, unit) if decision == "accept" else _refuse(unit)
        following = conclude(dependencies, unit, claimed=True)
    known = await carry_out(dependencies, known_of(unit), (*keys, *following))
    return payment_view(known, dependencies.public_url)


def _check(unit: PaymentUnit) -> None:
    payment = unit.payment
    if payment.risk != "review" or payment.given_up or any(one.captured for one in unit.means.values()):
        raise PaymentStateConflict("this payment does not wait for a review", state=payment.state)
    if any(one.live for one in unit.operations.values()):
        raise PaymentBusy()


def _accept(dependencies: PaymentDependencies, unit: PaymentUnit) -> tuple[str, ...]:
    """From now on it goes on as if risk had allowed it: the money is taken now, or when its owner asks for it."""
    unit.put_payment(_replace(unit.payment, risk="allow", reviewed="accept"))
    if unit.payment.capture == "later":
        return ()
    held = [one for one in unit.means.values() if one.capturable and not one.internal]
    steps = [NextStep(one.id, "capture", REVIEWED, one.capturable) for one in held]
    request = OperationRequest(forced=True)
    return tuple(new_operation(dependencies, unit, step, claimed=True, request=request).key for step in steps)


def _refuse(unit: PaymentUnit) -> tuple[str, ...]:
    """What is held is released."""
    payment = _replace(unit.payment, risk="refuse", reviewed="refuse", given_up=True, reason="risk_refused")
    unit.put_payment(payment)
    return ()
