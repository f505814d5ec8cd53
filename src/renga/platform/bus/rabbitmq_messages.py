"""Converts events, and dead letters with their reason, to and from AMQP messages."""

from typing import Any

from aio_pika import DeliveryMode
from aiormq.abc import DeliveredMessage
from pamqp.commands import Basic

from renga.kernel.events import CONTENT_TYPE, Event
from renga.platform.bus.delivery import Failure
from renga.platform.bus.port import DeadLetter

#: Additional routing keys (RabbitMQ's sender-selected distribution); a queue that matches twice gets one copy.
MORE_KEYS = "CC"
REASON = "x-renga-reason"
ATTEMPTS = "x-renga-attempts"


def event_properties(event: Event) -> Basic.Properties:
    """The properties of an event's message. It is also routed by the type of its second event, if it has one."""
    headers: dict[str, Any] | None = None if event.also is None else {MORE_KEYS: [event.also.type]}
    return Basic.Properties(
        content_type=CONTENT_TYPE,
        delivery_mode=DeliveryMode.PERSISTENT.value,
        message_id=event.id,
        message_type=event.type,
        headers=headers,
    )


def dead_properties(message: DeliveredMessage, failure: Failure) -> Basic.Properties:
    """The properties of the failed message, with the reason."""
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
    """A dead letter of ours has its reason in our headers; one of the broker in ``x-death``."""
    headers: dict[str, Any] = message.header.properties.headers or {}
    deaths = headers.get("x-death") or [{}]
    reason = headers.get(REASON) or deaths[0].get("reason") or "unknown"
    attempts = headers.get(ATTEMPTS, headers.get("x-delivery-count", 0))
    return DeadLetter(consumer=consumer, body=message.body, reason=_text(reason), attempts=int(attempts))


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
