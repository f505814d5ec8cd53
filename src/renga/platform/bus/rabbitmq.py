"""The bus on RabbitMQ: a topic exchange, a quorum queue per consumer, publisher confirms, dead letters.

Every event is published persistent and mandatory. The alternate exchange takes events without a queue, so a returned event
means that the topology is damaged: it counts as not confirmed, and the outbox keeps it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import cast

import structlog
from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel as RawChannel
from aiormq.exceptions import ChannelNotFoundEntity, PublishError

from renga.kernel.events import Event, encode
from renga.platform.bus import metrics
from renga.platform.bus.addresses import EXCHANGE
from renga.platform.bus.dead_bodies import masked_body
from renga.platform.bus.delivery import Failure, describe
from renga.platform.bus.port import BusUnavailable, Consumer, DeadLetter
from renga.platform.bus.rabbitmq_consumer import RabbitConsumer
from renga.platform.bus.rabbitmq_link import AMQP_ERRORS, DECLARE_TIMEOUT_S, Link
from renga.platform.bus.rabbitmq_messages import dead_letter, dead_properties, event_properties
from renga.platform.bus.rabbitmq_tail import tail
from renga.platform.bus.rabbitmq_topology import DEAD, dead_queue, declare_consumer
from renga.platform.bus.running import Running

log = structlog.get_logger(__name__)

#: Most unconfirmed events at once.
WINDOW_MAX = 500
#: Deadline of one window: from the first write to the last confirm.
PUBLISH_TIMEOUT_S = 5.0


class RabbitMQBus:
    """``Bus`` on ``amqp://`` or ``amqps://``; several hosts of one cluster are separated by commas."""

    def __init__(self, url: str) -> None:
        self._link = Link(url)
        self._running = Running()
        self._channel: AbstractChannel | None = None
        self._opening = asyncio.Lock()

    async def start(self) -> None:
        await self._publisher()

    async def close(self) -> None:
        await self._running.close()
        await self._link.close()

    async def ping(self) -> None:
        channel = await self._link.channel(confirms=False)
        try:
            async with asyncio.timeout(DECLARE_TIMEOUT_S):
                await channel.close()
        except AMQP_ERRORS as error:
            raise BusUnavailable(describe(error)) from error

    async def publish(self, events: Sequence[Event]) -> None:
        confirmed: set[str] = set()
        for start in range(0, len(events), WINDOW_MAX):
            window = events[start : start + WINDOW_MAX]
            try:
                await self._publish_window(window, confirmed)
            except (BusUnavailable, *AMQP_ERRORS) as error:
                raise BusUnavailable(describe(error), confirmed=frozenset(confirmed)) from error

    async def _publish_window(self, window: Sequence[Event], confirmed: set[str]) -> None:
        raw = await self._publisher()
        async with asyncio.timeout(PUBLISH_TIMEOUT_S):
            outcomes = await asyncio.gather(
                *(_publish(raw, event, confirmed) for event in window), return_exceptions=True
            )
        failures = [outcome for outcome in outcomes if outcome is not None]
        metrics.published.labels("rabbitmq").inc(len(window) - len(failures))
        for failure in failures:
            if isinstance(failure, PublishError):
                metrics.returned.inc()
                log.error("event_returned", error=describe(failure))
        if failures:
            raise failures[0]

    async def _publisher(self) -> RawChannel:
        async with self._opening:
            if self._channel is None or self._channel.is_closed:
                self._channel = await self._link.channel()
            return cast(RawChannel, await self._channel.get_underlay_channel())

    async def _publish_dead_letter(self, consumer: Consumer, message: DeliveredMessage, failure: Failure) -> None:
        """Publish the dead letter with its reason, confirmed; only then is the original acknowledged."""
        raw = await self._publisher()
        properties = dead_properties(message, failure)
        async with asyncio.timeout(PUBLISH_TIMEOUT_S):
            await raw.basic_publish(
                masked_body(message.body),
                exchange=DEAD,
                routing_key=consumer.name,
                properties=properties,
                mandatory=True,
            )

    async def declare(self, consumer: Consumer) -> None:
        channel = await self._link.channel()
        try:
            async with asyncio.timeout(DECLARE_TIMEOUT_S):
                await declare_consumer(channel, consumer)
                await channel.close()
        except AMQP_ERRORS as error:
            raise BusUnavailable(describe(error)) from error

    async def consume(self, consumer: Consumer) -> None:
        await self._running.run(RabbitConsumer(consumer, self._link, self._running, self._publish_dead_letter).run())

    def tail(self, patterns: Sequence[str]) -> AsyncIterator[Event]:
        return tail(self._link, patterns, self._running)

    async def dead_letters(self, consumer: str, limit: int = 100) -> list[DeadLetter]:
        channel = await self._link.channel()
        try:
            async with asyncio.timeout(DECLARE_TIMEOUT_S):
                raw = cast(RawChannel, await channel.get_underlay_channel())
                letters = await _read_and_requeue(raw, dead_queue(consumer), limit)
                await channel.close()
        except ChannelNotFoundEntity:
            return []
        except AMQP_ERRORS as error:
            raise BusUnavailable(describe(error)) from error
        return [dead_letter(consumer, letter) for letter in letters]


async def _publish(raw: RawChannel, event: Event, confirmed: set[str]) -> None:
    properties = event_properties(event)
    await raw.basic_publish(
        encode(event), exchange=EXCHANGE, routing_key=event.type, properties=properties, mandatory=True, wait=False
    )
    confirmed.add(event.id)


async def _read_and_requeue(raw: RawChannel, queue: str, limit: int) -> list[DeliveredMessage]:
    """Get messages and requeue them, in order: AMQP has no other way to read a queue without consuming it."""
    letters: list[DeliveredMessage] = []
    while len(letters) < limit:
        message = await raw.basic_get(queue)
        if message.delivery_tag is None:
            break
        letters.append(message)
    if letters and letters[-1].delivery_tag is not None:
        await raw.basic_nack(letters[-1].delivery_tag, multiple=True, requeue=True)
    return letters
