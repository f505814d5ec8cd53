"""Delivers a batch to a handler, for every engine alike: first the whole batch, after an error event by event, in order.

A message may carry two events; a consumer wants one or both. Each is delivered and retried as a separate event; the message
is settled when its last event is. If any of them failed, the message becomes one dead letter. A redelivered message brings
both events again with the same ids: delivery is at least once for each.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec
import structlog

from renga.kernel.card_numbers import mask_cards
from renga.kernel.errors import Unavailable
from renga.kernel.events import Event, events_of, first_of
from renga.platform.bus import metrics
from renga.platform.bus.patterns import Matcher
from renga.platform.bus.port import Consumer

log = structlog.get_logger(__name__)

RETRY_WAIT_MAX_MS = 30_000
REASON_MAX_CHARS = 500

#: Waits that many milliseconds; False if the wait ended early because the consumer is stopping.
Pause = Callable[[int], Awaitable[bool]]


class Failure(msgspec.Struct, frozen=True):
    """Why an event becomes a dead letter, and after how many calls of the handler."""

    reason: str
    attempts: int


class DeliveryResult(msgspec.Struct, frozen=True):
    """Events (or messages) from ``start`` to ``stop`` are settled: handled, or (``failure``) dead letters."""

    start: int
    stop: int
    failure: Failure | None = None


class Interrupted(Exception):
    """The consumer stops during a retry; unsettled events are delivered again later."""


def wanted_of(message: Event, wanted: Matcher, *, also: bool = True) -> tuple[Event, ...]:
    """The events of a message that match the patterns, in order; only the first of two unless ``also``."""
    second = message.also
    if second is None:
        return (message,) if wanted(message.type) else ()
    if wanted(message.type):
        return events_of(message) if also and wanted(second.type) else (first_of(message),)
    return events_of(message)[1:] if wanted(second.type) else ()


async def deliver_messages(
    consumer: Consumer, messages: Sequence[Sequence[Event]], pause: Pause
) -> AsyncIterator[DeliveryResult]:
    """Deliver messages of one or more events; yield results by message, a failed message in a separate result."""
    owners = [index for index, events in enumerate(messages) for _ in events]
    events = [event for message in messages for event in message]
    done, failure = 0, None
    for start in range(0, len(events), consumer.batch_max):
        batch, judged = events[start : start + consumer.batch_max], 0
        async for verdict in deliver(consumer, batch, pause):
            judged, failure = verdict.stop, failure or verdict.failure
            following = start + judged
            stop = owners[following] if following < len(owners) else len(messages)
            if stop > done:
                yield DeliveryResult(done, stop, failure)
                done, failure = stop, None
        if judged < len(batch):
            return  # interrupted: later messages must wait for the unsettled one


async def deliver(consumer: Consumer, events: Sequence[Event], pause: Pause) -> AsyncIterator[DeliveryResult]:
    """Call the handler; yield results in the order of the events, each as soon as it is known."""
    error = await _call(consumer, events)
    if error is None:
        yield DeliveryResult(0, len(events))
        return
    if len(events) > 1:
        log.warning("batch_failed", consumer=consumer.name, events=len(events), error=describe(error))
        error = None
    for index, event in enumerate(events):
        try:
            failure = await _retry(consumer, event, error, pause)
        except Interrupted:
            return
        yield DeliveryResult(index, index + 1, failure)


async def _retry(consumer: Consumer, event: Event, error: Exception | None, pause: Pause) -> Failure | None:
    attempts, wait_ms = 0, consumer.retry_wait_ms
    if error is None:
        error = await _call(consumer, (event,))
    while error is not None:
        # An engine that the handler needs is unreachable: not the event's fault, so this costs no attempt.
        attempts += not isinstance(error, Unavailable)
        if attempts >= consumer.attempts_max:
            metrics.dead.labels(consumer.name).inc()
            log.error("dead_letter", consumer=consumer.name, event_id=event.id, type=event.type, error=describe(error))
            return Failure(describe(error), attempts)
        log.warning("event_failed", consumer=consumer.name, event_id=event.id, attempts=attempts, error=describe(error))
        if not await pause(wait_ms):
            raise Interrupted
        wait_ms = min(wait_ms * 2, RETRY_WAIT_MAX_MS)
        error = await _call(consumer, (event,))
    return None


async def _call(consumer: Consumer, events: Sequence[Event]) -> Exception | None:
    try:
        async with asyncio.timeout(consumer.handler_timeout_s):
            await consumer.handler(events)
    except Exception as error:  # any error of a handler means "not handled": logged, retried, then a dead letter
        return error
    return None


def describe(error: Exception) -> str:
    """The error as one line of bounded length, without numbers of payment cards."""
    return mask_cards(f"{type(error).__name__}: {error}"[: 2 * REASON_MAX_CHARS])[:REASON_MAX_CHARS]
