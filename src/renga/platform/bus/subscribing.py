"""Typed subscription: makes a consumer from fact types."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from renga.kernel.events import Event
from renga.kernel.facts import Fact, fact_of
from renga.platform.bus.port import Consumer

HeardFact = TypeVar("HeardFact", bound=Fact, covariant=True)


class Heard(msgspec.Struct, Generic[HeardFact], frozen=True):
    """A received fact with its envelope."""

    event: Event
    fact: HeardFact


def types_of(*facts: type[Fact]) -> tuple[str, ...]:
    """The routing keys of these facts."""
    return tuple(fact.TYPE for fact in facts)


def subscribe(
    facts: type[Fact] | Sequence[type[Fact]],
    handler: Callable[[Sequence[Heard[Any]]], Awaitable[None]],
    *,
    name: str,
    **bounds: Any,
) -> Consumer:
    """A consumer called ``name`` for these facts; ``bounds`` are those of ``Consumer``.

    An event whose data does not match its type fails with FactInvalid before the handler is called: it becomes a dead letter
    after ``attempts_max``; the other events of its batch are handled.
    """
    kinds = {fact.TYPE: fact for fact in ((facts,) if isinstance(facts, type) else facts)}

    async def read(events: Sequence[Event]) -> None:
        await handler(_heard(events, kinds))

    return Consumer(name=name, patterns=tuple(kinds), handler=read, **bounds)


def _heard(events: Sequence[Event], kinds: Mapping[str, type[Fact]]) -> list[Heard[Fact]]:
    return [Heard(event, fact_of(event, kinds[event.type])) for event in events]
