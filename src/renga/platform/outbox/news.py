"""Collects the news that a worker's outboxes offer, and watches them for the relay."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import structlog

from renga.kernel.errors import Unavailable
from renga.platform.outbox.port import Announced, News, Outbox
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.outbox.postgres_news import PostgresOutboxNews
from renga.platform.postgres.calls import Pool
from renga.platform.retrying import Backoff

log = structlog.get_logger(__name__)

RETRY_WAIT_MIN_MS, RETRY_WAIT_MAX_MS = 200, 5_000


@asynccontextmanager
async def opened_news(outboxes: Mapping[str, Outbox], pool: Pool) -> AsyncIterator[list[News]]:
    """What the outboxes announce, and one listener for those in the tables of ``pool``."""
    announced = [box.news for box in outboxes.values() if isinstance(box, Announced)]
    found: list[News] = list({id(news): news for news in announced if news is not None}.values())
    tables = {box.name: box.schema for box in outboxes.values() if isinstance(box, PostgresOutbox) and box.pool is pool}
    if not tables:
        yield found
        return
    listener = PostgresOutboxNews(pool, tables)
    try:
        yield [*found, listener]
    finally:
        await listener.close()


class Watcher:
    """Waits for the news of some outboxes again and again, whenever the relay has nothing left to do."""

    def __init__(self, news: News, wake: Callable[[], None]) -> None:
        self._news, self._wake = news, wake
        self.names = news.names
        self._quiet = asyncio.Event()
        self._held: frozenset[str] = frozenset()
        #: The outboxes that it waits for now.
        self.watching: frozenset[str] = frozenset()

    def rest(self, held: frozenset[str]) -> None:
        """The relay has found nothing in these outboxes. Not while it watches: the relay does not read what is watched."""
        self.hold(held)
        self._quiet.set()

    def hold(self, held: frozenset[str]) -> None:
        """The relay has the leases of these outboxes now."""
        self._held = held & self.names

    async def run(self) -> None:
        backoff = Backoff(wait_min_ms=RETRY_WAIT_MIN_MS, wait_max_ms=RETRY_WAIT_MAX_MS)
        while True:
            await self._quiet.wait()
            self._quiet.clear()
            if not self._held:
                continue
            self.watching = self._held
            try:
                news = await self._news.wait(self.watching)
            except Unavailable as error:
                if backoff.first:
                    log.warning("relay_polls", outboxes=len(self.watching), error=str(error))
                self.watching = frozenset()
                self._wake()  # from now on the relay polls
                await asyncio.sleep(backoff.next_ms() / 1000)
            else:
                backoff.reset()
                if news:
                    self.watching = frozenset()
                    self._wake()
                else:
                    self._quiet.set()


def watched(watchers: Sequence[Watcher]) -> frozenset[str]:
    """All outboxes that are watched now."""
    return frozenset().union(*(watcher.watching for watcher in watchers))
