"""The event bus as every domain sees it: publish, consume and tail facts. It carries notifications, never commands."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Protocol

import msgspec

from renga.kernel.errors import Unavailable
from renga.kernel.events import Event

#: A handler gets up to ``batch_max`` events at once, in order. It must be idempotent: delivery is at least once.
Handler = Callable[[Sequence[Event]], Awaitable[None]]


class BusUnavailable(Unavailable):
    """The bus did not confirm every event. ``confirmed`` has the ids of those that it did confirm."""

    code = "bus_unavailable"
    title = "The event bus is away"

    def __init__(self, detail: str = "", *, confirmed: frozenset[str] = frozenset()) -> None:
        super().__init__(detail)
        self.confirmed = confirmed


class Consumer(msgspec.Struct, frozen=True, kw_only=True):
    """A named, durable consumer of the bus, with all its limits.

    ``name``            unique in the system, e.g. ``cart.snapshots``; one queue or consumer group has this name
    ``patterns``        routing keys with AMQP topic wildcards: ``cart.*``, ``catalog.PriceChanged``, ``#``
    ``also``            for a message with two events (``Event.also``) that both match the patterns: whether the second is
                        delivered too, right after the first
    ``batch_max``       most events in one call of the handler
    ``batch_wait_ms``   how long to wait for more events once a batch has one
    ``attempts_max``    calls of the handler for a failing event (alone, order is kept) before it becomes a dead letter
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
    """A message that a consumer could not handle. ``body`` is as received: one event, two, or not an event at all."""

    consumer: str
    body: bytes
    reason: str
    attempts: int


class Bus(Protocol):
    """The event bus on one engine. Every adapter passes ``tests/ports/test_bus.py``."""

    async def start(self) -> None:
        """Connect and declare the bus's own objects. Raises BusUnavailable if that fails within its deadline."""
        ...

    async def close(self) -> None:
        """Stop consumers (their current batches are finished first) and disconnect. May be called twice."""
        ...

    async def ping(self) -> None:
        """Return if the bus answers; raises BusUnavailable."""
        ...

    async def publish(self, events: Sequence[Event]) -> None:
        """Publish all, one message each; returns when the engine has confirmed every one as durable.

        An event with a second one (``Event.also``) is one message, which reaches consumers of either type.

        No order is promised between the events of one call: callers that need order publish in several calls (the outbox
        relay does: see ``platform.outbox``). Raises BusUnavailable with the ids that were confirmed.
        """
        ...

    async def declare(self, consumer: Consumer) -> None:
        """Create the consumer's durable queue or group, which keeps events published from now on. Idempotent."""
        ...

    async def consume(self, consumer: Consumer) -> None:
        """Declare, then deliver until cancelled or closed. Reconnects with bounded backoff when the engine is unreachable.

        A consumer name is active in one process of the system at a time (others stand by and take over within seconds), so
        a subject's events arrive in order. Events are acknowledged after the handler returned. A failing batch is retried
        event by event; an event that keeps failing becomes a dead letter and does not block the rest. A handler that raises
        Unavailable is called again without limit: an unreachable engine is not the event's fault.

        A message with two events delivers those that match the patterns, in order, each with its own id. Each is retried
        separately; the message is acknowledged after the last, and becomes one dead letter if either failed. A redelivered
        message brings both again with the same ids: delivery is at least once for each.
        """
        ...

    def tail(self, patterns: Sequence[str]) -> AsyncIterator[Event]:
        """Every matching event published from now on, to every caller of ``tail`` (broadcast, not durable, best effort).

        A message with two events yields those that match the patterns, in order.

        For live views and cache invalidation. Reconnects by itself; events published meanwhile are missed on AMQP,
        and on streams only those that are not kept any more.
        """
        ...

    async def dead_letters(self, consumer: str, limit: int = 100) -> list[DeadLetter]:
        """The oldest dead letters of a consumer, at most ``limit``, without removing them."""
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
