"""Trims the bus's streams: removes entries that every group has read, and enforces hard caps."""

from collections.abc import Sequence
from typing import Any

import structlog
from redis.exceptions import ResponseError

from renga.platform.bus import metrics
from renga.platform.bus.patterns import covers
from renga.platform.bus.streams_registry import Declared, Registry
from renga.platform.bus.streams_wire import stream_key, successor
from renga.platform.redis.driver import Client

log = structlog.get_logger(__name__)

#: Most events of one domain; beyond it the oldest are removed, read or not (counted and logged).
STREAM_LENGTH_MAX = 1_000_000
#: Most events of a domain without consumers.
UNROUTED_LENGTH_MAX = 10_000
INTERVAL_MS = 2_000
#: The interval doubles up to this one while the streams stay as they are; an event published by this process ends it.
INTERVAL_MAX_MS = 60_000


class Retention:
    """One pass over all domains; run it periodically, in one process at a time."""

    def __init__(self, client: Client, registry: Registry, *, length_max: int = STREAM_LENGTH_MAX) -> None:
        self._client, self._registry, self._length_max = client, registry, length_max
        self._lengths: dict[str, int] = {}

    async def sweep(self) -> bool:
        """Returns whether a stream has changed since the last sweep."""
        before, self._lengths = self._lengths, {}
        declared = await self._registry.declared()
        for domain in sorted(await self._registry.domains()):
            await self._trim(domain, await self._complete(domain, declared))
        return self._lengths != before

    async def _complete(self, domain: str, declared: Declared) -> Sequence[dict[str, Any]]:
        """The groups of a domain, those that were missing included."""
        groups = await self._groups(domain)
        present = {group["name"].decode() for group in groups}
        await self._registry.complete(domain, declared, present)
        if all(name in present for name, patterns in declared.items() if covers(patterns, domain)):
            return groups
        return await self._groups(domain)

    async def _groups(self, domain: str) -> Sequence[dict[str, Any]]:
        try:
            groups: list[dict[str, Any]] = await self._client.xinfo_groups(stream_key(domain))
        except ResponseError as error:
            if "no such key" not in str(error):
                raise
            return []
        return groups

    async def _trim(self, domain: str, groups: Sequence[dict[str, Any]]) -> None:
        key = stream_key(domain)
        length = self._lengths[domain] = await self._client.xlen(key)
        if not length:
            return
        if not groups:
            await self._cap(domain, length, UNROUTED_LENGTH_MAX)
            return
        least = min([await self._needed(key, group) for group in groups], key=_order)
        length -= await self._client.xtrim(key, minid=least, approximate=True)
        await self._cap(domain, length, self._length_max)

    async def _needed(self, key: str, group: dict[str, Any]) -> str:
        """The oldest id that the group has not acknowledged or read."""
        if group["pending"]:
            pending = await self._client.xpending(key, group["name"])
            if pending["min"] is not None:
                return str(pending["min"].decode())
        return successor(group["last-delivered-id"].decode())

    async def _cap(self, domain: str, length: int, length_max: int) -> None:
        if length <= length_max:
            return
        gone = await self._client.xtrim(stream_key(domain), maxlen=length_max, approximate=True)
        if gone and length_max != UNROUTED_LENGTH_MAX:
            metrics.evicted.labels(domain).inc(gone)
            log.warning("bus_events_evicted", domain=domain, count=gone, length_max=length_max)


def _order(entry_id: str) -> tuple[int, int]:
    ms, _, sequence = entry_id.partition("-")
    return int(ms), int(sequence)
