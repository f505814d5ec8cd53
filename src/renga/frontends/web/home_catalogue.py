"""Catalogue data of every page (categories, picked products); during an outage the last loaded values."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

from renga.domains.catalog.contract import Catalog, Category, Product
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

T = TypeVar("T")

PICKS_MAX = 8
_PICKS_PER_CATEGORY = 2
_PICKED_CATEGORIES_MAX = 8


class LastSeen(Generic[T]):
    """Loads a value each time (the catalogue caches it); while the source is unavailable, returns the last one."""

    def __init__(self, load: Callable[[], Awaitable[T]], *, name: str) -> None:
        self._load = load
        self._name = name
        self.seen: T | None = None

    async def get(self) -> T:
        """Raises Unavailable only if no value was ever loaded."""
        try:
            self.seen = await self._load()
        except Unavailable as error:
            if self.seen is None:
                raise
            log.warning("shelf_served_old", what=self._name, code=error.code)
        return self.seen


class HomeCatalogue:
    """The shop's categories and the products picked for the home page."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._categories = LastSeen(catalog.categories, name="categories")
        self._picks = LastSeen(self._pick, name="picks")

    async def categories(self) -> tuple[Category, ...]:
        return await self._categories.get()

    def categories_seen(self) -> tuple[Category, ...]:
        """The last loaded categories, without a call: for error pages."""
        return self._categories.seen or ()

    async def picks(self) -> tuple[Product, ...]:
        """The newest products of each category, interleaved."""
        return await self._picks.get()

    async def _pick(self) -> tuple[Product, ...]:
        slugs = [category.slug for category in await self.categories() if category.parent is None]
        asked: list[str | None] = [*slugs[:_PICKED_CATEGORIES_MAX]] or [None]
        limit = PICKS_MAX if len(asked) == 1 else _PICKS_PER_CATEGORY
        pages = await asyncio.gather(*(self._catalog.products(limit=limit, category=slug) for slug in asked))
        rounds = [page.items[turn] for turn in range(limit) for page in pages if turn < len(page.items)]
        return tuple({product.slug: product for product in rounds}.values())[:PICKS_MAX]
