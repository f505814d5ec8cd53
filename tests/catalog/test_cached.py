"""The cached catalogue: batched lookups, invalidation by events, negative caching, stale values during an outage."""

import asyncio
from typing import Any

import msgspec
import pytest

from renga.apps.modules import MODULES
from renga.domains.catalog.cached import NAME_CHARS_MAX, CachedCatalog, CachedCatalogAnswer, size_of
from renga.domains.catalog.contract import IDS_MAX, CategoryNotFound, ProductNotFound, slug_tag, tags_of
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.kernel.events import Event
from renga.platform.cache.factory import make_cache, shape_of
from renga.platform.cache.following import follow_news
from renga.platform.cache.settings import CacheSettings
from tests.catalog.fake import FakeCatalog
from tests.catalog.samples import CUP, LAMP
from tests.support import eventually

INVALIDATIONS = [module.invalidation() for module in MODULES if module.invalidation is not None]
SETTINGS = CacheSettings(fresh_ms=10_000, stale_ms=60_000, absent_ms=2_000)


class Counting:
    """A catalogue that remembers what it was asked."""

    def __init__(self, catalog: FakeCatalog) -> None:
        self.catalog = catalog
        self.calls: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.catalog, name)

        async def call(*args: Any, **named: Any) -> Any:
            self.calls.append((name, list(args[0]) if args and not isinstance(args[0], str) else args or named))
            return await method(*args, **named)

        return call


class Desk:
    def __init__(self) -> None:
        self.fake = FakeCatalog()
        self.source = Counting(self.fake)
        self.clock = ManualClock()
        self.cached = CachedCatalog(
            self.source,
            make_cache("catalog", CachedCatalogAnswer, SETTINGS, self.clock, None, size_of=size_of),
        )

    def asked(self) -> list[tuple[str, Any]]:
        calls, self.source.calls = self.source.calls, []
        return calls


#: The rest of what a ``PriceChanged`` says.
PRICE: dict[str, Any] = {"version": 2, "currency": "BRL", "amount": 77, "was": 8_900}


def news(name: str, **data: Any) -> Event:
    return Event(
        id="e", source="/renga/catalog", type=f"catalog.{name}", subject="s", time="2026-11-22T16:00:00Z", data=data, sequence=1
    )  # fmt: skip


async def test_many_products_are_asked_for_together_and_what_is_known_is_not_asked_for() -> None:
    desk = Desk()
    assert await desk.cached.product(CUP.slug) == CUP
    both = await asyncio.gather(
        desk.cached.products_by_slug([CUP.slug, LAMP.slug, "none", "nothing"]),
        desk.cached.products_by_slug([LAMP.slug]),
    )
    assert list(both) == [{CUP.slug: CUP, LAMP.slug: LAMP}, {LAMP.slug: LAMP}]
    assert desk.asked() == [
        ("products_by_slug", [CUP.slug]),
        ("products_by_slug", [LAMP.slug, "none", "nothing"]),
    ]
    assert await desk.cached.products_by_id([CUP.id]) == {CUP.id: CUP}
    assert desk.asked() == [("products_by_id", [CUP.id])]


async def test_what_is_missing_is_remembered_for_a_moment_and_until_it_is_published() -> None:
    desk = Desk()
    for _ in range(2):
        with pytest.raises(ProductNotFound):
            await desk.cached.product("bowl")
    assert desk.asked() == [("products_by_slug", ["bowl"])]
    desk.fake.by_slug["bowl"] = msgspec.structs.replace(CUP, id="p-bowl", slug="bowl")
    with pytest.raises(ProductNotFound):
        await desk.cached.product("bowl")
    event = news("ProductPublished", product_id="p-bowl", slug="bowl", version=1, skus=["BOWL"])
    assert slug_tag("bowl") in tags_of(event)
    desk.cached.cache.drop(tags_of(event))
    assert (await desk.cached.product("bowl")).id == "p-bowl"
    with pytest.raises(ProductNotFound):
        await desk.cached.product("dish")
    desk.asked()
    desk.clock.advance(ms=SETTINGS.absent_ms)
    with pytest.raises(ProductNotFound):
        await desk.cached.product("dish")
    assert desk.asked() == [("products_by_slug", ["dish"])]


async def test_a_product_is_sold_only_where_it_is_sold() -> None:
    desk = Desk()
    desk.fake.by_slug[CUP.slug] = msgspec.structs.replace(CUP, channels=("app",))
    with pytest.raises(ProductNotFound):
        await desk.cached.product(CUP.slug)
    assert (await desk.cached.product(CUP.slug, channel="app")).slug == CUP.slug
    assert len(desk.asked()) == 1


