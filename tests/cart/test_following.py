"""The cart drops a cached offer on every event of its product."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import pytest
import structlog

from renga.domains.cart import reactions
from renga.domains.cart.offers import OfferCache
from renga.domains.cart.ports import Sellable
from renga.domains.cart.reactions import follow_catalog, follow_inventory
from renga.domains.cart.stock import NOT_COUNTED, StockCache
from renga.kernel.clock import ManualClock
from renga.kernel.events import Event
from renga.platform.bus.port import Bus, matches
from tests.cart.support import MemoryLevels
from tests.catalog.fake import FakeCatalog

PRODUCT = {"product_id": "p-lamp", "slug": "lamp", "version": 2, "skus": ["LAMP"]}
PRICE = {
    "product_id": "p-lamp", "slug": "lamp", "version": 2, "sku": "LAMP", "currency": "BRL", "amount": 900, "was": 990,
}  # fmt: skip


class OneEvent:
    """A bus whose tail brings one event, if somebody listens for it."""

    def __init__(self, event: Event) -> None:
        self.event = event

    async def tail(self, patterns: Sequence[str]) -> AsyncIterator[Event]:
        if any(matches(pattern, self.event.type) for pattern in patterns):
            yield self.event


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("ProductUpdated", PRODUCT),
        ("ProductPublished", PRODUCT),
        ("ProductArchived", PRODUCT),
        ("PriceChanged", PRICE),
    ],
)
async def test_news_of_a_product_drops_its_offers(name: str, data: dict[str, Any]) -> None:
    offers = OfferCache(FakeCatalog(), ManualClock())
    await offers.find_many(["LAMP", "CUP-BLUE"])
    event = Event(id="e", source="x", type=f"catalog.{name}", subject="p-lamp", time="now", data=data, sequence=2)
    await follow_catalog(cast(Bus, OneEvent(event)), offers, StockCache(None, ManualClock()))
    assert offers.peek("LAMP") is None
    assert offers.peek("CUP-BLUE") is not None


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("ProductUpdated", {"skus": ["LAMP"]}),
        ("ProductArchived", PRODUCT | {"skus": "LAMP"}),
        ("PriceChanged", {"sku": "LAMP"}),
        ("PriceChanged", PRICE | {"amount": "9,00"}),
    ],
)
async def test_news_that_cannot_be_read_drops_every_offer_and_the_follower_goes_on(
    name: str, data: dict[str, Any]
) -> None:
    offers = OfferCache(FakeCatalog(), ManualClock())
    await offers.find_many(["LAMP", "CUP-BLUE"])
    event = Event(id="e", source="x", type=f"catalog.{name}", subject="p-lamp", time="now", data=data, sequence=2)
    with structlog.testing.capture_logs() as logs:
        await follow_catalog(cast(Bus, OneEvent(event)), offers, StockCache(None, ManualClock()))
    assert (offers.peek("LAMP"), offers.peek("CUP-BLUE")) == (None, None)
    assert [(entry["event"], entry["event_id"]) for entry in logs] == [("news_unreadable", "e")]


RESERVED = {
    "reservation_id": "r", "reference": "checkout:1",
    "lines": [{"sku": "LAMP", "quantity_milli": 1_000}, {"sku": "CUP", "quantity_milli": 500}],
}  # fmt: skip


async def _stock_after(name: str, data: dict[str, Any]) -> StockCache:
    """What is cached of four skus, of which SET is a bundle with a cup, after one event."""
    stock = StockCache(MemoryLevels(), ManualClock())
    stock.know_bundle("SET", ["CUP", "SAUCER"])
    await stock.find_many(["LAMP", "CUP", "SET", "BOOK"])
    event = Event(id="e", source="x", type=f"inventory.{name}", subject="s", time="now", data=data, sequence=1)
    await follow_inventory(cast(Bus, OneEvent(event)), stock)
    return stock


@pytest.mark.parametrize(
    ("name", "data", "dropped"),
    [
        ("StockReserved", RESERVED, {"LAMP", "CUP", "SET"}),
        ("StockReleased", RESERVED | {"reason": "expired"}, {"LAMP", "CUP", "SET"}),
        ("StockDepleted", {"sku": "CUP", "merchant": "house", "backorder": False}, {"CUP", "SET"}),
        ("BackInStock", {"sku": "BOOK", "merchant": "house", "available_milli": 1}, {"BOOK"}),
        ("SomethingOfALaterVersion", {"what": "?"}, {"LAMP", "CUP", "SET", "BOOK"}),
    ],
)
async def test_news_of_stock_drop_what_is_cached_of_its_skus_and_of_their_bundles(
    name: str, data: dict[str, Any], dropped: set[str]
) -> None:
    stock = await _stock_after(name, data)
    kept = {sku for sku in ("LAMP", "CUP", "SET", "BOOK") if stock.peek(sku) is NOT_COUNTED}
    assert kept == {"LAMP", "CUP", "SET", "BOOK"} - dropped


@pytest.mark.parametrize("name", ["ProductUpdated", "ProductPublished", "ProductArchived"])
async def test_news_of_a_product_drop_its_stock_now_and_when_the_inventory_has_heard_of_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bundle of other parts has another stock."""
    monkeypatch.setattr(reactions, "PARTS_AFTER_S", 0.02)
    levels = MemoryLevels()
    levels.by_sku = {"LAMP": 5, "CUP": 5}
    stock = StockCache(levels, ManualClock())
    await stock.find_many(["LAMP", "CUP"])
    event = Event(id="e", source="x", type=f"catalog.{name}", subject="p-lamp", time="now", data=PRODUCT, sequence=2)
    await follow_catalog(cast(Bus, OneEvent(event)), OfferCache(FakeCatalog(), ManualClock()), stock)
    assert (stock.peek("LAMP"), stock.peek("CUP")) == (None, Sellable(5))
    await stock.find("LAMP")  # made from the old parts
    assert stock.peek("LAMP") is not None
    await asyncio.sleep(0.05)
    assert stock.peek("LAMP") is None
