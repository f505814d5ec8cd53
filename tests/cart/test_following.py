"""The cart drops a cached offer on every event of its product."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import pytest
import structlog

from renga.domains.cart.offers import OfferCache
from renga.domains.cart.reactions import follow_catalog
from renga.kernel.clock import ManualClock
from renga.kernel.events import Event
from renga.platform.bus.port import Bus, matches
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
    await follow_catalog(cast(Bus, OneEvent(event)), offers)
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
        await follow_catalog(cast(Bus, OneEvent(event)), offers)
    assert (offers.peek("LAMP"), offers.peek("CUP-BLUE")) == (None, None)
    assert [(entry["event"], entry["event_id"]) for entry in logs] == [("news_unreadable", "e")]
