"""Synonyms and pins cached in the process: read at start, on events, and every STEERING_KEPT_S."""

import asyncio
from collections.abc import Mapping

import structlog

from renga.domains.catalog.contract import Catalog
from renga.domains.search.contract import Pins, Synonyms
from renga.domains.search.contract.events import MerchandisingChanged
from renga.domains.search.limits import STEERING_KEPT_S
from renga.domains.search.model.folding import primary, words_of
from renga.domains.search.ports import SteeringStore
from renga.domains.search.thesaurus import common
from renga.kernel.errors import Unavailable
from renga.platform.bus.port import Bus

log = structlog.get_logger(__name__)


class Steering:
    """Synonyms and pins as last read; none before the first read."""

    def __init__(self, store: SteeringStore, catalog: Catalog) -> None:
        self._store = store
        self._catalog = catalog
        self._synonyms: Mapping[str, tuple[Synonyms, ...]] = {}
        self._pins: dict[tuple[str, str], Pins] = {}

    def synonyms_of(self, language: str) -> tuple[Synonyms, ...]:
        """The merchandiser's synonyms, then the built-in ones."""
        return (*self._synonyms.get(primary(language), ()), *common(language))

    def ruling(self, text: str, language: str) -> Pins | None:
        """The pins of a text; ``pinned`` and ``hidden`` are product ids."""
        return self._pins.get((primary(language), text_key(text)))

    async def read(self) -> None:
        """Raises Unavailable."""
        synonyms: dict[str, tuple[Synonyms, ...]] = {}
        for language, rulings in (await self._store.synonyms()).items():
            synonyms[primary(language)] = synonyms.get(primary(language), ()) + tuple(rulings)
        pins = await self._store.pins()
        ids = await self._ids(pins)
        self._synonyms = synonyms
        self._pins = {
            (primary(one.language), text_key(one.text)): Pins(
                text=one.text,
                language=one.language,
                pinned=tuple(ids[slug] for slug in one.pinned if slug in ids),
                hidden=tuple(ids[slug] for slug in one.hidden if slug in ids),
            )
            for one in pins
        }

    async def _ids(self, pins: tuple[Pins, ...]) -> dict[str, str]:
        """Product ids by slug; products that no longer exist are absent."""
        slugs = list(dict.fromkeys(slug for one in pins for slug in (*one.pinned, *one.hidden)))
        found: dict[str, str] = {}
        for start in range(0, len(slugs), 500):
            products = await self._catalog.products_by_slug(slugs[start : start + 500])
            found |= {slug: product.id for slug, product in products.items()}
        return found

    async def follow(self, bus: Bus) -> None:
        """Read again on events and every STEERING_KEPT_S, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._every())
            group.create_task(self._on_news(bus))

    async def _every(self) -> None:
        while True:
            await self._try()
            await asyncio.sleep(STEERING_KEPT_S)

    async def _on_news(self, bus: Bus) -> None:
        async for _ in bus.tail((MerchandisingChanged.TYPE,)):
            await self._try()

    async def _try(self) -> None:
        try:
            await self.read()
        except Unavailable as error:
            log.warning("steering_stays_as_it_was", code=error.code)


def text_key(text: str) -> str:
    """The key of a text's pins: its folded words."""
    return " ".join(words_of(text))
