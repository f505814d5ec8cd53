"""Search filters by what the stock says of counted skus, and by the declared availability of all others."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from renga.domains.inventory.contract import Available
from renga.domains.inventory.contract.events import BackInStock, StockDepleted
from renga.domains.search.contract import Filter, SearchQuery
from renga.domains.search.opening import SearchModule
from renga.kernel.clock import ManualClock
from renga.kernel.events import Event
from renga.kernel.facts import Fact
from renga.kernel.ids import uuid7
from tests.catalog.fake import FakeCatalog


class CountedSkus:
    """The part of the stock that search reads: what is left of counted skus."""

    def __init__(self) -> None:
        self.left: dict[str, Available] = {}

    def put(self, sku: str, milli: int, *, backorder: bool = False) -> None:
        self.left[sku] = Available(sku=sku, available_milli=milli, backorder=backorder)

    async def availability(self, skus: Sequence[str]) -> dict[str, Available]:
        return {sku: self.left[sku] for sku in skus if sku in self.left}


async def slugs(search: SearchModule, availability: str) -> set[str]:
    page = await search.search.search(
        SearchQuery(filters=(Filter(facet="availability", values=(availability,)),), limit=100)
    )
    return {hit.slug for hit in page.hits}


def event_of(fact: Fact, sku: str) -> Event:
    import msgspec

    return Event(
        id="1", source="t", type=fact.TYPE, subject=sku, time="2026-01-01T00:00:00Z", sequence=1,
        data=msgspec.to_builtins(fact),
    )  # fmt: skip


async def test_counted_skus_are_found_by_their_stock(pool: Any, clock: ManualClock, catalog: FakeCatalog) -> None:
    stock, numbers = CountedSkus(), count(1)
    search = SearchModule(
        "", pool=pool, catalog=catalog, clock=clock, new_id=lambda: uuid7(clock.now_ms(), next(numbers)),
        stock=stock,  # type: ignore[arg-type]  # search reads availability only
    )  # fmt: skip
    await search.rebuild()
    everything = await slugs(search, "in_stock")
    assert "terrario-orvalho" in everything
    consumer = next(one for one in search.consumers() if one.name == "search.stock")

    stock.put("TER-ORVALHO", 0)
    await consumer.handler([event_of(StockDepleted(sku="TER-ORVALHO", merchant="m", backorder=False), "TER-ORVALHO")])
    assert await slugs(search, "in_stock") == everything - {"terrario-orvalho"}
    assert await slugs(search, "out_of_stock") == {"terrario-orvalho"}

    stock.put("TER-ORVALHO", 0, backorder=True)
    await consumer.handler([event_of(StockDepleted(sku="TER-ORVALHO", merchant="m", backorder=True), "TER-ORVALHO")])
    assert await slugs(search, "backorder") == {"terrario-orvalho"}

    stock.put("TER-ORVALHO", 1000)
    await consumer.handler(
        [event_of(BackInStock(sku="TER-ORVALHO", merchant="m", available_milli=1000), "TER-ORVALHO")]
    )
    assert await slugs(search, "in_stock") == everything
