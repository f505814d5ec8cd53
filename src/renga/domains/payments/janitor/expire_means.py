"""Use case: the buyer's time to pay is over. The provider is asked first: perhaps the money came in the last moment."""

from typing import Literal

import msgspec

from renga.domains.payments.applying import apply_record
from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.contract.errors import ProviderAway
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.means import StoredMeans
from renga.domains.payments.model.records import ProviderRecord
from renga.domains.payments.perform_operation import carry_out
from renga.domains.payments.ports.store import PaymentUnit
from renga.domains.payments.ports.work import DueMeans
from renga.domains.payments.provider_questions import read_record

_replace = msgspec.structs.replace
#: Pause before a provider that was away is asked again.
AWAY_MS = 30_000
Expiry = Literal["expired", "not_due", "away"]


async def expire_means(dependencies: PaymentDependencies, due: DueMeans) -> Expiry:
    """Paid: it is captured. Else it expires, what the other means hold is released, and the provider is told to withdraw it."""
    means = await _claimed(dependencies, due)
    if means is None:
        return "not_due"
    try:
        record = await _record(dependencies, means)
    except ProviderAway:
        return "away"
    dependencies.crash_point("janitor.after_read")
    async with dependencies.store.unit(due.payment) as unit:
        if record is not None:
            apply_record(dependencies, unit, means.id, record)
        _expire(unit, means.id, withdraw=record is not None)
        following = conclude(dependencies, unit, claimed=True)
        await unit.write()
        dependencies.crash_point("janitor.before_commit")
    dependencies.crash_point("janitor.after_commit")
    await carry_out(dependencies, known_of(unit), following)
    return "expired"


async def _claimed(dependencies: PaymentDependencies, due: DueMeans) -> StoredMeans | None:
    """The means, if its time is over and nothing is under way on it; it is due again after a pause, if nobody ends it."""
    now_ms = dependencies.clock.now_ms()
    async with dependencies.store.unit(due.payment) as unit:
        means = unit.means[due.means]
        if not _is_due(means, now_ms):
            return None
        means = _replace(means, expires_ms=now_ms + AWAY_MS)
        unit.put_means(means)
        live = any(one.live and one.means == means.id for one in unit.operations.values())
    return None if live else means


def _is_due(means: StoredMeans, now_ms: int) -> bool:
    waits = means.state in {"action_needed", "pending"}
    return waits and means.expires_ms is not None and means.expires_ms <= now_ms


async def _record(dependencies: PaymentDependencies, means: StoredMeans) -> ProviderRecord | None:
    """Raises ProviderAway."""
    if means.provider_ref is None:
        return None
    return await read_record(dependencies, means.provider, means.provider_ref, means.method)


def _expire(unit: PaymentUnit, means_id: str, *, withdraw: bool) -> None:
    """A means that is still waited for ends. ``withdraw``: the provider has it, and would still take the money."""
    means = unit.means[means_id]
    if means.state in {"action_needed", "pending"}:
        ended = _replace(
            means, state="expired", reason="expired", action=None, stray=withdraw, version=means.version + 1
        )
        unit.put_means(ended)
