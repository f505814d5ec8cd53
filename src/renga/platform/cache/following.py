"""Drops cached values when events invalidate them, in every process."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from renga.kernel.events import Event
from renga.platform.bus.port import Bus, matches
from renga.platform.cache.port import Cache

#: Read models and the rules of collections get an event at the same time as we do. What is loaded from them before they have
#: handled it may be stale, so it is dropped again after this time.
READ_MODELS_AFTER_S = 2.0


class Invalidation(msgspec.Struct, frozen=True, kw_only=True):
    """Which events invalidate which cached values of one module.

    ``patterns``  routing keys of the events
    ``tags``      the tags of the values that an event invalidates
    ``later``     the tags that are dropped again READ_MODELS_AFTER_S after the last such event, when read models have handled it
    """

    patterns: tuple[str, ...]
    tags: Callable[[Event], Iterable[str]]
    later: Callable[[Event], Iterable[str]] = lambda event: ()


async def follow_news(bus: Bus, caches: Sequence[Cache[Any]], invalidations: Sequence[Invalidation]) -> None:
    """Run until cancelled. After missed events, values are stale until they expire.

    ``caches`` are all caches of the process. They drop at the same time, because some values are made from values of others.
    """
    timer: asyncio.TimerHandle | None = None
    loop = asyncio.get_running_loop()
    waiting: set[str] = set()
    later: set[str] = set()

    def drop(tags: set[str]) -> None:
        dropped = list(tags)
        tags.clear()
        for cache in caches:
            cache.drop(dropped)

    try:
        async for event in bus.tail(tuple(dict.fromkeys(key for one in invalidations for key in one.patterns))):
            heard = [one for one in invalidations if any(matches(key, event.type) for key in one.patterns)]
            tags = {tag for one in heard for tag in one.tags(event)}
            again = {tag for one in heard for tag in one.later(event)}
            if again:
                later |= again
                if timer is not None:
                    timer.cancel()
                timer = loop.call_later(READ_MODELS_AFTER_S, drop, later)
            if tags and not waiting:
                loop.call_soon(drop, waiting)  # for all events received by then
            waiting |= tags
    finally:
        if timer is not None:
            timer.cancel()
