"""Check of the event bus: reachable, credentials accepted."""

import aio_pika
import redis.asyncio as client
from aio_pika.exceptions import AMQPError
from redis.exceptions import RedisError

from renga.platform.bus.rabbitmq_link import each_host
from renga.platform.doctor.check import Check
from renga.platform.doctor.redis import ONCE
from renga.platform.settings import mask_url

TIMEOUT_S = 5.0
MEND = "Start the server that RENGA_BUS names, or leave the setting empty to use Redis Streams."


async def check_bus(url: str) -> list[Check]:
    """``url`` is that of the bus, or of the Redis that it shares; empty: the embedded engine, which is not running."""
    if not url:
        return [Check("bus", "ok", "Redis Streams on the embedded engine; not running now")]
    if url.startswith("amqp"):
        return [await _check_rabbitmq(url)]
    if url.startswith(("redis://", "rediss://")):
        return [await _check_redis(url)]
    return [Check("bus", "ok", "Redis Streams on the redis above")]


async def _check_rabbitmq(url: str) -> Check:
    said = ""
    for host in each_host(url):
        try:
            connection = await aio_pika.connect(host, timeout=TIMEOUT_S)
        except (AMQPError, OSError, TimeoutError) as error:
            said = str(error) or type(error).__name__
            continue
        await connection.close()
        return Check("bus", "ok", f"RabbitMQ, {mask_url(url)}")
    return Check("bus", "fail", f"{mask_url(url)}: {said}", MEND)


async def _check_redis(url: str) -> Check:
    try:
        connection = client.Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S, retry=ONCE)
    except ValueError:
        return Check("bus", "fail", f"{mask_url(url)} is not redis://user:password@host:port/number", MEND)
    try:
        await connection.ping()
    except (RedisError, OSError) as error:
        return Check("bus", "fail", f"{mask_url(url)}: {error}", MEND)
    finally:
        await connection.aclose()
    return Check("bus", "ok", f"Redis Streams, {mask_url(url)}")
