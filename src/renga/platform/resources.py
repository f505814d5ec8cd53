"""Resources that a process opens once and its modules share: pools, Redis by use, bus, documents, mail, pictures, caches."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from renga.kernel.clock import Clock, SystemClock
from renga.kernel.ids import IdSource, id_source
from renga.platform.cache.port import Cache
from renga.platform.cache.settings import CacheSettings
from renga.platform.mail.settings import MailSettings
from renga.platform.postgres.pool import open_pool
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, public_url, secret_of

if TYPE_CHECKING:
    import asyncpg

    from renga.platform.bus.port import Bus
    from renga.platform.mail.queue import QueuedMailer
    from renga.platform.media.library import MediaLibrary
    from renga.platform.mongo.client import Client as MongoClient
    from renga.platform.redis.client import HotRedis
    from renga.platform.redis.driver import Client as RedisDriver
    from renga.platform.sessions.port import Sessions
    from renga.platform.texts import Locales

POOL_MAX = 10
#: How long a stopping process waits for queued mails.
MAIL_DRAIN_S = 2.0

T = TypeVar("T")


class Resources:
    """The process has one client per engine, created when a module first needs it.

    ``database`` is the PostgreSQL pool. ``redis`` is for evictable data (caches, limits, sessions, persisted queries); a module
    with durable data calls ``redis_at`` with its own URL. Drivers are imported on first use, because they cost time and memory
    that a command without them should not need.
    """

    def __init__(self, settings: Sections, database: "asyncpg.Pool[asyncpg.Record]", stack: AsyncExitStack) -> None:
        self.settings = settings
        self.platform = settings[PlatformSettings]
        self.clock: Clock = SystemClock()
        self.new_id: IdSource = id_source(self.clock)
        self.database = database
        self.caches: list[Cache[Any]] = []
        self._stack = stack
        self._redis: dict[str, HotRedis] = {}
        self._documents: dict[str, MongoClient] = {}

    @cached_property
    def secret(self) -> bytes:
        """The shop's secret, for derived ids and signed cookies."""
        return secret_of(self.platform)

    @property
    def public_url(self) -> str:
        return public_url(self.platform)

    @cached_property
    def locales(self) -> "Locales":
        """The languages that this shop speaks, and their texts. Raises SettingsInvalid."""
        from renga.platform.texts import open_locales

        return open_locales(self.platform)

    @property
    def redis(self) -> "HotRedis":
        """The client for evictable data."""
        return self.redis_at("")

    def redis_at(self, url: str) -> "HotRedis":
        """The client of the Redis at a URL (empty: the platform's). Use it ``within`` your own deadlines.

        Users of the same URL share the connections, so that the commands of one request leave in one write.
        """
        from renga.platform.redis.client import HotRedis

        url = url or self.platform.redis
        if url not in self._redis:
            self._redis[url] = HotRedis(url)
            self._stack.push_async_callback(self._redis[url].close)
        return self._redis[url]

    @cached_property
    def redis_driver(self) -> "RedisDriver":
        """redis-py's client of the platform's Redis, for all but hot paths: subscriptions, leases, one-time identifiers."""
        from renga.platform.redis.driver import make_client

        client = make_client(self.platform.redis)
        self._stack.push_async_callback(client.aclose)
        return client

    def waiting_driver_at(self, url: str, wait_ms: int) -> "RedisDriver":
        """redis-py's client of the Redis at a URL (empty: the platform's) for reads that block up to ``wait_ms``."""
        from renga.platform.redis.driver import CALL_TIMEOUT_S, make_client

        client = make_client(url or self.platform.redis, timeout_s=CALL_TIMEOUT_S + wait_ms / 1000)
        self._stack.push_async_callback(client.aclose)
        return client

    @cached_property
    def sessions(self) -> "Sessions":
        """Browser sessions."""
        from renga.platform.sessions.redis import RedisSessions

        return RedisSessions(self.redis, new_id=self.new_id)

    @cached_property
    def bus(self) -> "Bus":
        """The bus, not started: the process that opens the resources starts it."""
        from renga.platform.bus.factory import make_bus

        bus = make_bus(self.platform.bus)
        self._stack.push_async_callback(bus.close)
        return bus

    def documents(self, url: str) -> "MongoClient":
        """The client of the MongoDB at a URL. Raises MongoUrlInvalid."""
        from renga.platform.mongo.client import close_client, open_client

        if url not in self._documents:
            self._documents[url] = open_client(url)
            self._stack.push_async_callback(close_client, self._documents[url])
        return self._documents[url]

    @cached_property
    def mailer(self) -> "QueuedMailer":
        """The background mailer; a process that serves requests must run it."""
        from renga.platform.mail.factory import make_mailer
        from renga.platform.mail.queue import QueuedMailer

        mailer = QueuedMailer(make_mailer(self.settings[MailSettings], Path(self.platform.data), self.new_id))
        self._stack.push_async_callback(mailer.drain, MAIL_DRAIN_S)
        return mailer

    @cached_property
    def media(self) -> "MediaLibrary":
        """The library of the merchants' pictures."""
        from renga.platform.media.factory import make_media
        from renga.platform.media.library import MediaLibrary
        from renga.platform.media.pictures import Pictures

        store = make_media(self.platform.media, Path(self.platform.data), self.new_id)
        library = MediaLibrary(store, Pictures())
        self._stack.push_async_callback(library.close)
        return library

    def cache(self, name: str, kind: type[T], *, size_of: Callable[[T], int], source: str = "") -> "Cache[T] | None":
        """A cache of structs, invalidated by tag through events (``Module.invalidation``); None if caches are disabled."""
        from renga.platform.cache.factory import make_cache

        wanted = self.settings[CacheSettings]
        if not wanted.enabled:
            return None
        cache = make_cache(name, kind, wanted, self.clock, self.redis, size_of=size_of, source=source)
        self._stack.push_async_callback(cache.close)
        self.caches.append(cache)
        return cache


@asynccontextmanager
async def open_resources(settings: Sections) -> AsyncIterator[Resources]:
    """Open a process's resources on the engines of the settings; they are closed in reverse order.

    Raises DatabaseUnavailable, SettingsInvalid.
    """
    platform = settings[PlatformSettings]
    pool = await open_pool(platform.database, max_size=POOL_MAX)
    try:
        async with AsyncExitStack() as stack:
            yield Resources(settings, pool, stack)
    finally:
        await asyncio.wait_for(pool.close(), platform.drain_s)
