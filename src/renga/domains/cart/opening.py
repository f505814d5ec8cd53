"""Builds the cart module: its adapters, contract, consumers and jobs."""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from renga.domains.cart.contract import Carts
from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.identity_facts import IdentityFacts, NoFacts
from renga.domains.cart.inventory_levels import InventoryLevels
from renga.domains.cart.jobs import reconcile_until_cancelled, sweep_until_cancelled
from renga.domains.cart.line_skus import LineSkus
from renga.domains.cart.local import LocalCarts
from renga.domains.cart.offers import OfferCache
from renga.domains.cart.ports import BuyerFacts, StockLevels
from renga.domains.cart.price_keys import PriceKeys
from renga.domains.cart.reactions import erasure_consumer, follow_catalog, follow_inventory, snapshot_consumer
from renga.domains.cart.settings import CartSettings
from renga.domains.cart.stock import StockCache
from renga.domains.cart.stores.postgres import PostgresSnapshots
from renga.domains.cart.stores.postgres_current import PostgresCurrentCarts
from renga.domains.cart.stores.postgres_erased import PostgresErasedCustomers
from renga.domains.cart.stores.redis import RedisCartStore
from renga.domains.cart.stores.redis_outbox import RedisOutbox, RedisOutboxes, outbox_key, outbox_name
from renga.domains.catalog.contract import Catalog, CatalogContracts
from renga.domains.identity.contract import IdentityContracts
from renga.domains.inventory.contract import Stock
from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable
from renga.kernel.ids import IdSource
from renga.platform.bus.port import Bus, Consumer
from renga.platform.modules.opening import Opened, Opening
from renga.platform.outbox.port import Outbox
from renga.platform.outbox.redis_news import BLOCK_MS, RedisOutboxNews
from renga.platform.redis.client import HotRedis
from renga.platform.redis.driver import Client as RedisDriver
from renga.platform.redis.errors import RedisTrouble
from renga.platform.settings import SettingsInvalid

_SHARDS_KEY = "renga:cart:shards"


class CartModule:
    """The cart in this process: its contract, and the consumers and jobs of a worker. ``redis`` stores the carts.

    ``waiting`` is a client of the same store for blocking reads; without it the outboxes are polled. Without ``facts`` no
    customer is in a group; without ``levels`` nothing is counted.
    """

    def __init__(
        self,
        settings: CartSettings,
        *,
        redis: HotRedis,
        pool: "asyncpg.Pool[asyncpg.Record]",
        catalog: Catalog,
        clock: Clock,
        new_id: IdSource,
        secret: bytes,
        store_clock: Clock | None = None,
        waiting: "RedisDriver | None" = None,
        facts: BuyerFacts | None = None,
        levels: StockLevels | None = None,
    ) -> None:
        self._waiting = waiting
        self.redis = redis.within(
            attempt_timeout_s=settings.attempt_timeout_ms / 1000, deadline_s=settings.deadline_ms / 1000
        )
        limits = settings.limits()
        store = RedisCartStore(
            self.redis, shards=settings.shards, limits=limits, region=settings.region, clock=store_clock
        )
        self.dependencies = CartDependencies(
            store=store,
            recovery=store,
            snapshots=PostgresSnapshots(pool),
            current=PostgresCurrentCarts(pool),
            erasure=store,
            erased=PostgresErasedCustomers(pool),
            offers=OfferCache(catalog, clock),
            stock=StockCache(levels, clock),
            facts=facts or NoFacts(),
            price_keys=PriceKeys(),
            line_skus=LineSkus(),
            limits=limits,
            clock=clock,
            new_id=new_id,
            secret=secret,
        )
        self._clock = clock
        self._store = store
        self.carts: Carts = LocalCarts(self.dependencies)

    async def check_shards(self) -> None:
        """Raises SettingsInvalid if the store's carts were written with another number of shards."""
        try:
            await self.redis.call(_SHARDS_KEY, "SET", _SHARDS_KEY, self._store.shards, "NX")
            kept = int(await self.redis.call(_SHARDS_KEY, "GET", _SHARDS_KEY))
        except RedisTrouble as trouble:
            raise SettingsInvalid(f"the cart store does not answer: {trouble}") from trouble
        if kept != self._store.shards:
            raise SettingsInvalid(
                f"cart.shards is {self._store.shards}, but the carts in this store were made with {kept}; set it to {kept}"
            )

    def outboxes(self) -> dict[str, Outbox]:
        """The outbox of each shard, by the name of its lease."""
        shards = range(self._store.shards)
        news = group = None
        if not self.redis.slotted:
            group = RedisOutboxes(self.redis, shards)
            if self._waiting is not None:
                news = RedisOutboxNews(self._waiting, {outbox_name(n): outbox_key(n) for n in shards})
        return {box.name: box for box in (RedisOutbox(self.redis, n, news, group) for n in shards)}

    def consumers(self) -> list[Consumer]:
        """The durable consumers that a worker runs."""
        return [snapshot_consumer(self.dependencies), erasure_consumer(self.dependencies)]

    def jobs(self, held: Callable[[], Iterable[str]]) -> list[Coroutine[Any, Any, None]]:
        """The jobs that a worker runs until cancelled. ``held`` returns the names of the outboxes whose lease it holds."""

        def shards() -> list[int]:
            return [int(name.partition(":")[2]) for name in held() if name.startswith("cart:")]

        return [
            sweep_until_cancelled(self.dependencies, self._store, shards),
            reconcile_until_cancelled(self.dependencies, self._clock),
        ]

    def followers(self, bus: Bus) -> list[Coroutine[Any, Any, None]]:
        """The tasks that every process that serves the contract runs until cancelled."""
        following = [follow_catalog(bus, self.dependencies.offers, self.dependencies.stock)]
        if self.dependencies.stock.counts:
            following.append(follow_inventory(bus, self.dependencies.stock))
        return following

    async def check(self) -> None:
        """Readiness check: ping the store. Raises Unavailable."""
        try:
            await self.redis.call("{0}", "PING")
        except RedisTrouble as trouble:
            raise Unavailable(str(trouble)) from trouble


@asynccontextmanager
async def open_cart(opening: Opening) -> AsyncIterator[Opened]:
    """Open the cart on the store given by the settings. Raises SettingsInvalid for another number of shards."""
    resources, settings = opening.resources, opening.settings[CartSettings]
    catalog: CatalogContracts = opening.contracts["catalog"]
    identity: IdentityContracts | None = opening.contracts.get("identity")
    stock: Stock | None = opening.contracts.get("inventory")
    cart = CartModule(
        settings,
        redis=resources.redis_at(settings.store),
        pool=resources.database,
        catalog=catalog.fresh,
        clock=resources.clock,
        new_id=resources.new_id,
        secret=resources.secret,
        waiting=resources.waiting_driver_at(settings.store, BLOCK_MS),
        facts=None if identity is None else IdentityFacts(identity.facts),
        levels=None if stock is None else InventoryLevels(stock),
    )
    await cart.check_shards()
    yield Opened(
        contract=cart.carts,
        local=cart,
        outboxes=cart.outboxes(),
        consumers=cart.consumers(),
        jobs=cart.jobs,
        followers=lambda: cart.followers(resources.bus),
        checks={"cart_store": cart.check},
    )
