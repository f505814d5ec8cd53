"""The client of hot paths: scripts and commands over auto-pipelining connections, sent to the server that owns the key.

Calls are retried after redirections, fail-overs and lost connections until their deadline. A call with an unknown outcome is
retried only if the caller declares it idempotent (``repeatable``: reads, and writes with an idempotency key).
"""

import asyncio
import copy
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import hiredis
import structlog
from redis.crc import key_slot

from renga.platform.redis.connection import RedisConnection, ServerAddress, open_connection
from renga.platform.redis.errors import Full, NotSent, RedisTrouble, Refused, Unanswered
from renga.platform.redis.topology import Topology, topology

log = structlog.get_logger(__name__)

#: Waits between attempts while a server is unreachable or fails over, doubling from the first to the second.
BACKOFF_MIN_S, BACKOFF_MAX_S = 0.01, 0.25
#: Error replies after which nothing was done and a retry may succeed.
_RETRYABLE = (
    "LOADING",
    "CLUSTERDOWN",
    "TRYAGAIN",
    "MASTERDOWN",
    "READONLY",
    "BUSY",
    "NOREPLICAS",
    "MISCONF",
    "UNBLOCKED",
)


#: Errors that leave the fast path: the call goes on with retries.
_AGAIN = (*_RETRYABLE, "NOSCRIPT")


