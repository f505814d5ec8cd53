"""The domains that live in this process, opened on their engines; what connects them, and nothing of HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from renga.apps.settings import Settings, secret_of
from renga.domains.cart.wiring import MIGRATIONS as CART_MIGRATIONS
from renga.domains.cart.wiring import CartRooms
from renga.domains.catalog.cached import CachedCatalog, cache_before
from renga.domains.catalog.jobs import jobs as catalog_jobs
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.reactions import consumers as catalog_consumers
from renga.domains.catalog.wiring import MIGRATIONS as CATALOG_MIGRATIONS
from renga.domains.catalog.wiring import Stores, catalog_on, open_stores
from renga.domains.identity.wiring import MIGRATIONS as IDENTITY_MIGRATIONS
from renga.domains.identity.wiring import IdentityRooms
from renga.domains.search.wiring import MIGRATIONS as SEARCH_MIGRATIONS
from renga.domains.search.wiring import SearchRooms
from renga.kernel.clock import SystemClock
from renga.kernel.errors import Unavailable
from renga.kernel.ids import id_source
from renga.platform.bus.factory import make_bus
from renga.platform.bus.port import Bus, Consumer
from renga.platform.mail.factory import make_mailer
from renga.platform.mail.queue import QueuedMailer
from renga.platform.media.factory import make_media
from renga.platform.media.library import MediaLibrary
from renga.platform.media.pictures import Pictures
from renga.platform.outbox.port import Outbox
from renga.platform.postgres.pool import open_pool
from renga.platform.ratelimit.redis import ATTEMPT_TIMEOUT_S, DEADLINE_S, RedisRateLimiter
from renga.platform.redis.client import HotRedis
from renga.platform.redis.driver import make_client
from renga.platform.redis.errors import RedisTrouble
from renga.platform.sessions.redis import RedisSessions
from renga.platform.settings import public_url
from renga.platform.texts import open_locales

MIGRATIONS = (CATALOG_MIGRATIONS, CART_MIGRATIONS, IDENTITY_MIGRATIONS, SEARCH_MIGRATIONS)
_POOL_MAX = 10
_CHECK_TIMEOUT_S = 2.0
#: Mails that wait when a process stops get this long.
_MAIL_DRAIN_S = 2.0

#: Returns if an engine answers, raises a RengaError if not.
Check = Callable[[], Awaitable[None]]


class Shop:
    """The opened rooms of this process. ``shelves`` is the catalogue for readers: from caches, if the settings want them.

    ``redis`` is for what may be evicted (caches, sessions, limits): another server where the carts have their own.
    """

    def __init__(
        self,
        settings: Settings,
        pool: "asyncpg.Pool[asyncpg.Record]",
        stores: Stores,
        catalog: CatalogService,
        shelves: CachedCatalog | None,
        cart: CartRooms,
        bus: Bus,
        redis: HotRedis,
        limiter: RedisRateLimiter,
        identity: IdentityRooms,
        mailer: QueuedMailer,
        media: MediaLibrary,
        search: SearchRooms,
    ) -> None:
        self.settings = settings
        self.pool = pool
        self._stores = stores
        self.catalog = catalog
        self.shelves = shelves
        self.cart = cart
        self.bus = bus
        self.redis = redis
        self.limiter = limiter
        self.identity = identity
        self.sessions = identity.sessions
        self.media = media
        self.search = search
        self._mailer = mailer

    def outboxes(self) -> dict[str, Outbox]:
        """Every outbox of the domains in this process, by the name of its lease."""
        tables = (self._stores.outbox, self.identity.outbox(), self.search.outbox())
        return {table.name: table for table in tables} | self.cart.outboxes()

    def followers(self) -> list[Coroutine[Any, Any, None]]:
        """What a process that serves requests runs beside them."""
        return [
            *self.cart.followers(self.bus),
            *self.identity.followers(),
            *self.search.followers(self.bus),
            self._mailer.run(),
        ]

    def consumers(self) -> list[Consumer]:
        """The durable readers that a worker runs."""
        return [
            *catalog_consumers(self.catalog.tools),
            *self.cart.consumers(),
            *self.identity.consumers(),
            *self.search.consumers(),
        ]

    def jobs(self, held: Callable[[], Iterable[str]]) -> list[Coroutine[Any, Any, None]]:
        """What a worker runs until it is cancelled; ``held`` names the outboxes that are its own."""
        return [*catalog_jobs(self.catalog.tools), *self.cart.jobs(held), *self.identity.jobs(), *self.search.jobs()]

    def checks(self) -> dict[str, Check]:
        """One check per engine."""

        async def database() -> None:
            try:
                await self.pool.fetchval("SELECT 1", timeout=_CHECK_TIMEOUT_S)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                raise Unavailable(str(error) or type(error).__name__) from error

        async def cart_store() -> None:
            try:
                await self.cart.redis.call("{0}", "PING")
            except RedisTrouble as trouble:
                raise Unavailable(str(trouble)) from trouble

        checks: dict[str, Check] = {"database": database, "cart_store": cart_store, "bus": self.bus.ping}
        checks |= self._stores.checks
        return checks | ({"search": self.search.check} if self.search.is_remote else {})


@asynccontextmanager
async def open_shop(settings: Settings) -> AsyncIterator[Shop]:
    """Open the rooms on engines that answer; close them in the other order. ``settings`` come from ``reach``."""
    platform = settings.platform
    clock = SystemClock()
    new_id = id_source(clock)
    pool = await open_pool(platform.database, max_size=_POOL_MAX)
    try:
        stores = await open_stores(platform.catalog, pool, clock)
        catalog = catalog_on(stores, clock, new_id)
        cart = CartRooms(
            settings.cart,
            redis_url=platform.redis,
            pool=pool,
            catalog=catalog,
            clock=clock,
            new_id=new_id,
            secret=secret_of(platform),
        )
        bus = make_bus(platform.bus)
        # beside the carts where they share a server, so that a request's commands leave in one write
        redis = HotRedis(platform.redis) if settings.cart.store else cart.redis
        search = SearchRooms(platform.search, pool=pool, catalog=catalog, clock=clock, new_id=new_id)
        shelves = cache_before(catalog, settings.cache, clock, redis) if settings.cache.enabled else None
        media = MediaLibrary(make_media(platform.media, Path(platform.data), new_id), Pictures())
        try:
            await cart.check_shards()
            await bus.start()
            async with _open_identity(settings, pool, redis) as (identity, mailer):
                limiter = RedisRateLimiter(redis.within(attempt_timeout_s=ATTEMPT_TIMEOUT_S, deadline_s=DEADLINE_S))
                yield Shop(
                    settings, pool, stores, catalog, shelves, cart, bus, redis, limiter, identity, mailer, media, search
                )
        finally:
            await search.close()
            await media.close()
            await bus.close()
            await redis.close()
            await cart.close()
            await stores.close()
    finally:
        await asyncio.wait_for(pool.close(), platform.drain_s)


@asynccontextmanager
async def _open_identity(
    settings: Settings, pool: "asyncpg.Pool[asyncpg.Record]", redis: HotRedis
) -> AsyncIterator[tuple[IdentityRooms, QueuedMailer]]:
    platform = settings.platform
    clock = SystemClock()
    new_id = id_source(clock)
    client = make_client(platform.redis)
    mailer = QueuedMailer(make_mailer(settings.mail, Path(platform.data), new_id))
    identity = IdentityRooms(
        settings.identity,
        settings.passwords,
        pool=pool,
        redis=client,
        sessions=RedisSessions(redis, new_id=new_id),
        mailer=mailer,
        clock=clock,
        new_id=new_id,
        secret=secret_of(platform),
        public_url=public_url(platform),
        locales=open_locales(platform),
    )
    try:
        await identity.start()
        yield identity, mailer
    finally:
        await mailer.drain(_MAIL_DRAIN_S)
        await identity.close()
        await client.aclose()
