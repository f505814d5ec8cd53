"""Use case: an authorisation ends soon. It is replaced or captured, if the settings say so and it can be; an event says so."""

from typing import Literal

import msgspec

from renga.domains.payments.applying import record_facts
from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.contract.events import Keeping
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.means import OperationRequest, StoredMeans
from renga.domains.payments.model.progress import NextStep
from renga.domains.payments.new_operations import new_operation
from renga.domains.payments.perform_operation import carry_out
from renga.domains.payments.ports.store import PaymentUnit
from renga.domains.payments.ports.work import DueMeans
from renga.domains.payments.recording import ending_fact

_replace = msgspec.structs.replace
Kept = Literal["captured", "reauthorised", "nothing", "busy"]


async def keep_authorisation(dependencies: PaymentDependencies, due: DueMeans) -> Kept:
    """``busy``: another worker has done it, or an operation on it is under way."""
    async with dependencies.store.unit(due.payment) as unit:
        means = unit.means[due.means]
        if not _is_due(dependencies, unit, means):
            return "busy"
        keeping, saved_ref = await _choose(dependencies, unit, means)
        keys = _begin(dependencies, unit, means, keeping, saved_ref)
        _tell(dependencies, unit, means, keeping)
        following = conclude(dependencies, unit, claimed=True)
        await unit.write()
        dependencies.crash_point("janitor.before_commit")
    dependencies.crash_point("janitor.after_commit")
    await carry_out(dependencies, known_of(unit), (*keys, *following))
    return keeping


def _is_due(dependencies: PaymentDependencies, unit: PaymentUnit, means: StoredMeans) -> bool:
    until = means.authorised_until_ms
    before_ms = dependencies.clock.now_ms() + dependencies.settings.ending_margin_s * 1000
    if not means.capturable or means.ending_told or until is None or until > before_ms:
        return False
    return not any(one.live and one.means == means.id for one in unit.operations.values())


async def _choose(
    dependencies: PaymentDependencies, unit: PaymentUnit, means: StoredMeans
) -> tuple[Keeping, str | None]:
    """What is done, and the saved method that a new authorisation uses."""
    payment, wanted = unit.payment, dependencies.settings.ending_authorisation
    if payment.given_up or payment.risk in {"review", "refuse"} or not _everything_authorised(unit):
        return "nothing", None
    if wanted == "reauthorise" and not means.captured:
        saved_ref = await _saved_ref(dependencies, unit, means)
        if saved_ref is not None or _replaceable(dependencies, means):
            return "reauthorised", saved_ref
    # one that waits for a capture at place has waited for too long already
    return ("captured", None) if wanted == "capture" or payment.capture == "now" else ("nothing", None)


def _everything_authorised(unit: PaymentUnit) -> bool:
    return all(one.state not in {"created", "action_needed", "pending"} for one in unit.means.values())


async def _saved_ref(dependencies: PaymentDependencies, unit: PaymentUnit, means: StoredMeans) -> str | None:
    if means.saved_method is None or unit.payment.customer is None:
        return None
    saved = await dependencies.wallets.saved_method(unit.payment.customer, means.saved_method)
    return None if saved is None else saved.saved_ref


def _replaceable(dependencies: PaymentDependencies, means: StoredMeans) -> bool:
    provider = dependencies.providers.get(means.provider)
    method = None if provider is None else provider.capabilities.methods.get(means.method)
    return method is not None and method.reauthorise


def _begin(
    dependencies: PaymentDependencies, unit: PaymentUnit, means: StoredMeans, keeping: Keeping, saved_ref: str | None
) -> tuple[str, ...]:
    """The operation that keeps the money: its name is unique to the authorisation, so that it is tried once."""
    name = f"ending:{means.provider_ref}"
    if keeping == "captured":
        step, request = NextStep(means.id, "capture", name, means.capturable), OperationRequest()
    elif keeping == "reauthorised":
        step = NextStep(means.id, "authorise", name, means.amount)
        request = OperationRequest(
            saved_ref=saved_ref, recurring=saved_ref is not None, previous_ref=means.provider_ref
        )
    else:
        return ()
    return (new_operation(dependencies, unit, step, claimed=True, request=request).key,)


def _tell(dependencies: PaymentDependencies, unit: PaymentUnit, means: StoredMeans, keeping: Keeping) -> None:
    unit.put_means(_replace(unit.means[means.id], ending_told=True, version=means.version + 1))
    record_facts(dependencies, unit, ending_fact(unit.payment, means, keeping))
