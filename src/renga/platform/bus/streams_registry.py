"""Registry of domains with a stream and of declared consumers; creates the consumer groups of both."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import msgspec
from redis.exceptions import ResponseError

from renga.platform.bus.patterns import covers, literal_domains
from renga.platform.bus.port import Consumer
from renga.platform.bus.streams_wire import CONSUMERS, DOMAINS, stream_key
from renga.platform.redis.driver import Client

#: Patterns of consumers by their names.
Declared: TypeAlias = Mapping[str, Sequence[str]]


class Registry:
    """Stores each consumer's patterns, so that a domain that appears later gets its groups too."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def domains(self) -> frozenset[str]:
        return frozenset(name.decode() for name in await self._client.smembers(DOMAINS))

    async def register(self, domain: str) -> None:
        """Register a domain; the first registration creates the groups of all declared consumers."""
        if await self._client.sadd(DOMAINS, domain):
            await self.complete(domain)

    async def declared(self) -> Declared:
        """The patterns of every declared consumer, by its name."""
        consumers: dict[bytes, bytes] = await self._client.hgetall(CONSUMERS)
        return {name.decode(): _patterns(patterns) for name, patterns in consumers.items()}

    async def complete(self, domain: str, declared: Declared | None = None, present: Collection[str] = ()) -> None:
        """Create the missing groups of every declared consumer on this domain, from its oldest event.

        ``declared`` and ``present`` (groups that exist) save questions to a caller that knows them already.
        """
        for name, patterns in (await self.declared() if declared is None else declared).items():
            if name not in present and covers(patterns, domain):
                await self._create_group(domain, name, "0")

    async def declare(self, consumer: Consumer, *, start: str = "$") -> None:
        """Create missing groups; ``start``: with new events (``$``) or with the oldest (``0``)."""
        named = literal_domains(consumer.patterns)
        if named:
            await self._client.sadd(DOMAINS, *sorted(named))
        former = _patterns(await self._client.hget(CONSUMERS, consumer.name))
        before = await self.domains()
        for domain in sorted(before):
            if covers(consumer.patterns, domain):
                await self._create_group(domain, consumer.name, start)
            elif covers(former, domain):
                await self._client.xgroup_destroy(stream_key(domain), consumer.name)
        await self._client.hset(CONSUMERS, consumer.name, msgspec.json.encode(consumer.patterns))
        for domain in await self.domains() - before:
            if covers(consumer.patterns, domain):
                await self._create_group(domain, consumer.name, "0")

    async def _create_group(self, domain: str, consumer: str, start: str) -> None:
        try:
            await self._client.xgroup_create(stream_key(domain), consumer, id=start, mkstream=True)
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise


def _patterns(text: bytes | None) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...]) if text else ()
