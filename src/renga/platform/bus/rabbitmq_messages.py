"""Events as AMQP messages, dead letters as messages with a reason, and back."""

from typing import Any

from aio_pika import DeliveryMode
from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic

from renga.kernel.events import CONTENT_TYPE, Event
from renga.platform.bus.delivery import Failure
from renga.platform.bus.port import DeadLetter

#: RabbitMQ routes a message by these keys too (sender-selected distribution); a queue that matches twice gets it once.
MORE_KEYS = "CC"
REASON = "x-renga-reason"
ATTEMPTS = "x-renga-attempts"


def event_properties(event: Event) -> Basic.Properties:
    """The properties of an event's message. One that also says another event is routed by that one's type as well."""
    headers: dict[str, Any] | None = None if event.also is None else {MORE_KEYS: [event.also.type]}
    return Basic.Properties(
        content_type=CONTENT_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT.value,
        message_id=event.id,
        message_type=event.type,
        headers=headers,
    )


def dead_properties(message: DeliveredMessage, failure: Failure) -> Basic.Properties:
    """The properties of the message that failed, and why."""
    former = message.header.properties
    headers: dict[str, Any] = {REASON: failure.reason, ATTEMPTS: failure.attempts}
    return Basic.Properties(
        content_type=former.content_type or CONTENT_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT.value,
        message_id=former.message_id,
        message_type=former.message_type,
        headers=headers,
    )


def dead_letter(consumer: str, message: DeliveredMessage) -> DeadLetter:
    """A letter that we buried says why; one that the broker buried says so in ``x-death``."""
    headers: dict[str, Any] = message.header.properties.headers or {}
    deaths = headers.get("x-death") or [{}]
    reason = headers.get(REASON) or deaths[0].get("reason") or "unknown"
    attempts = headers.get(ATTEMPTS, headers.get("x-delivery-count", 0))
    return DeadLetter(consumer=consumer, body=message.body, reason=_text(reason), attempts=int(attempts))


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