class Script:
    """A Lua script; loaded into a server on first use."""

    __slots__ = ("name", "sha", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class HotRedis:
    """``attempt_timeout_s`` limits one attempt, ``deadline_s`` the whole call with all its attempts."""

    def __init__(self, url: str, *, attempt_timeout_s: float = 1.0, deadline_s: float = 3.0) -> None:
        self._topology: Topology = topology(url)
        self._attempt_timeout_s = attempt_timeout_s
        self._deadline_s = deadline_s
        self._connections: dict[ServerAddress, RedisConnection] = {}
        self._opening: dict[ServerAddress, asyncio.Task[RedisConnection]] = {}
        self._learning: asyncio.Task[None] | None = None
        self._away: set[ServerAddress] = set()
        self._only: RedisConnection | None = None
        self._slots: dict[str, int] = {}
        self._stale = True

    @property
    def slotted(self) -> bool:
        """Whether keys with different hash tags may be on different servers (a cluster)."""
        return self._topology.slotted

    def within(self, *, attempt_timeout_s: float, deadline_s: float) -> "HotRedis":
        """The same client with other deadlines. It shares the connections, so that commands of both leave in one write.

        Call it before the first command. Close only the original.
        """
        other = copy.copy(self)
        other._attempt_timeout_s = attempt_timeout_s
        other._deadline_s = deadline_s
        return other

    async def close(self) -> None:
        for task in (*self._opening.values(), *([self._learning] if self._learning else [])):
            task.cancel()
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()
        self._only = None

    async def run(self, script: Script, keys: tuple[str, ...], args: tuple[Any, ...], *, repeatable: bool) -> Any:
        """Run a script on the server of its first key (all keys are in one slot); arguments are str, bytes or int.

        Raises NotSent, Full (nothing happened), Unanswered (it may have), Refused (the server's error).
        """
        packed = hiredis.pack_command(("EVALSHA", script.sha, len(keys), *keys, *args))

        def whole() -> bytes:
            text: bytes = hiredis.pack_command(("EVAL", script.text, len(keys), *keys, *args))
            return text

        return _checked(await self._send(keys[0], packed, repeatable, whole))

    async def call(self, key: str, *command: Any, repeatable: bool = True) -> Any:
        """Run one command on the server of ``key``. Raises like ``run``."""
        return _checked(await self._send(key, hiredis.pack_command(command), repeatable))

    async def call_all(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The replies to many idempotent commands, each with its key in second place. On one server they leave in one write.

        Those without a reply are called again, as by ``call``. Raises like ``run``.
        """
        connection = self._only
        if connection is None or connection.closed or self._stale:
            return list(await asyncio.gather(*(self.call(command[1], *command) for command in commands)))
        pending = self._sent(connection, commands)
        replies: list[Any] = []
        try:
            for future in pending:  # all of them are in flight, and the replies come in this order
                try:
                    replies.append(await future)
                except (NotSent, Unanswered):
                    self._stale = True
                    replies.append(_UNANSWERED)
        except BaseException:
            for future in pending:
                future.add_done_callback(_ignore)
                future.cancel()
            raise
        replies += [_UNANSWERED] * (len(commands) - len(pending))
        again = [n for n, reply in enumerate(replies) if reply is _UNANSWERED or isinstance(reply, hiredis.ReplyError)]
        called = await asyncio.gather(*(self.call(commands[n][1], *commands[n]) for n in again))
        for n, reply in zip(again, called, strict=True):
            replies[n] = reply
        return replies

    def _sent(self, connection: RedisConnection, commands: Sequence[tuple[Any, ...]]) -> list["asyncio.Future[Any]"]:
        """The futures of those that the connection takes."""
        futures: list[asyncio.Future[Any]] = []
        try:
            for command in commands:
                futures.append(connection.call(hiredis.pack_command(command), self._attempt_timeout_s))
        except NotSent:
            return futures
        return futures

    async def _send(self, key: str, packed: bytes, repeatable: bool, whole: Callable[[], bytes] | None = None) -> Any:
        deadline = asyncio.get_running_loop().time() + self._deadline_s
        connection, doubt = self._only, None
        if connection is not None and not connection.closed and not self._stale:
            try:
                reply = await connection.call(packed, self._attempt_timeout_s)
            except NotSent:
                self._stale = True
            except Unanswered as error:
                self._stale = True
                if not repeatable:
                    raise
                doubt = error
            else:
                if not isinstance(reply, hiredis.ReplyError) or not str(reply).startswith(_AGAIN):
                    return reply
        return await self._send_with_retries(key, packed, repeatable, whole, deadline, doubt)

    async def _send_with_retries(
        self,
        key: str,
        packed: bytes,
        repeatable: bool,
        whole: Callable[[], bytes] | None,
        deadline: float,
        doubt: Unanswered | None,
    ) -> Any:
        """The slow path: find the server, follow redirections, retry during a fail-over until the deadline.

        ``doubt`` is an attempt without an answer: even if a later attempt is refused, the call may have happened.
        """
        loop = asyncio.get_running_loop()
        wait_s = BACKOFF_MIN_S
        asking: ServerAddress | None = None
        trouble: RedisTrouble | None = None
        while loop.time() < deadline:
            try:
                connection = await self._connection(key, asking, deadline - loop.time())
                timeout_s = min(self._attempt_timeout_s, max(deadline - loop.time(), 0.001))
                if asking is not None:
                    connection.call(_ASKING, timeout_s).add_done_callback(_ignore)
                reply = await connection.call(packed, timeout_s)
            except NotSent as error:
                # the deadline cut off the last attempt: an earlier error says more
                trouble = trouble if trouble is not None and loop.time() >= deadline else error
                asking, self._stale = None, True
            except Unanswered as error:
                if not repeatable:
                    raise
                doubt, asking, self._stale = error, None, True
            else:
                if not isinstance(reply, hiredis.ReplyError):
                    return reply
                word, _, rest = str(reply).partition(" ")
                if word == "ASK":
                    asking = self._redirected(rest)
                    continue
                if word == "NOSCRIPT" and whole is not None:
                    packed, whole = whole(), None
                    continue
                if word != "MOVED" and not word.startswith(_RETRYABLE):
                    if doubt is not None:
                        raise doubt
                    return reply
                trouble, asking, self._stale = NotSent(str(reply)), None, True
                if word == "MOVED":
                    wait_s = BACKOFF_MIN_S
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, BACKOFF_MAX_S)
        raise doubt or trouble or NotSent("no try was made in time")

    def _redirected(self, rest: str) -> ServerAddress:
        host, _, port = rest.split(" ")[-1].rpartition(":")
        return self._topology.at(host, int(port))

    async def _connection(self, key: str, asking: ServerAddress | None, time_left_s: float) -> RedisConnection:
        if self._stale:
            await self._learn(time_left_s)
        address = asking or self._topology.address(self._slot(key) if self._topology.slotted else 0)
        connection = self._connections.get(address)
        if connection is None or connection.closed:
            connection = await self._open(address, time_left_s)
        if not self._topology.slotted:
            self._only = connection
        return connection

    async def _learn(self, time_left_s: float) -> None:
        """Learn the topology, once for all waiting calls. Raises NotSent."""
        if self._learning is None:
            self._learning = asyncio.create_task(self._topology.learn())
            self._learning.add_done_callback(self._learned)
        try:
            await asyncio.wait_for(asyncio.shield(self._learning), time_left_s)
        except TimeoutError:
            raise NotSent("nobody told in time which server to talk to") from None

    def _learned(self, task: asyncio.Task[None]) -> None:
        self._learning = None
        if not task.cancelled() and task.exception() is None:
            self._stale = False

    async def _open(self, address: ServerAddress, time_left_s: float) -> RedisConnection:
        task = self._opening.get(address)
        if task is None:
            task = asyncio.create_task(open_connection(address))
            self._opening[address] = task
            task.add_done_callback(lambda done: self._opened(address, done))
        try:
            return await asyncio.wait_for(asyncio.shield(task), time_left_s)
        except TimeoutError:
            raise NotSent(f"cannot connect to {address.host}:{address.port} in time") from None

    def _opened(self, address: ServerAddress, task: asyncio.Task[RedisConnection]) -> None:
        self._opening.pop(address, None)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._connections[address] = task.result()
            if address in self._away:
                log.info("redis_connected_again", server=str(address))
            self._away.discard(address)
        elif address not in self._away:
            self._away.add(address)  # logged once: while a server is unreachable it is tried many times a second
            log.warning("redis_connect_failed", server=str(address), error=str(error))

    def _slot(self, key: str) -> int:
        tag = key[key.find("{") : key.find("}") + 1] or key
        slot = self._slots.get(tag)
        if slot is None:
            slot = key_slot(key.encode())
            if len(self._slots) < 16_384:
                self._slots[tag] = slot
        return slot


_UNANSWERED = object()
_ASKING = hiredis.pack_command(("ASKING",))


def _ignore(future: "asyncio.Future[Any]") -> None:
    """Ignore a reply that nobody waits for; a failure shows in the next command on the same connection."""
    if not future.cancelled():
        future.exception()


def _checked(reply: Any) -> Any:
    if isinstance(reply, hiredis.ReplyError):
        text = str(reply)
        if text.startswith("OOM") or "OOM command not allowed" in text:
            raise Full("the server is at its memory limit and refuses writes")
        if text.startswith(("MOVED", "ASK", *_RETRYABLE)):
            raise NotSent(text)
        raise Refused(text)
    return reply
