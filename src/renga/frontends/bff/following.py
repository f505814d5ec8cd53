"""Drops cached answers when news makes them untrue, on every process that keeps some."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from renga.domains.catalog.contract import FACTS, MEMBERS, PRODUCTS, tags_of
from renga.domains.search.contract import SEARCH_TAG
from renga.domains.search.contract.events import ALL_FACTS as SEARCH_FACTS
from renga.domains.search.contract.events import SearchFact
from renga.platform.bus.port import Bus
from renga.platform.cache.port import Cache

#: The index hears of a change when we do, and so do the rules of collections: what they answer in between is dropped once more,
#: later.
INDEXED_AFTER_S = 2.0


async def follow_news(bus: Bus, caches: Sequence[Cache[Any]]) -> None:
    """Until cancelled. News that is missed is healed by the caches' own freshness.

    ``caches`` are all of the process: they drop in the same moment, for the values of some are made of those of others.
    """
    later: asyncio.TimerHandle | None = None
    loop = asyncio.get_running_loop()
    waiting: set[str] = set()

    def drop(tags: Iterable[str]) -> None:
        for cache in caches:
            cache.drop(tags)

    def drop_waiting() -> None:
        tags = list(waiting)
        waiting.clear()
        drop(tags)

    try:
        async for event in bus.tail((*FACTS, *SEARCH_FACTS)):
            tags = {SEARCH_TAG} if event.domain == SearchFact.DOMAIN else set(tags_of(event))
            if PRODUCTS in tags:
                tags.add(SEARCH_TAG)
                if later is not None:
                    later.cancel()
                later = loop.call_later(INDEXED_AFTER_S, drop, (SEARCH_TAG, MEMBERS))
            if tags and not waiting:
                loop.call_soon(drop_waiting)  # with all the news that has come by then
            waiting |= tags
    finally:
        if later is not None:
            later.cancel()