async def test_first_pages_are_kept_by_what_was_asked_and_further_ones_are_not() -> None:
    desk = Desk()
    first = await desk.cached.products(limit=1)
    assert await desk.cached.products(limit=1) == first
    assert len(desk.asked()) == 1
    for _ in range(2):
        await desk.cached.products(limit=1, cursor=first.next)
    assert len(desk.asked()) == 2
    await desk.cached.products(limit=2)
    assert len(desk.asked()) == 1
    with pytest.raises(CategoryNotFound):
        await desk.cached.products(category="none")
    with pytest.raises(CategoryNotFound):
        await desk.cached.products(category="x" * (NAME_CHARS_MAX + 1))


async def test_news_of_a_price_reach_product_and_lists_and_offers_are_always_fresh() -> None:
    desk = Desk()
    sku = CUP.variants[0].sku
    await desk.cached.products()
    await desk.cached.product(CUP.slug)
    desk.fake.reprice(sku, {"BRL": 77})
    assert (await desk.cached.product(CUP.slug)).variants[0].prices != {"BRL": 77}
    assert (await desk.cached.offers([sku]))[sku].prices == {"BRL": 77}
    desk.cached.cache.drop(tags_of(news("PriceChanged", product_id=CUP.id, slug=CUP.slug, sku=sku, **PRICE)))
    assert (await desk.cached.product(CUP.slug)).variants[0].prices == {"BRL": 77}
    page = await desk.cached.products()
    assert next(p for p in page.items if p.slug == CUP.slug).variants[0].prices == {"BRL": 77}


async def test_shelves_are_asked_for_once_and_after_news_of_them() -> None:
    desk = Desk()
    for _ in range(2):
        assert await desk.cached.categories() == desk.fake.taxonomy
        assert await desk.cached.product_types() == ()
    assert [name for name, _ in desk.asked()] == ["categories", "product_types"]
    desk.cached.cache.drop(tags_of(news("CategoryChanged", slug="mesa", version=2)))
    await desk.cached.categories()
    await desk.cached.product_types()
    assert [name for name, _ in desk.asked()] == ["categories", "product_types"][:1]


async def test_through_an_outage_what_was_seen_serves_and_what_was_not_is_unavailable() -> None:
    desk = Desk()
    await desk.cached.product(CUP.slug)
    await desk.cached.products()
    desk.cached.cache.drop(["products", f"product:{CUP.id}"])
    desk.fake.trouble = Unavailable("the database is away")
    assert await desk.cached.product(CUP.slug) == CUP
    assert len((await desk.cached.products()).items) == 2
    with pytest.raises(Unavailable):
        await desk.cached.product(LAMP.slug)
    with pytest.raises(Unavailable):
        await desk.cached.categories()
    desk.fake.trouble = None
    assert await desk.cached.product(LAMP.slug) == LAMP


async def test_too_many_names_and_hostile_ones_go_to_the_catalogue_itself() -> None:
    desk = Desk()
    await desk.cached.products_by_slug(["x" * (NAME_CHARS_MAX + 1)])
    await desk.cached.products_by_slug([f"s{n}" for n in range(IDS_MAX + 1)])
    assert [len(names) for _, names in desk.asked()] == [1, IDS_MAX + 1]
    assert len(desk.cached.cache.memory) == 0  # type: ignore[attr-defined]  # the real one


class Tailing:
    """A bus whose news the test brings."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Event] = asyncio.Queue()

    async def tail(self, patterns: Any) -> Any:
        while True:
            yield await self.queue.get()


async def test_all_caches_drop_in_the_same_moment_and_news_that_come_together_are_one_drop() -> None:
    dropped: list[tuple[int, frozenset[str]]] = []

    class Dropping:
        def __init__(self, number: int) -> None:
            self.number = number

        def drop(self, tags: Any) -> None:
            dropped.append((self.number, frozenset(tags)))

    bus = Tailing()
    for number in range(3):
        bus.queue.put_nowait(news("PriceChanged", product_id=f"p{number}", slug="s", sku="K", **PRICE))
    following = asyncio.create_task(follow_news(bus, [Dropping(1), Dropping(2)], INVALIDATIONS))  # type: ignore[arg-type,list-item]

    async def has_dropped() -> bool:
        return bool(dropped)

    await eventually(has_dropped)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    tags = frozenset({"product:p0", "product:p1", "product:p2", "products", "search"})
    assert dropped == [(1, tags), (2, tags)]


def test_a_fact_that_cannot_be_read_drops_its_subject_and_all_lists() -> None:
    assert tags_of(news("ProductUpdated", product_id="s")) == {"products", "product:s"}


def test_another_shape_is_another_text_also_when_it_is_deep_inside() -> None:
    inner = msgspec.defstruct("Inner", [("a", int)])
    other = msgspec.defstruct("Inner", [("a", int), ("b", str, "")])
    one, two = (msgspec.defstruct("Outer", [("x", list[kind])]) for kind in (inner, other))  # type: ignore[valid-type]
    assert shape_of(one) != shape_of(two)
    assert shape_of(one) == shape_of(msgspec.defstruct("Outer", [("x", list[inner])]))  # type: ignore[valid-type]
