"""Reads the outbox streams of the cart's shards for the relay: each entry becomes one CloudEvent."""

from collections.abc import Sequence

import msgspec

from renga.domains.cart.contract import StoreUnavailable
from renga.domains.cart.contract.events import EVENTS, CartFact
from renga.domains.cart.ports import etag
from renga.kernel.clock import rfc3339
from renga.kernel.events import Event
from renga.kernel.facts import also_of
from renga.platform.outbox.port import News, Pending
from renga.platform.redis.client import HotRedis
from renga.platform.redis.errors import RedisTrouble

_decode = msgspec.json.Decoder(dict[str, str | int | None]).decode
_FACTS = {fact.TYPE: fact for fact in EVENTS}


def outbox_key(shard: int) -> str:
    return f"outbox:{{{shard}}}"


def outbox_name(shard: int) -> str:
    """Also the name of its lease."""
    return f"cart:{shard}"


class RedisOutbox:
    """Implements ``Outbox`` for one shard. Only the holder of the shard's lease reads it."""

    def __init__(self, redis: HotRedis, shard: int, news: News | None = None) -> None:
        self._redis = redis
        self._key = outbox_key(shard)
        self.name = outbox_name(shard)
        self.news = news

    async def read(self, limit: int) -> Sequence[Pending]:
        try:
            entries = await self._redis.call(self._key, "XRANGE", self._key, "-", "+", "COUNT", limit)
        except RedisTrouble as trouble:
            raise StoreUnavailable("the cart's outbox is away") from trouble
        return [Pending(position.decode(), _event(fields)) for position, fields in entries]

    async def trim(self, positions: Sequence[str]) -> None:
        if not positions:
            return
        try:
            await self._redis.call(self._key, "XDEL", self._key, *positions)
        except RedisTrouble as trouble:
            raise StoreUnavailable("the cart's outbox is away") from trouble


def _event(fields: Sequence[bytes]) -> Event:
    """The script's entry (t: name, m: time in ms, d: data, r: restores) as an event. Its id is cart, version and name.

    After a restore a version may be used a second time; the number of restores in the id distinguishes the two.
    """
    entry = dict(zip(fields[::2], fields[1::2], strict=True))
    name, data = entry[b"t"].decode(), _decode(entry[b"d"])
    fact = _FACTS.get(type_ := f"{CartFact.DOMAIN}.{name}")
    cart_id, version = str(data["cart_id"]), int(data["version"] or 0)
    return Event(
        id=f"{cart_id}:{etag(version, int(entry.get(b'r', b'0')))}:{name}",
        source="renga/cart",
        type=type_,
        subject=cart_id,
        time=rfc3339(int(entry[b"m"])),
        sequence=version,
        data=data,
        also=None if fact is None else also_of(fact, data),
    )
