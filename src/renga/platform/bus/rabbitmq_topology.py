"""What the bus declares in RabbitMQ: exchanges, a quorum queue and a dead-letter queue per consumer, and their limits.

Every queue is bounded. A full queue of a consumer refuses (``reject-publish``, which at-least-once dead-lettering needs):
the publisher gets no confirm and the outbox keeps the event. An event without a bound queue is no error, since a fact may
have no consumer yet: the alternate exchange keeps the newest of them in ``renga.unrouted``.
"""

from typing import Any

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel

from renga.platform.bus.addresses import EXCHANGE
from renga.platform.bus.port import Consumer

DEAD = "renga.dead"
UNROUTED = "renga.unrouted"

QUEUE_LENGTH_MAX = 1_000_000
DEAD_LENGTH_MAX = 100_000
UNROUTED_LENGTH_MAX = 10_000
TAIL_LENGTH_MAX = 10_000
#: Unacknowledged deliveries (the handler crashes the process) before the broker itself dead-letters the event.
DELIVERIES_MAX = 20
#: Reading dead letters counts as delivery; newer brokers would drop them after 20 reads.
LOOKS_MAX = 1_000_000_000

QUORUM: dict[str, Any] = {"x-queue-type": "quorum"}


def dead_queue(consumer: str) -> str:
    return f"{consumer}.dead"


async def declare_exchanges(channel: AbstractChannel) -> None:
    await channel.declare_exchange(UNROUTED, ExchangeType.FANOUT, durable=True, internal=True)
    await channel.declare_exchange(DEAD, ExchangeType.DIRECT, durable=True)
    await channel.declare_exchange(
        EXCHANGE, ExchangeType.TOPIC, durable=True, arguments={"alternate-exchange": UNROUTED}
    )
    unrouted = QUORUM | {"x-max-length": UNROUTED_LENGTH_MAX, "x-overflow": "drop-head"}
    queue = await channel.declare_queue(UNROUTED, durable=True, arguments=unrouted)
    await queue.bind(UNROUTED)


async def declare_consumer(channel: AbstractChannel, consumer: Consumer) -> None:
    dead = QUORUM | {"x-max-length": DEAD_LENGTH_MAX, "x-overflow": "drop-head", "x-delivery-limit": LOOKS_MAX}
    letters = await channel.declare_queue(dead_queue(consumer.name), durable=True, arguments=dead)
    await letters.bind(DEAD, consumer.name)
    arguments = QUORUM | {
        "x-single-active-consumer": True,
        "x-max-length": QUEUE_LENGTH_MAX,
        "x-overflow": "reject-publish",
        "x-delivery-limit": DELIVERIES_MAX,
        "x-dead-letter-exchange": DEAD,
        "x-dead-letter-routing-key": consumer.name,
        "x-dead-letter-strategy": "at-least-once",
    }
    queue = await channel.declare_queue(consumer.name, durable=True, arguments=arguments)
    for pattern in consumer.patterns:
        await queue.bind(EXCHANGE, pattern)
