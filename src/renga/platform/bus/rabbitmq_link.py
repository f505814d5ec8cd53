"""One connection to RabbitMQ: opened when needed, reopened after a loss; fails fast while the broker is unreachable.

A plain connection, not aio-pika's robust one: that one restores channels and consumers by itself, while ordered delivery
must know when unacknowledged messages went back to the queue.
"""

import asyncio
from urllib.parse import urlsplit, urlunsplit

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection
from aiormq.exceptions import AMQPError
from pamqp.exceptions import PAMQPException

from renga.platform.bus.delivery import describe
from renga.platform.bus.port import BusUnavailable
from renga.platform.bus.rabbitmq_topology import declare_exchanges
from renga.platform.bus.running import reconnecting
from renga.platform.settings import SettingsInvalid, mask_url

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_S = 2.0
#: Deadline of a declaration; a quorum queue may first elect a leader.
DECLARE_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 5.0
#: Heartbeat; a silent broker is given up after two intervals.
HEARTBEAT_S = 10

#: Everything that aio-pika raises when the broker is unreachable or refuses; RuntimeError: already closed.
AMQP_ERRORS = (AMQPError, PAMQPException, OSError, RuntimeError, TimeoutError)


class Link:
    """Opens channels. Several hosts (``amqp://user@a:5672,b:5672/vhost``) are tried in turn."""

    def __init__(self, url: str) -> None:
        self._urls = each_host(url)
        self._connection: AbstractConnection | None = None
        self._connecting = asyncio.Lock()
        self._backoff = reconnecting()
        self._retry_at = float("-inf")
        self._closed = False

    async def channel(self, *, confirms: bool = True, prefetch: int = 0) -> AbstractChannel:
        """A new channel. Raises BusUnavailable, without trying during the pause after a failed attempt."""
        connection = await self.connection()
        try:
            async with asyncio.timeout(DECLARE_TIMEOUT_S):
                channel = connection.channel(publisher_confirms=confirms, on_return_raises=confirms)
                await channel.initialize()
                if prefetch:
                    await channel.set_qos(prefetch)
                return channel
        except AMQP_ERRORS as error:
            raise BusUnavailable(describe(error)) from error

    async def connection(self) -> AbstractConnection:
        """The live connection, with the exchanges declared. Raises BusUnavailable."""
        async with self._connecting:
            if self._closed:
                raise BusUnavailable("the bus is closed")
            # aio-pika's plain connection is not "closed" after a loss, only not "connected"
            if self._connection is not None and self._connection.connected.is_set():
                return self._connection
            await self._discard()
            if asyncio.get_running_loop().time() < self._retry_at:
                raise BusUnavailable("the broker did not answer a moment ago")
            self._connection = await self._connect()
            return self._connection

    async def _connect(self) -> AbstractConnection:
        try:
            connection = await self._first_that_answers()
        except AMQP_ERRORS as error:
            if self._backoff.first:
                log.warning("broker_unavailable", error=describe(error))
            self._retry_at = asyncio.get_running_loop().time() + self._backoff.next_ms() / 1000
            raise BusUnavailable(describe(error)) from error
        if not self._backoff.first:
            log.info("broker_back")
        self._backoff.reset()
        return connection

    async def _first_that_answers(self) -> AbstractConnection:
        last: Exception = ConnectionError("no host")
        for url in self._urls:
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    connection = await aio_pika.connect(url, heartbeat=HEARTBEAT_S)
            except AMQP_ERRORS as error:
                last = error
                continue
            try:
                async with asyncio.timeout(DECLARE_TIMEOUT_S), connection.channel() as channel:
                    await declare_exchanges(channel)
            except BaseException:
                await connection.close()
                raise
            return connection
        raise last

    async def close(self) -> None:
        self._closed = True
        await self._discard()

    async def _discard(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed:
            try:
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await connection.close()
            except AMQP_ERRORS as error:
                log.warning("broker_goodbye_failed", error=describe(error))


def each_host(url: str) -> list[str]:
    """A URL for each host of this one, in its order. Raises SettingsInvalid for one that is no address."""
    try:
        parts = urlsplit(url)
        credentials, at, hosts = parts.netloc.rpartition("@")
        each = [parts._replace(netloc=credentials + at + host) for host in hosts.split(",")]
        for one in each:
            _ = one.port  # raises for one that is no number
    except ValueError as error:
        raise SettingsInvalid(f"{mask_url(url)} is not amqp://user:password@host:port/vhost") from error
    return [urlunsplit(one) for one in each]
