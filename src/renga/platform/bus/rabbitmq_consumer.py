"""One consumer on RabbitMQ: collects deliveries into batches, acknowledges settled ones, dead-letters failing ones."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import structlog
from aio_pika.abc import AbstractChannel
from aiormq.abc import AbstractChannel as RawChannel
from aiormq.abc import DeliveredMessage

from renga.kernel.events import Event, decode
from renga.platform.bus.delivery import Failure, deliver_messages, describe, wanted_of
from renga.platform.bus.patterns import Matcher
from renga.platform.bus.port import BusUnavailable, Consumer
from renga.platform.bus.rabbitmq_link import AMQP_ERRORS, DECLARE_TIMEOUT_S, Link
from renga.platform.bus.rabbitmq_topology import declare_consumer
from renga.platform.bus.running import Running, reconnecting

log = structlog.get_logger(__name__)

#: The prefetch, in batches.
PREFETCH_BATCHES = 2

PublishDeadLetter = Callable[[Consumer, DeliveredMessage, Failure], Awaitable[None]]


class RabbitConsumer:
    """Runs one consumer until ``running`` stops; each session is one channel."""

    def __init__(
        self, consumer: Consumer, link: Link, running: Running, publish_dead_letter: PublishDeadLetter
    ) -> None:
        self._consumer, self._link, self._running, self._publish_dead_letter = (
            consumer,
            link,
            running,
            publish_dead_letter,
        )

    async def run(self) -> None:
        backoff = reconnecting()
        while self._running.wanted:
            try:
                channel = await self._link.channel(prefetch=PREFETCH_BATCHES * self._consumer.batch_max)
                try:
                    async with asyncio.timeout(DECLARE_TIMEOUT_S):
                        await declare_consumer(channel, self._consumer)
                    backoff.reset()
                    await _Session(self._consumer, channel, self._running, self._publish_dead_letter).run()
                finally:
                    await _close(channel)
            except (BusUnavailable, *AMQP_ERRORS) as error:
                if backoff.first:
                    log.warning("consumer_lost_bus", consumer=self._consumer.name, error=describe(error))
                await self._running.pause(backoff.next_ms())


class _Session:
    """The work of one channel. If the channel is lost, the handler is cancelled: another instance may be active already."""

    def __init__(
        self, consumer: Consumer, channel: AbstractChannel, running: Running, publish_dead_letter: PublishDeadLetter
    ) -> None:
        self._consumer, self._channel, self._running, self._publish_dead_letter = (
            consumer,
            channel,
            running,
            publish_dead_letter,
        )
        self._wanted = Matcher(consumer.patterns)
        self._arrived: asyncio.Queue[DeliveredMessage] = asyncio.Queue()  # bounded by the channel's prefetch
        self._full = asyncio.Event()
        self._cancelled = asyncio.Event()

    async def run(self) -> None:
        raw = await self._channel.get_underlay_channel()
        raw.on_consumer_cancel_callbacks.add(lambda _: self._cancelled.set())
        async with asyncio.timeout(DECLARE_TIMEOUT_S):
            await raw.basic_consume(self._consumer.name, self._on_message)
        log.debug("consumer_ready", consumer=self._consumer.name)
        working = asyncio.create_task(self._work(raw))
        closed = asyncio.ensure_future(self._channel.closed())
        cancelled = asyncio.create_task(self._cancelled.wait())
        try:
            await asyncio.wait((working, closed, cancelled), return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise BusUnavailable("the broker ended the subscription")
            await working
        finally:
            for task in (working, closed, cancelled):
                task.cancel()
            await asyncio.wait((working, cancelled))

    async def _on_message(self, message: DeliveredMessage) -> None:
        self._arrived.put_nowait(message)
        if self._arrived.qsize() >= self._consumer.batch_max:
            self._full.set()

    async def _work(self, raw: RawChannel) -> None:
        while not self._running.stopping:
            batch = await self._running.unless_stopped(self._batch())
            if batch is not None:
                await self._handle(raw, batch)

    async def _batch(self) -> list[DeliveredMessage]:
        batch = [await self._arrived.get()]
        self._drain(batch)
        if len(batch) < self._consumer.batch_max and self._consumer.batch_wait_ms:
            self._full.clear()
            try:
                async with asyncio.timeout(self._consumer.batch_wait_ms / 1000):
                    await self._full.wait()
            except TimeoutError:
                pass  # the batch is delivered as it is
            self._drain(batch)
        return batch

    def _drain(self, batch: list[DeliveredMessage]) -> None:
        while len(batch) < self._consumer.batch_max and not self._arrived.empty():
            batch.append(self._arrived.get_nowait())

    async def _handle(self, raw: RawChannel, batch: list[DeliveredMessage]) -> None:
        messages: list[tuple[Event, ...]] = []
        wanted: list[DeliveredMessage] = []
        for message in batch:
            events = await self._events(message)
            if events:
                messages.append(events)
                wanted.append(message)
            else:
                await raw.basic_ack(_tag(message), wait=False)
        async for verdict in deliver_messages(self._consumer, messages, self._running.pause):
            last = wanted[verdict.stop - 1]
            if verdict.failure is not None:
                await self._publish_dead_letter(self._consumer, last, verdict.failure)
            # Everything before is settled: one acknowledgement covers all of it.
            await raw.basic_ack(_tag(last), multiple=True, wait=False)

    async def _events(self, message: DeliveredMessage) -> tuple[Event, ...]:
        """The wanted events of a message; none if it is not an event (a dead letter) or only old patterns match."""
        try:
            event = decode(message.body)
        except (msgspec.DecodeError, ValueError) as error:
            await self._publish_dead_letter(self._consumer, message, Failure(describe(error), 0))
            return ()
        return wanted_of(event, self._wanted, also=self._consumer.also)


def _tag(message: DeliveredMessage) -> int:
    tag = message.delivery_tag
    if tag is None:
        raise BusUnavailable("a delivery without a tag")
    return tag


async def _close(channel: AbstractChannel) -> None:
    """Close the channel; the broker requeues unacknowledged messages in order."""
    if not channel.is_closed:
        try:
            async with asyncio.timeout(DECLARE_TIMEOUT_S):
                await channel.close()
        except AMQP_ERRORS as error:
            log.warning("channel_goodbye_failed", error=describe(error))
