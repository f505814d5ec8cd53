"""Use case: take a message of a provider. Events that fit nothing are kept and tried again."""

from collections.abc import Mapping

import msgspec
import structlog

from renga.domains.payments.contract.errors import ProviderNotFound
from renga.domains.payments.contract.webhooks import WEBHOOK_BYTES_MAX, WebhookReceipt
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.ports.provider import ProviderEvent
from renga.domains.payments.ports.webhooks import StoredWebhook
from renga.domains.payments.webhooks.apply_event import AppliedEvent, apply_event
from renga.domains.payments.webhooks.carry_on import carry_on
from renga.domains.payments.webhooks.checking import checked_events
from renga.domains.payments.webhooks.fitting import Misplaced, next_try_ms
from renga.kernel.errors import TooLarge

log = structlog.get_logger(__name__)


async def receive_webhook(
    dependencies: PaymentDependencies, name: str, headers: Mapping[str, str], body: bytes
) -> WebhookReceipt:
    """Raises ProviderNotFound, TooLarge, WebhookRefused, WebhookInvalid, Unavailable (then the provider sends it again)."""
    provider = dependencies.providers.get(name)
    if provider is None:
        raise ProviderNotFound(f"there is no payment provider {name[:100]!r}")
    if len(body) > WEBHOOK_BYTES_MAX:
        raise TooLarge(f"a webhook has at most {WEBHOOK_BYTES_MAX} bytes", limit=WEBHOOK_BYTES_MAX)
    events = checked_events(provider.verify(headers, body, dependencies.clock.now_ms()))
    dependencies.crash_point("webhook.verified")
    known = await _known_of_unread(dependencies, name, events)
    new, applied = 0, list[AppliedEvent]()
    for event in events:
        if event.id in known:
            continue
        done = await _receive(dependencies, name, event)
        new += bool(done)
        if isinstance(done, AppliedEvent):
            applied.append(done)
    await carry_on(dependencies, applied)
    return WebhookReceipt(events=len(events), new=new)


async def _known_of_unread(
    dependencies: PaymentDependencies, name: str, events: tuple[ProviderEvent, ...]
) -> frozenset[str]:
    """Repeated events for which the provider would have to be asked; the others are found when they are written."""
    unread = [event.id for event in events if event.record is None]
    return await dependencies.webhooks.known(name, unread) if unread else frozenset()


async def _receive(dependencies: PaymentDependencies, name: str, event: ProviderEvent) -> AppliedEvent | bool:
    """What it did; else whether it was seen for the first time."""
    now_ms = dependencies.clock.now_ms()
    stored = StoredWebhook(
        provider=name, id=event.id, state="applied", kind=event.kind, ref=event.ref, received_ms=now_ms,
        body=msgspec.json.encode(event),
    )  # fmt: skip
    done = await apply_event(dependencies, stored, event)
    if not isinstance(done, Misplaced):
        return done or False
    return await _keep(dependencies, stored, done, now_ms)


async def _keep(dependencies: PaymentDependencies, stored: StoredWebhook, why: Misplaced, now_ms: int) -> bool:
    parked = why.state == "parked"
    log.warning(
        "webhook_without_effect", provider=stored.provider, event_id=stored.id, kind=stored.kind, reason=why.reason
    )
    return await dependencies.webhooks.park(
        msgspec.structs.replace(
            stored, state=why.state, reason=why.reason, next_ms=next_try_ms(1, now_ms) if parked else None
        )
    )
