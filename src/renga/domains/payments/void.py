"""Use case: release what is not captured."""

import msgspec

from renga.domains.payments import access
from renga.domains.payments.asking import asked, note_replay
from renga.domains.payments.capture import capabilities_of
from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.contract.errors import PaymentBusy, PaymentStateConflict, ProviderUnsupported
from renga.domains.payments.contract.payments import Payment
from renga.domains.payments.contract.service import VoidRequest
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.means import StoredMeans
from renga.domains.payments.model.states import WAITING
from renga.domains.payments.perform_operation import carry_out
from renga.domains.payments.ports.store import PaymentUnit
from renga.domains.payments.views import payment_view
from renga.kernel.caller import Caller
from renga.kernel.once import Replay


async def void(
    dependencies: PaymentDependencies,
    caller: Caller,
    payment_id: str,
    request: VoidRequest,
    *,
    replay: Replay | None = None,
) -> Payment:
    """From now on money that comes is late. What a provider still works on is released when it has answered.

    Raises PaymentNotFound, PaymentStateConflict, PaymentBusy, ProviderUnsupported.
    """
    access.may_change_any(caller)
    asks = asked(caller, "void", request.key, request)
    async with dependencies.store.unit(payment_id) as unit:
        access.check_changeable(caller, unit.payment)
        if unit.payment.void_name == asks.name:
            note_replay(replay)
            return payment_view(known_of(unit), dependencies.public_url)
        _check(dependencies, unit)
        unit.put_payment(msgspec.structs.replace(unit.payment, given_up=True, void_name=asks.name))
        following = conclude(dependencies, unit, claimed=True)
    known = await carry_out(dependencies, known_of(unit), following)
    return payment_view(known, dependencies.public_url)


def _check(dependencies: PaymentDependencies, unit: PaymentUnit) -> None:
    payment = unit.payment
    if any(one.live and one.kind in {"capture", "void"} for one in unit.operations.values()):
        raise PaymentBusy()
    held = [one for one in unit.means.values() if _releasable(one)]
    if payment.given_up or not held:
        raise PaymentStateConflict(f"a payment that is {payment.state} cannot be voided", state=payment.state)
    for one in held:
        if not one.internal and not capabilities_of(dependencies, one).void:
            raise ProviderUnsupported(f"{one.provider} cannot release a {one.method}")


def _releasable(means: StoredMeans) -> bool:
    return means.state in WAITING or means.capturable > 0
