"""News of outboxes that are Redis streams on one server: one blocking read of all of them."""

from collections.abc import Collection, Mapping

from renga.kernel.errors import Unavailable
from renga.platform.redis.driver import REDIS_ERRORS, Client

#: Longest wait of one read; the client's time-out must be longer.
BLOCK_MS = 10_000


class RedisOutboxNews:
    """``keys``: the stream of each outbox, by the outbox's name. ``client`` waits here: it is for nothing else.

    Reading from the start returns at once if any stream has an entry; relayed entries are deleted.
    """

    def __init__(self, client: Client, keys: Mapping[str, str]) -> None:
        self._client, self._keys = client, dict(keys)
        self.names = frozenset(keys)

    async def wait(self, names: Collection[str]) -> bool:
        keys = [self._keys[name] for name in sorted(names)]
        try:
            return bool(
                await self._client.execute_command(
                    "XREAD", "COUNT", 1, "BLOCK", BLOCK_MS, "STREAMS", *keys, *("0" for _ in keys)
                )
            )
        except REDIS_ERRORS as error:
            raise Unavailable(f"{type(error).__name__}: {error}") from error
