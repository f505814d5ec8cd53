"""Named leases in Redis: one holder at a time, identified by a random token; they expire if the holder is gone."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from renga.kernel.errors import Unavailable
from renga.platform.redis.driver import REDIS_ERRORS, Client, honouring_cancellation, is_cluster

#: How long a lease is valid after its last renewal.
TTL_MS = 3_000
#: The same for the leases of workers: the work of a crashed one waits at most this long.
WORKER_TTL_MS = 5_000
#: Deadline of one round of calls.
CALL_TIMEOUT_S = 2.0

# Each script takes any number of keys and returns 1 or 0 for each.
_ACQUIRE = """
local ours = {}
for i, key in ipairs(KEYS) do
  if redis.call('SET', key, ARGV[1], 'NX', 'PX', ARGV[2]) then ours[i] = 1
  elseif redis.call('GET', key) == ARGV[1] then ours[i] = redis.call('PEXPIRE', key, ARGV[2])
  else ours[i] = 0 end
end
return ours
"""
_RENEW = """
local ours = {}
for i, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then ours[i] = redis.call('PEXPIRE', key, ARGV[2]) else ours[i] = 0 end
end
return ours
"""
_RELEASE = """
local ours = {}
for i, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then ours[i] = redis.call('DEL', key) else ours[i] = 0 end
end
return ours
"""
_HEARTBEAT = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms)
redis.call('ZADD', KEYS[1], ms + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
"""


class LeasesUnavailable(Unavailable):
    code = "leases_unavailable"
    title = "The lease store is away"


class Leases:
    """Leases of one holder. Each is a key of its own, so they spread over a cluster: there each is a call, pipelined per server;
    on one server a call is for all of its leases."""

    def __init__(self, client: Client, owner: str, *, ttl_ms: int = TTL_MS, prefix: str = "lease:") -> None:
        self._client, self.owner, self.ttl_ms, self._prefix = client, owner, ttl_ms, prefix

    async def acquire(self, names: Sequence[str]) -> frozenset[str]:
        """Take leases that are free or already ours; returns those that are ours now. Raises LeasesUnavailable."""
        return await self._each(names, _ACQUIRE, self.owner, self.ttl_ms)

    async def renew(self, names: Sequence[str]) -> frozenset[str]:
        """Prolong leases that are still ours; returns those. Raises LeasesUnavailable."""
        return await self._each(names, _RENEW, self.owner, self.ttl_ms)

    async def release(self, names: Sequence[str]) -> frozenset[str]:
        """Release leases that are still ours; returns those. Raises LeasesUnavailable."""
        return await self._each(names, _RELEASE, self.owner)

    async def free(self, names: Sequence[str]) -> list[str]:
        """The leases that are free now. Raises LeasesUnavailable."""
        replies = await self._pipelined([("EXISTS", self._prefix + name) for name in names])
        return [name for name, taken in zip(names, replies, strict=True) if not taken]

    async def heartbeat(self, group: str) -> int:
        """Register this holder as live; returns the number of live holders in its group. Raises LeasesUnavailable."""
        key = f"{self._prefix}workers:{group}"
        (alive,) = await self._pipelined([("EVAL", _HEARTBEAT, 1, key, self.owner, self.ttl_ms)])
        return int(alive)

    async def leave(self, group: str) -> None:
        """Remove the heartbeat, so that the others take this holder's share. Raises LeasesUnavailable."""
        await self._pipelined([("ZREM", f"{self._prefix}workers:{group}", self.owner)])

    async def _each(self, names: Iterable[str], script: str, *arguments: Any) -> frozenset[str]:
        names = list(names)
        calls = [[name] for name in names] if is_cluster(self._client) else [names] if names else []
        replies = await self._pipelined(
            [("EVAL", script, len(some), *(self._prefix + name for name in some), *arguments) for some in calls]
        )
        ours = [one for reply in replies for one in reply]
        return frozenset(name for name, mine in zip(names, ours, strict=True) if mine)

    async def _pipelined(self, commands: list[tuple[Any, ...]]) -> list[Any]:
        if not commands:
            return []
        try:
            async with asyncio.timeout(CALL_TIMEOUT_S):
                if len(commands) == 1:
                    return [await honouring_cancellation(self._client.execute_command(*commands[0]))]
                pipeline = self._client.pipeline(transaction=False)
                for command in commands:
                    pipeline.execute_command(*command)
                return list(await honouring_cancellation(pipeline.execute()))
        except REDIS_ERRORS as error:
            raise LeasesUnavailable(f"{type(error).__name__}: {error}") from error


class HeldLeases:
    """The leases that surely are still valid, by the holder's monotonic clock, with a safety margin."""

    def __init__(self, ttl_ms: int, monotonic: Callable[[], float], *, margin_ms: int) -> None:
        self._valid_s, self._monotonic = (ttl_ms - margin_ms) / 1000, monotonic
        self._until: dict[str, float] = {}

    def confirm(self, names: Iterable[str], sent_at: float) -> None:
        """These were acquired or renewed by a call sent at ``sent_at`` (monotonic clock)."""
        for name in names:
            self._until[name] = sent_at + self._valid_s

    def forget(self, names: Iterable[str]) -> None:
        for name in names:
            self._until.pop(name, None)

    def __contains__(self, name: str) -> bool:
        return self._monotonic() < self._until.get(name, float("-inf"))

    @property
    def names(self) -> frozenset[str]:
        """The leases that surely are ours now."""
        now = self._monotonic()
        return frozenset(name for name, until in self._until.items() if now < until)

    @property
    def known(self) -> frozenset[str]:
        """The leases that were ours at the last renewal, valid or not."""
        return frozenset(self._until)
