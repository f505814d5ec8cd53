"""Use case: an event of a provider has its effect, once, in one transaction with the record that it had it."""

import msgspec

from renga.domains.payments.applying import apply_record
from renga.domains.payments.concluding import conclude, known_of
from renga.domains.payments.contract.webhooks import WebhookReason
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.advancing import advance
from renga.domains.payments.model.means import StoredMeans
from renga.domains.payments.model.progress import Known
from renga.domains.payments.model.records import ProviderRecord
from renga.domains.payments.ports.provider import ProviderEvent
from renga.domains.payments.ports.store import PaymentUnit
from renga.domains.payments.ports.webhooks import StoredWebhook
from renga.domains.payments.provider_questions import read_record
from renga.domains.payments.webhooks.fitting import Misplaced, means_of_event, misplaced, with_dispute
from renga.kernel.errors import Conflict, Unavailable


class AppliedEvent(msgspec.Struct, frozen=True):
    """The payment after the event, and the operations that follow from it, which this process has claimed."""

    known: Known
    following: tuple[str, ...] = ()


async def apply_event(
    dependencies: PaymentDependencies, stored: StoredWebhook, event: ProviderEvent
) -> AppliedEvent | Misplaced | None:
    """What followed from it; why it has no effect (then nothing is kept); None: it had its effect before.

    Of the same event twice at once, one waits for the other under the payment's lock and finds it done.
    """
    record = event.record or await _read(dependencies, stored.provider, event)
    if not isinstance(record, ProviderRecord):
        return Misplaced("parked", record)
    dependencies.crash_point("webhook.after_read")
    try:
        async with dependencies.store.unit_of(stored.provider, ref=event.ref, means=event.means) as unit:
            means = None if unit is None else means_of_event(unit.means.values(), event)
            if unit is None or means is None:
                return Misplaced("parked", "unknown_payment")
            done = await _take(dependencies, unit, means, stored, with_dispute(record, event))
            dependencies.crash_point("webhook.before_commit")
    except Conflict:
        return Misplaced("parked", "conflict")
    dependencies.crash_point("webhook.after_commit")
    return done


async def _take(
    dependencies: PaymentDependencies,
    unit: PaymentUnit,
    means: StoredMeans,
    stored: StoredWebhook,
    record: ProviderRecord,
) -> AppliedEvent | Misplaced | None:
    misfit = advance(unit.payment, means, record, dependencies.clock.now_ms()).misfit
    if misfit is not None:
        return misplaced(misfit, record)
    if not await unit.put_webhook(_applied(stored, unit, means)):
        return None
    apply_record(dependencies, unit, means.id, record)
    following = conclude(dependencies, unit, claimed=True)
    await unit.write()
    return AppliedEvent(known_of(unit), following)


def _applied(stored: StoredWebhook, unit: PaymentUnit, means: StoredMeans) -> StoredWebhook:
    return StoredWebhook(
        provider=stored.provider, id=stored.id, state="applied", kind=stored.kind, ref=stored.ref,
        received_ms=stored.received_ms, body=stored.body, payment=unit.payment.id, means=means.id,
    )  # fmt: skip


async def _read(
    dependencies: PaymentDependencies, provider: str, event: ProviderEvent
) -> ProviderRecord | WebhookReason:
    """What the provider says now about a payment that its event only names."""
    method = await dependencies.webhooks.method_of(provider, event.ref, event.means)
    if method is None:
        return "unknown_payment"
    try:
        record = await read_record(dependencies, provider, event.ref, method)
    except Unavailable:
        return "provider_away"
    return "gone_at_provider" if record is None else record
