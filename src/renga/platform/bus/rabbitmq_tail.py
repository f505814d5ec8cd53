"""``tail`` on RabbitMQ: a bounded exclusive queue that is deleted with the connection."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import structlog
from aio_pika.abc import AbstractChannel
from aiormq.abc import DeliveredMessage

from renga.kernel.events import Event, decode
from renga.platform.bus import metrics
from renga.platform.bus.addresses import EXCHANGE
from renga.platform.bus.delivery import describe, wanted_of
from renga.platform.bus.patterns import Matcher
from renga.platform.bus.port import BusUnavailable
from renga.platform.bus.rabbitmq_link import AMQP_ERRORS, DECLARE_TIMEOUT_S, Link
from renga.platform.bus.rabbitmq_topology import TAIL_LENGTH_MAX
from renga.platform.bus.running import Running, reconnecting

log = structlog.get_logger(__name__)


async def tail(link: Link, patterns: Sequence[str], running: Running) -> AsyncIterator[Event]:
    """Events until the bus is closed or the caller stops."""
    backoff, wanted = reconnecting(), Matcher(patterns)
    while not running.stopping:
        try:
            channel = await link.channel(confirms=False)
            try:
                arrived = await _subscribe(channel, patterns)
                backoff.reset()
                while (body := await running.unless_stopped(arrived.get())) is not None:
                    try:
                        message = decode(body)
                    except (msgspec.DecodeError, ValueError) as error:
                        log.warning("tail_skipped_message", error=describe(error))
                        continue
                    for event in wanted_of(message, wanted):
                        yield event
            finally:
                if not channel.is_closed:
                    await channel.close()
        except (BusUnavailable, *AMQP_ERRORS) as error:
            if backoff.first:
                log.warning("tail_lost_bus", error=describe(error))
            await running.pause(backoff.next_ms())


async def _subscribe(channel: AbstractChannel, patterns: Sequence[str]) -> asyncio.Queue[bytes | None]:
    """Bodies as they arrive; None when the channel is lost. A slow reader loses the oldest."""
    arrived: asyncio.Queue[bytes | None] = asyncio.Queue(TAIL_LENGTH_MAX)

    def put(body: bytes | None) -> None:
        if arrived.full():
            arrived.get_nowait()
            metrics.missed.labels("rabbitmq").inc()
        arrived.put_nowait(body)

    async def on_message(message: DeliveredMessage) -> None:
        put(message.body)

    async with asyncio.timeout(DECLARE_TIMEOUT_S):
        arguments: dict[str, Any] = {"x-max-length": TAIL_LENGTH_MAX, "x-overflow": "drop-head"}
        queue = await channel.declare_queue(exclusive=True, auto_delete=True, arguments=arguments)
        for pattern in patterns:
            await queue.bind(EXCHANGE, pattern)
        raw = await channel.get_underlay_channel()
        await raw.basic_consume(queue.name, on_message, no_ack=True)
    channel.close_callbacks.add(lambda *_: put(None))
    return arrived
