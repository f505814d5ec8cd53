"""What every page shows of the catalogue (categories, picked products), kept for a moment and through an outage."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

from renga.catalog.contract import Catalog, Category, Product
from renga.kernel.clock import Clock
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

T = TypeVar("T")

KEPT_MS = 15_000
PICKS_MAX = 8
_PICKS_PER_CATEGORY = 2
_PICKED_CATEGORIES_MAX = 8


class Kept(Generic[T]):
    """A value loaded at most once per ``life_ms``; while its source is away, the last one that was seen."""

    def __init__(self, load: Callable[[], Awaitable[T]], clock: Clock, *, life_ms: int, name: str) -> None:
        self._load = load
        self._clock = clock
        self._life_ms = life_ms
        self._name = name
        self._loading = asyncio.Lock()
        self._fresh_until_ms = 0
        self.seen: T | None = None

    async def get(self) -> T:
        """Raises Unavailable only when nothing was ever seen."""
        if self.seen is not None and self._clock.now_ms() < self._fresh_until_ms:
            return self.seen
        async with self._loading:
            if self.seen is not None and self._clock.now_ms() < self._fresh_until_ms:
                return self.seen
            return await self._reload()

    async def _reload(self) -> T:
        try:
            self.seen = await self._load()
        except Unavailable as error:
            if self.seen is None:
                raise
            log.warning("shelf_served_old", what=self._name, code=error.code)
        self._fresh_until_ms = self._clock.now_ms() + self._life_ms
        return self.seen


class Shelf:
    """The shop's categories and the products picked for its first page."""

    def __init__(self, catalog: Catalog, clock: Clock) -> None:
        self._catalog = catalog
        self._categories = Kept(catalog.categories, clock, life_ms=KEPT_MS, name="categories")
        self._picks = Kept(self._pick, clock, life_ms=KEPT_MS, name="picks")

    async def categories(self) -> tuple[Category, ...]:
        return await self._categories.get()

    def categories_seen(self) -> tuple[Category, ...]:
        """The categories without asking anyone: for pages that tell of an outage."""
        return self._categories.seen or ()

    async def picks(self) -> tuple[Product, ...]:
        """The newest products of each category, in turns, so that the first page shows the whole shop."""
        return await self._picks.get()

    async def _pick(self) -> tuple[Product, ...]:
        slugs = [category.slug for category in await self.categories() if category.parent is None]
        asked: list[str | None] = [*slugs[:_PICKED_CATEGORIES_MAX]] or [None]
        limit = PICKS_MAX if len(asked) == 1 else _PICKS_PER_CATEGORY
        pages = await asyncio.gather(*(self._catalog.products(limit=limit, category=slug) for slug in asked))
        rounds = [page.items[turn] for turn in range(limit) for page in pages if turn < len(page.items)]
        return tuple({product.slug: product for product in rounds}.values())[:PICKS_MAX]
