"""redis-py clients for all but hot paths: one server, a Sentinel's master or a cluster; every call has a deadline."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import hiredis
import redis.asyncio as redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import ConnectionError, RedisClusterException, RedisError

from renga.platform.redis.connection import ServerAddress
from renga.platform.redis.topology import parse

CALL_TIMEOUT_S = 2.0
CONNECTIONS_MAX = 64
CLUSTER_RETRIES_MAX = 3
#: Commands of so many words are packed by hiredis.
LONG_COMMAND = 20

T = TypeVar("T")

#: Everything that redis-py raises when a server is unreachable or refuses.
REDIS_ERRORS = (RedisError, RedisClusterException, OSError, TimeoutError)

#: redis-py's classes are typed per call style; we use their common commands.
Client = Any


class _LongCommands:
    """redis-py packs a command word by word in Python; hiredis packs a long one at once."""

    def pack_command(self, *args: Any) -> Any:
        if len(args) < LONG_COMMAND:
            return super().pack_command(*args)  # type: ignore[misc]  # of the connection beside it
        return [hiredis.pack_command(args)]


class _Connection(_LongCommands, redis.Connection):
    pass


class _TlsConnection(_LongCommands, redis.SSLConnection):
    pass


class _RedisServer(redis.Redis):
    async def execute_command(self, *args: Any, **options: Any) -> Any:
        called: Awaitable[Any] = super().execute_command(*args, **options)  # type: ignore[no-untyped-call] # redis-py
        return await honouring_cancellation(called)


class _Cluster(RedisCluster):
    async def execute_command(self, *args: Any, **options: Any) -> Any:
        for _ in range(CLUSTER_RETRIES_MAX):
            try:
                return await honouring_cancellation(super().execute_command(*args, **options))
            except AttributeError as error:
                # a call that learns the cluster's layout closes connections on which others are about to send: redis-py
                # then finds no writer, so nothing was sent
                if error.name != "writelines" or error.obj is not None:
                    raise
        raise ConnectionError("the connection was closed again and again")


async def honouring_cancellation(call: Awaitable[T]) -> T:
    """The result of a redis-py call; re-raises a cancellation that redis-py swallowed.

    redis-py uses ``asyncio.wait_for``, which before Python 3.12 returns normally if the cancellation and the result
    coincide (python/cpython#86296); a loop around such a call would then never end.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    result = await call
    if task and task.cancelling() > before:
        raise asyncio.CancelledError
    return result


def make_client(url: str, *, timeout_s: float = CALL_TIMEOUT_S) -> Client:
    """A client on ``redis://``, ``rediss://``, ``redis+cluster://``, ``rediss+cluster://`` or ``redis+sentinel://``.

    It does not connect yet. Raises SettingsInvalid for another scheme.
    """
    scheme, seeds, entry = parse(url)
    options = _options(entry, timeout_s)
    if scheme.endswith("+cluster"):
        nodes = [ClusterNode(host or "127.0.0.1", port) for host, port in seeds]
        retry = Retry(ExponentialBackoff(cap=0.2, base=0.02), CLUSTER_RETRIES_MAX)
        return _Cluster(startup_nodes=nodes, max_connections=CONNECTIONS_MAX, retry=retry, **options)
    options |= {"db": entry.database, "retry": Retry(NoBackoff(), 0), "max_connections": CONNECTIONS_MAX}
    if scheme == "redis+sentinel":
        name = url.split("://", 1)[1].partition("/")[2].partition("?")[0].partition("/")[0] or "mymaster"
        asking = {"socket_timeout": CALL_TIMEOUT_S, "socket_connect_timeout": CALL_TIMEOUT_S}
        return Sentinel(seeds, sentinel_kwargs=asking).master_for(name, redis_class=_RedisServer, **options)  # type: ignore[no-untyped-call]  # redis-py
    server = _RedisServer(host=entry.host, port=entry.port, **options)
    server.connection_pool.connection_class = _TlsConnection if entry.tls else _Connection
    return server


def _options(entry: ServerAddress, timeout_s: float) -> dict[str, Any]:
    options: dict[str, Any] = {
        "username": entry.username,
        "password": entry.password,
        "protocol": 2,
        "socket_timeout": timeout_s,
        "socket_connect_timeout": CALL_TIMEOUT_S,
        "socket_keepalive": True,
    }
    if entry.tls:
        options |= {"ssl": True, "ssl_cert_reqs": "required" if entry.tls_verify else "none"}
        options |= {"ssl_ca_certs": entry.tls_ca, "ssl_check_hostname": entry.tls_verify}
    return options


def is_cluster(client: Client) -> bool:
    return isinstance(client, RedisCluster)


async def on_key(client: Client, key: str, *command: Any) -> Any:
    """Run a command on the server of ``key``, for commands whose keys redis-py cannot find itself (XREAD, XREADGROUP)."""
    if not is_cluster(client):
        return await client.execute_command(*command)
    await client.initialize()  # does nothing unless a failure invalidated the known topology
    return await client.execute_command(*command, target_nodes=client.get_node_from_key(key))
