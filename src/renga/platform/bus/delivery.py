"""How a batch is handed to a handler, for every engine alike: whole first, then event by event, in order."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec
import structlog

from renga.kernel.errors import Unavailable
from renga.kernel.events import Event
from renga.platform.bus import metrics
from renga.platform.bus.port import Consumer

log = structlog.get_logger(__name__)

RETRY_WAIT_MAX_MS = 30_000
REASON_MAX_CHARS = 500

#: Waits so many milliseconds; False when the wait was cut short because the consumer is to stop.
Pause = Callable[[int], Awaitable[bool]]


class Failure(msgspec.Struct, frozen=True):
    """Why an event becomes a dead letter, after how many calls of the handler."""

    reason: str
    attempts: int


class Verdict(msgspec.Struct, frozen=True):
    """``events[start:stop]`` are settled: handled, or (``failure``) to be buried."""

    start: int
    stop: int
    failure: Failure | None = None


class Interrupted(Exception):
    """The consumer is to stop in the middle of a retry; what is unsettled is delivered again later."""


async def deliver(consumer: Consumer, events: Sequence[Event], pause: Pause) -> AsyncIterator[Verdict]:
    """Call the handler; yield verdicts in the order of the events, each as soon as it is known."""
    error = await _call(consumer, events)
    if error is None:
        yield Verdict(0, len(events))
        return
    if len(events) > 1:
        log.warning("batch_failed", consumer=consumer.name, events=len(events), error=describe(error))
        error = None
    for index, event in enumerate(events):
        try:
            failure = await _insist(consumer, event, error, pause)
        except Interrupted:
            return
        yield Verdict(index, index + 1, failure)


async def _insist(consumer: Consumer, event: Event, error: Exception | None, pause: Pause) -> Failure | None:
    attempts, wait_ms = 0, consumer.retry_wait_ms
    if error is None:
        error = await _call(consumer, (event,))
    while error is not None:
        # An engine that the handler needs is away: the event is not to blame, so waiting costs it no attempt.
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
    except Exception as error:  # whatever a handler raises means "not handled"; it is logged, retried, buried
        return error
    return None


def describe(error: Exception) -> str:
    """The error in one bounded line."""
    return f"{type(error).__name__}: {error}"[:REASON_MAX_CHARS]
