"""Reads the outbox streams of the cart's shards for the relay: each entry becomes one CloudEvent."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec
import structlog
from prometheus_client import Counter

from renga.domains.cart.contract import StoreUnavailable
from renga.domains.cart.contract.events import EVENTS, CartFact
from renga.domains.cart.ports import etag
from renga.kernel.clock import rfc3339
from renga.kernel.events import Event
from renga.kernel.facts import also_of
from renga.platform.outbox.port import News, OutboxGroup, Pending
from renga.platform.redis.client import HotRedis
from renga.platform.redis.errors import RedisTrouble

log = structlog.get_logger(__name__)

UNREADABLE = Counter("renga_cart_outbox_unreadable", "Records of the outboxes that are not events")
#: Most entries of one read of many shards: limits how long it occupies the server.
READ_MAX = 8_000
#: Where entries of a shard's outbox go that are not events, and how many are kept.
ASIDE, ASIDE_MAX = ":unreadable", 10_000

#: The fields of an entry, in the order of the scripts.
_FIELDS = (b"t", b"m", b"d", b"r")
_decode = msgspec.json.Decoder(dict[str, str | int | None]).decode
_FACTS = {fact.__name__: fact for fact in EVENTS}


def outbox_key(shard: int) -> str:
    return f"outbox:{{{shard}}}"


def outbox_name(shard: int) -> str:
    """Also the name of its lease."""
    return f"cart:{shard}"


class RedisOutbox:
    """Implements ``Outbox`` for one shard. Only the holder of the shard's lease reads it."""

    def __init__(self, redis: HotRedis, shard: int, news: News | None = None, group: OutboxGroup | None = None) -> None:
        self._redis = redis
        self._key = outbox_key(shard)
        self.name = outbox_name(shard)
        self.news, self.group = news, group

    async def read(self, limit: int) -> Sequence[Pending]:
        with _store_errors():
            entries = await self._redis.call(self._key, "XRANGE", self._key, "-", "+", "COUNT", limit)
            return await _readable(self._redis, self._key, entries)

    async def trim(self, positions: Sequence[str]) -> None:
        if positions:
            with _store_errors():
                await self._redis.call(self._key, "XDEL", self._key, *positions)


class RedisOutboxes:
    """Implements ``OutboxGroup`` for all shards of one server: one command reads them, one write trims them."""

    def __init__(self, redis: HotRedis, shards: Sequence[int]) -> None:
        self._redis = redis
        self._keys = {outbox_name(shard): outbox_key(shard) for shard in shards}
        self._names = {key.encode(): name for name, key in self._keys.items()}

    async def read(self, names: Sequence[str], limit: int) -> Mapping[str, Sequence[Pending]]:
        keys = [self._keys[name] for name in names]
        count = min(limit, max(READ_MAX // len(keys), 1))
        with _store_errors():
            command = ("XREAD", "COUNT", count, "STREAMS", *keys, *("0" for _ in keys))
            reply = await self._redis.call(keys[0], *command)
            return {
                self._names[key]: await _readable(self._redis, key.decode(), entries) for key, entries in reply or ()
            }

    async def trim(self, positions: Mapping[str, Sequence[str]]) -> None:
        with _store_errors():
            await self._redis.call_all([("XDEL", self._keys[name], *some) for name, some in positions.items() if some])


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except RedisTrouble as trouble:
        raise StoreUnavailable("the cart's outbox is away") from trouble


async def _readable(redis: HotRedis, key: str, entries: Sequence[tuple[bytes, Sequence[bytes]]]) -> list[Pending]:
    """The entries as events. One that is not an event is kept elsewhere and reported, so that it does not block the others."""
    found: list[Pending] = []
    for position, fields in entries:
        try:
            found.append(Pending(position.decode(), _event(fields)))
        except (msgspec.MsgspecError, KeyError, ValueError) as error:
            UNREADABLE.inc()
            log.error("outbox_entry_unreadable", outbox=key, entry=position.decode(), error=repr(error))
            aside = f"{key}{ASIDE}"
            await redis.call(key, "XADD", aside, "MAXLEN", "~", ASIDE_MAX, "*", *fields)
            await redis.call(key, "XDEL", key, position)
    return found


def _event(fields: Sequence[bytes]) -> Event:
    """The script's entry (t: name, m: time in ms, d: data, r: restores) as an event. Its id is cart, version and name.

    After a restore a version may be used a second time; the number of restores in the id distinguishes the two.
    """
    if tuple(fields[::2]) == _FIELDS:
        kind, at_ms, text, restores = fields[1::2]
    else:  # of a script of another version
        entry = dict(zip(fields[::2], fields[1::2], strict=True))
        kind, at_ms, text, restores = entry[b"t"], entry[b"m"], entry[b"d"], entry.get(b"r", b"0")
    name, data = kind.decode(), _decode(text)
    fact = _FACTS.get(name)
    cart_id, version = str(data["cart_id"]), int(data["version"] or 0)
    return Event(
        id=f"{cart_id}:{etag(version, int(restores))}:{name}",
        source="renga/cart",
        type=f"{CartFact.DOMAIN}.{name}" if fact is None else fact.TYPE,
        subject=cart_id,
        time=rfc3339(int(at_ms)),
        sequence=version,
        data=data,
        also=None if fact is None else also_of(fact, data),
    )
