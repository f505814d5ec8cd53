"""Use case: try a kept event again, because its time has come or because finance asks for it."""

import msgspec

from renga.domains.payments.contract.errors import WebhookEventNotFound
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS
from renga.domains.payments.contract.webhooks import PROVIDER_ID_CHARS_MAX, WebhookEvent
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.ports.provider import ProviderEvent
from renga.domains.payments.ports.webhooks import StoredWebhook
from renga.domains.payments.webhooks.apply_event import apply_event
from renga.domains.payments.webhooks.carry_on import carry_on
from renga.domains.payments.webhooks.fitting import Misplaced, next_try_ms
from renga.domains.payments.webhooks.list_events import event_view
from renga.kernel.caller import Caller

_event_of = msgspec.json.Decoder(ProviderEvent).decode
_replace = msgspec.structs.replace


async def replay_event(dependencies: PaymentDependencies, caller: Caller, provider: str, event_id: str) -> WebhookEvent:
    """Raises Unauthenticated, InsufficientScope, WebhookEventNotFound, Unavailable."""
    caller.require(MANAGING_PAYMENTS)
    stored = await _found(dependencies, provider, event_id)
    if stored.state != "applied":
        await retry_event(dependencies, stored)
        stored = await _found(dependencies, provider, event_id)
    return event_view(stored)


async def retry_event(dependencies: PaymentDependencies, stored: StoredWebhook) -> bool:
    """Whether it had its effect now. After the last try it is ignored; finance can still replay it."""
    done = await apply_event(dependencies, stored, _event_of(stored.body))
    if not isinstance(done, Misplaced):
        if done is not None:
            await carry_on(dependencies, [done])
        return done is not None
    tries, now_ms = stored.tries + 1, dependencies.clock.now_ms()
    next_ms = next_try_ms(tries, now_ms) if done.state == "parked" else None
    state, reason = (done.state, done.reason) if next_ms or done.state == "ignored" else ("ignored", "given_up")
    await dependencies.webhooks.try_again(_replace(stored, state=state, reason=reason, tries=tries, next_ms=next_ms))
    return False


async def _found(dependencies: PaymentDependencies, provider: str, event_id: str) -> StoredWebhook:
    keepable = all(len(one) <= PROVIDER_ID_CHARS_MAX and one.isprintable() for one in (provider, event_id))
    stored = await dependencies.webhooks.event(provider, event_id) if keepable else None
    if stored is None:
        raise WebhookEventNotFound(f"there is no event {event_id[:100]!r} of {provider[:100]!r}")
    return stored
