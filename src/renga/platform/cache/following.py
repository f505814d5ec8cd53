"""Drops cached answers when news makes them untrue, on every process that keeps some."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from renga.kernel.events import Event
from renga.platform.bus.port import Bus, matches
from renga.platform.cache.port import Cache

#: A read model hears of a change when we do, and so do the rules of collections: what they answer in between is dropped once
#: more, later.
READ_MODELS_AFTER_S = 2.0


class Invalidation(msgspec.Struct, frozen=True, kw_only=True):
    """What one module's answers depend on.

    ``patterns``  routing keys of the news that it listens to
    ``tags``      the tags of answers that an event makes untrue now
    ``later``     those that are dropped once more READ_MODELS_AFTER_S after the last such event, when read models have followed
    """

    patterns: tuple[str, ...]
    tags: Callable[[Event], Iterable[str]]
    later: Callable[[Event], Iterable[str]] = lambda event: ()


async def follow_news(bus: Bus, caches: Sequence[Cache[Any]], invalidations: Sequence[Invalidation]) -> None:
    """Until cancelled. News that is missed is healed by the caches' own freshness.

    ``caches`` are all of the process: they drop in the same moment, for the values of some are made of those of others.
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
                loop.call_soon(drop, waiting)  # with all the news that has come by then
            waiting |= tags
    finally:
        if timer is not None:
            timer.cancel()
