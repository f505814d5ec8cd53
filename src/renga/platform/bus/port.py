"""The event bus as every domain sees it: publish facts, subscribe to facts, tail them. Carries news, never writes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

import msgspec

from renga.kernel.errors import Unavailable
from renga.kernel.events import Event

#: A handler gets up to ``batch_max`` events at once, in order, and must be idempotent: delivery is at least once.
Handler = Callable[[Sequence[Event]], Awaitable[None]]


class BusUnavailable(Unavailable):
    """The bus did not confirm. ``confirmed`` holds the ids of the events that it did confirm."""

    code = "bus_unavailable"
    title = "The event bus is away"

    def __init__(self, detail: str = "", *, confirmed: frozenset[str] = frozenset()) -> None:
        super().__init__(detail)
        self.confirmed = confirmed


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """A named, durable reader of the bus. All its bounds are here.

    ``name``            unique over the system, e.g. ``cart.snapshots``; one queue or consumer group of that name
    ``patterns``        routing keys with AMQP topic wildcards: ``cart.*``, ``catalog.PriceChanged``, ``#``
    ``also``            whether of a message that says two events (``Event.also``), both of which the patterns match, the second
                        is handed over too, right after the first; False for a reader to whom one per message is enough
    ``batch_max``       most events in one call of the handler
    ``batch_wait_ms``   how long to wait for a batch to fill once it has one event
    ``attempts_max``    calls of the handler for a failing event (alone, in place, so order holds) before it is a dead letter
    ``retry_wait_ms``   wait before the second attempt; doubles each time up to 30 s
    ``handler_timeout_s`` deadline of one call of the handler
    """

    name: str
    patterns: tuple[str, ...]
    handler: Handler
    also: bool = True
    batch_max: int = 100
    batch_wait_ms: int = 50
    attempts_max: int = 5
    retry_wait_ms: int = 100
    handler_timeout_s: float = 30.0


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A message that a consumer could not handle. ``body`` is as it came: it may not even be an event, or say two."""

    consumer: str
    body: bytes
    reason: str
    attempts: int


class Bus(Protocol):
    """One engine of the bus. Every adapter passes ``tests/ports/test_bus.py``."""

    async def start(self) -> None:
        """Connect and declare what the bus itself needs. Raises BusUnavailable if it cannot within its deadline."""
        ...

    async def close(self) -> None:
        """Stop consumers (the batch at hand is finished first) and disconnect. May be called twice."""
        ...

    async def ping(self) -> None:
        """Return if the bus answers; raises BusUnavailable."""
        ...

    async def publish(self, events: Sequence[Event]) -> None:
        """Publish all, one message each; returns when every one is confirmed durable by the engine.

        An event that also says another one (``Event.also``) reaches listeners of either type by that one message.

        No order is promised between the events of one call: callers that need order publish in several calls (the outbox
        relay does: see ``platform.outbox``). Raises BusUnavailable, naming those that were confirmed.
        """
        ...

    async def declare(self, consumer: Consumer) -> None:
        """Create the consumer's durable queue or group so that events published from now on are kept for it. Idempotent."""
        ...

    async def consume(self, consumer: Consumer) -> None:
        """Declare, then deliver until cancelled or closed. Survives the engine's absence (reconnects with bounded backoff).

        One consumer name is active in one place at a time over the whole system (others stand by and take over within
        seconds), so a subject's events arrive in order. Events are acknowledged after the handler returned. A failing
        batch is retried event by event; an event that keeps failing becomes a dead letter and does not block the rest. A
        handler that raises Unavailable is called again without end: an engine that is away is not the event's fault.

        A message that says two events is read as both, in order, each with its own id, as far as the patterns ask for
        them. Each is retried on its own, in place; the message is acknowledged after the last, and becomes one dead letter
        if either failed. Whenever it comes again both come again: at least once each, with the ids they had.
        """
        ...

    def tail(self, patterns: Sequence[str]) -> AsyncIterator[Event]:
        """Every event published from now on, to every caller of ``tail`` (broadcast, not durable, best effort).

        A message that says two events is read as both, in order, as far as the patterns ask for them.

        For live views and for cache invalidation. Reconnects by itself; what was published meanwhile is missed.
        """
        ...

    async def dead_letters(self, consumer: str, limit: int = 100) -> list[DeadLetter]:
        """The oldest dead letters of a consumer, at most ``limit``; they stay where they are."""
        ...


def matches(pattern: str, key: str) -> bool:
    """Does an AMQP topic pattern match a routing key? ``*`` is one word, ``#`` is zero or more."""
    return _match(pattern.split("."), key.split("."))


def _match(pattern: list[str], words: list[str]) -> bool:
    if not pattern:
        return not words
    head, rest = pattern[0], pattern[1:]
    if head == "#":
        return any(_match(rest, words[i:]) for i in range(len(words) + 1))
    return bool(words) and head in ("*", words[0]) and _match(rest, words[1:])
