"""Every cart store that this machine has, for the contract suite: a later store is one more entry of ``OPENERS``."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, Protocol

from renga.domains.cart.ports import (
    CartLimits,
    CartStore,
    Deadlines,
    Erasure,
    Guard,
    LineArgument,
    Recovery,
    StoredCart,
    WriteOutcome,
)
from renga.domains.cart.stores.redis import RedisCartStore
from renga.domains.cart.stores.redis_outbox import RedisOutbox
from renga.kernel.clock import Clock, ManualClock
from renga.kernel.events import Event
from renga.kernel.ids import uuid7
from renga.platform.outbox.port import Outbox
from renga.platform.redis.client import HotRedis
from tests.cart.support import FAR_MS
from tests.engines import resp
from tests.engines.registry import Registry

SHARDS = 4
#: Small, so that tests reach them.
LIMITS = CartLimits(lines=3, quantity=9, bytes=600, coupons=2, life_ms=60_000, abandoned_after_ms=20_000)


class Store(CartStore, Deadlines, Recovery, Erasure, Protocol):
    """The four ports that one adapter implements."""


class Lab:
    """A store under test, its outboxes, the clock it goes by, and ``wipe``: what a crash without a backup does."""

    def __init__(
        self, store: Store, outboxes: list[Outbox], clock: Clock, limits: CartLimits, wipe: Callable[[], None]
    ) -> None:
        self.store = store
        self.limits = limits
        self.wipe = wipe
        self._outboxes = outboxes
        self._clock = clock
        self._ids = 0

    @property
    def clock(self) -> ManualClock:
        assert isinstance(self._clock, ManualClock)
        return self._clock

    def new_id(self) -> str:
        self._ids += 1
        return uuid7(self._clock.now_ms(), self._ids)

    async def cart(self, *lines: LineArgument, currency: str = "BRL", life_ms: int = 60_000) -> str:
        """A new cart with these lines."""
        cart_id = self.new_id()
        await self.store.create(cart_id, currency, life_ms, Guard())
        for line in lines:
            await self.store.add(cart_id, line, Guard())
        return cart_id

    async def read(self, cart_id: str) -> StoredCart:
        _, stored = await self.store.read(cart_id)
        assert stored is not None
        return stored

    async def events(self, cart_id: str) -> list[Event]:
        """All events of a cart, oldest first."""
        found = []
        for outbox in self._outboxes:
            found += [pending.event for pending in await outbox.read(10_000) if pending.event.subject == cart_id]
        return found

    async def names(self, cart_id: str) -> list[str]:
        return [event.name for event in await self.events(cart_id)]

    async def picture(self, *cart_ids: str) -> Any:
        """All there is to know of carts: what must be the same after a refusal or a replay."""
        return await self.store.dump(cart_ids), [await self.events(cart_id) for cart_id in cart_ids]

    async def sweep(self) -> tuple[int, int]:
        """Sweep every shard until nothing is due; how many carts expired, and how many were abandoned."""
        expired = abandoned = 0
        for shard in range(self.store.shards):
            while True:
                swept = await self.store.sweep(shard, 2)
                expired, abandoned = expired + swept.expired, abandoned + swept.abandoned
                if swept.looked < 2:
                    break
        return expired, abandoned

    async def do(self, name: str, cart_id: str, *args: Any, **guard: Any) -> WriteOutcome:
        """An operation by its name in the port; ``guard`` as the port's Guard."""
        outcome: WriteOutcome = await getattr(self.store, name)(cart_id, *args, Guard(**guard))
        return outcome


@asynccontextmanager
async def _redis(
    name: str, engines: Registry, test: str, limits: CartLimits, clock: Clock | None
) -> AsyncIterator[Lab]:
    running = engines.shared(name, test)

    def wipe() -> None:
        if name == "cluster":
            running.flush()
        else:
            resp.command(int(running.url.rpartition(":")[2]), "FLUSHALL")

    wipe()
    clock = clock or ManualClock(FAR_MS)
    redis = HotRedis(running.url)
    try:
        store = RedisCartStore(redis, shards=SHARDS, limits=limits, clock=clock)
        yield Lab(store, [RedisOutbox(redis, shard) for shard in range(SHARDS)], clock, limits, wipe)
    finally:
        await redis.close()


#: (engines, test's name, limits, clock: None is one that the test moves) → Lab.
Opener = Callable[[Registry, str, CartLimits, Clock | None], AbstractAsyncContextManager[Lab]]
OPENERS: dict[str, Opener] = {name: partial(_redis, name) for name in ("valkey", "redis7", "cluster")}
