"""Pages show the stock of counted skus, and what is declared of all others."""

import asyncio
from collections.abc import Sequence

import pytest

from renga.domains.catalog.contract import Product
from renga.domains.inventory.contract import Available
from renga.domains.inventory.contract.counted import counted_availability
from renga.domains.inventory.contract.counted_catalog import FRESH_MS, CountedCatalog
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from renga.platform.cache.hurried import AWAY_MS, HurriedReads
from tests.catalog.fake import FakeCatalog

SLUG, SKU = "terrario-orvalho", "TER-ORVALHO"


class StockInMemory:
    """What is left of counted skus; ``trouble`` is raised while it is set, and while it ``hangs`` it never answers."""

    def __init__(self) -> None:
        self.left: dict[str, int] = {}
        self.asked: list[int] = []
        self.trouble: Exception | None = None
        self.hangs = False

    async def availability(self, skus: Sequence[str]) -> dict[str, Available]:
        self.asked.append(len(skus))
        if self.hangs:
            await asyncio.Event().wait()
        if self.trouble:
            raise self.trouble
        return {sku: Available(sku=sku, available_milli=self.left[sku]) for sku in skus if sku in self.left}


def of(product: Product) -> list[str]:
    return [variant.availability for variant in product.variants]


async def test_every_read_of_products_shows_the_stock() -> None:
    stock, fake = StockInMemory(), FakeCatalog.demo()
    catalog = CountedCatalog(fake, stock, ManualClock(), HurriedReads(ManualClock()))
    stock.left[SKU] = 0
    wanted = fake.by_slug[SLUG]
    assert of(wanted) == ["in_stock"]
    page = await catalog.products(limit=100)
    assert [one.slug for one in page.items if "out_of_stock" in of(one)] == [SLUG]
    assert of(await catalog.product(SLUG)) == ["out_of_stock"]
    assert of((await catalog.products_by_id([wanted.id]))[wanted.id]) == ["out_of_stock"]
    assert of((await catalog.products_by_sku([SKU]))[SKU]) == ["out_of_stock"]
    assert of((await catalog.products_by_slug([SLUG]))[SLUG]) == ["out_of_stock"]
    assert await catalog.categories() == await fake.categories()
    assert len(stock.asked) == 1, "what was learned a moment ago is not asked for again"


async def test_an_answer_is_used_for_a_second() -> None:
    stock, clock = StockInMemory(), ManualClock()
    catalog = CountedCatalog(FakeCatalog.demo(), stock, clock, HurriedReads(clock, wait_s=0.05))
    stock.left[SKU] = 1000
    assert of(await catalog.product(SLUG)) == ["in_stock"]
    stock.left[SKU] = 0
    clock.advance(ms=FRESH_MS - 1)
    assert of(await catalog.product(SLUG)) == ["in_stock"]
    clock.advance(ms=1)
    assert of(await catalog.product(SLUG)) == ["out_of_stock"]


async def test_without_the_stock_pages_show_what_is_known_else_what_is_declared() -> None:
    stock, clock = StockInMemory(), ManualClock()
    catalog = CountedCatalog(FakeCatalog.demo(), stock, clock, HurriedReads(clock, wait_s=0.05))
    stock.trouble = Unavailable()
    assert of(await catalog.product(SLUG)) == ["in_stock"]
    stock.trouble, stock.left[SKU] = None, 0
    clock.advance(ms=AWAY_MS)
    assert of(await catalog.product(SLUG)) == ["out_of_stock"]
    stock.trouble = Unavailable()
    clock.advance(seconds=60)
    assert of(await catalog.product(SLUG)) == ["out_of_stock"]


async def test_a_stock_that_hangs_keeps_no_page_waiting() -> None:
    stock, clock = StockInMemory(), ManualClock()
    catalog = CountedCatalog(FakeCatalog.demo(), stock, clock, HurriedReads(clock, wait_s=0.05))
    stock.left[SKU] = 0
    assert of(await catalog.product(SLUG)) == ["out_of_stock"]
    stock.hangs = True
    clock.advance(ms=FRESH_MS)
    async with asyncio.timeout(5):
        assert [of(await catalog.product(SLUG)) for _ in range(3)] == [["out_of_stock"]] * 3
    assert len(stock.asked) == 2, "after the first that was late nobody asks for a moment"


@pytest.mark.parametrize(
    ("declared", "available", "backorder", "shown"),
    [
        ("out_of_stock", 250, False, "in_stock"),
        ("in_stock", 0, False, "out_of_stock"),
        ("preorder", 0, False, "out_of_stock"),
        ("preorder", 0, True, "preorder"),
        ("in_stock", 0, True, "backorder"),
        ("preorder", 1000, True, "in_stock"),
    ],
)
def test_the_stock_decides_and_the_merchant_names_the_promise(
    declared: str, available: int, backorder: bool, shown: str
) -> None:
    found = Available(sku="A", available_milli=available, backorder=backorder)
    assert counted_availability(declared, found) == shown  # type: ignore[arg-type]  # the parameters are texts
