"""The cache of offers: one request for many adds, fresh after events, stale values during an outage, bounded."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from renga.domains.cart import offers as module
from renga.domains.cart.offers import ABSENT_MS, FRESH_MS, STALE_MS, OfferCache
from renga.domains.catalog.contract import OFFERS_MAX, Offer
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unavailable
from tests.cart.support import MemoryCatalog, offer


class SlowCatalog(MemoryCatalog):
    """Answers when ``go`` is set."""

    def __init__(self, *offers: Offer) -> None:
        super().__init__(*offers)
        self.go = asyncio.Event()

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        found = await super().offers(skus)
        await self.go.wait()
        return found


MUG, BOWL = offer("MUG", BRL=1_999), offer("BOWL", BRL=3_000)


async def _tick() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_known_offer_is_not_asked_for_again_while_it_is_fresh() -> None:
    catalog, clock = MemoryCatalog(MUG), ManualClock()
    cache = OfferCache(catalog, clock)
    assert cache.peek("MUG") is None
    assert await cache.find("MUG") == MUG
    clock.advance(ms=FRESH_MS)
    assert (cache.peek("MUG"), await cache.find("MUG")) == (MUG, MUG)
    assert catalog.calls == [["MUG"]]
    clock.advance(ms=1)
    assert cache.peek("MUG") is None
    assert await cache.find("MUG") == MUG
    assert catalog.calls == [["MUG"]] * 2


async def test_what_is_missing_is_asked_for_in_one_call_and_each_sku_once() -> None:
    catalog = MemoryCatalog(MUG, BOWL)
    cache = OfferCache(catalog, ManualClock())
    await cache.find("MUG")
    assert await cache.find_many(["BOWL", "MUG", "NOPE", "BOWL"]) == {"BOWL": BOWL, "MUG": MUG}
    assert catalog.calls == [["MUG"], ["BOWL", "NOPE"]]


async def test_a_sku_that_the_catalogue_does_not_have_is_not_asked_for_again_so_soon() -> None:
    catalog, clock = MemoryCatalog(), ManualClock()
    cache = OfferCache(catalog, clock)
    assert await cache.find("MUG") is None
    catalog.put(MUG)
    clock.advance(ms=ABSENT_MS)
    assert await cache.find("MUG") is None
    assert len(catalog.calls) == 1
    clock.advance(ms=1)
    assert await cache.find("MUG") == MUG


async def test_adds_at_the_same_time_ask_once() -> None:
    catalog = SlowCatalog(MUG, BOWL)
    cache = OfferCache(catalog, ManualClock())
    asking = [asyncio.create_task(cache.find("MUG")) for _ in range(20)]
    both = asyncio.create_task(cache.find_many(["MUG", "BOWL"]))
    await _tick()
    assert catalog.calls == [["MUG"], ["BOWL"]]
    catalog.go.set()
    assert await asyncio.gather(*asking) == [MUG] * 20
    assert await both == {"MUG": MUG, "BOWL": BOWL}


async def test_one_who_gives_up_does_not_take_the_answer_from_the_others() -> None:
    catalog = SlowCatalog(MUG)
    cache = OfferCache(catalog, ManualClock())
    first, second = asyncio.create_task(cache.find("MUG")), asyncio.create_task(cache.find("MUG"))
    await _tick()
    first.cancel()
    await _tick()
    catalog.go.set()
    assert await second == MUG
    assert first.cancelled()
    assert len(catalog.calls) == 1


async def test_news_drops_an_offer_so_that_the_next_add_asks() -> None:
    catalog = MemoryCatalog(MUG)
    cache = OfferCache(catalog, ManualClock())
    await cache.find("MUG")
    dearer = offer("MUG", BRL=2_500)
    catalog.put(dearer)
    cache.drop(["MUG", "NEVER-SEEN"])
    assert cache.peek("MUG") is None
    assert await cache.find("MUG") == dearer


async def test_an_offer_that_changes_while_it_is_fetched_is_asked_for_again_right_away() -> None:
    catalog, clock = SlowCatalog(MUG), ManualClock()
    cache = OfferCache(catalog, clock)
    asking = asyncio.create_task(cache.find("MUG"))
    await _tick()
    dearer = offer("MUG", BRL=2_500)
    catalog.put(dearer)
    cache.drop(["MUG"])
    catalog.go.set()
    assert await asking == MUG
    clock.advance(ms=1)
    assert await cache.find("MUG") == dearer


async def test_offers_serve_for_an_hour_while_the_catalogue_is_away() -> None:
    catalog, clock = MemoryCatalog(MUG), ManualClock()
    cache = OfferCache(catalog, clock)
    await cache.find("MUG")
    catalog.away = True
    clock.advance(ms=STALE_MS)
    assert await cache.find("MUG") == MUG
    with pytest.raises(Unavailable):
        await cache.find_many(["MUG", "BOWL"])
    clock.advance(ms=1)
    with pytest.raises(Unavailable):
        await cache.find("MUG")
    catalog.away = False
    assert await cache.find("MUG") == MUG


async def test_a_failed_question_is_not_kept_as_an_answer() -> None:
    catalog = MemoryCatalog(MUG)
    cache = OfferCache(catalog, ManualClock())
    catalog.away = True
    results = await asyncio.gather(*(cache.find("MUG") for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable] * 3
    catalog.away = False
    assert await cache.find("MUG") == MUG


async def test_many_skus_are_asked_for_in_as_many_calls_as_the_catalogue_takes() -> None:
    catalog = MemoryCatalog(*(offer(f"S{n}", BRL=n) for n in range(OFFERS_MAX + 1)))
    found = await OfferCache(catalog, ManualClock()).find_many(catalog.by_sku)
    assert found == catalog.by_sku
    assert [len(call) for call in catalog.calls] == [OFFERS_MAX, 1]


async def test_the_cache_is_bounded_and_forgets_the_offers_that_were_fetched_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "ENTRIES_MAX", 3)
    catalog = MemoryCatalog(*(offer(sku, BRL=1) for sku in "ABCD"))
    cache = OfferCache(catalog, ManualClock())
    for sku in "ABCD":
        await cache.find(sku)
    assert [cache.peek(sku) is not None for sku in "ABCD"] == [False, True, True, True]


async def test_what_a_merchant_pays_is_not_kept() -> None:
    paid = msgspec.structs.replace(MUG, cost={"BRL": 900})
    catalog = MemoryCatalog(paid)
    assert (await catalog.offers(["MUG"]))["MUG"].cost == {"BRL": 900}
    cache = OfferCache(catalog, ManualClock())
    assert await cache.find("MUG") == MUG
    assert cache.peek("MUG") == MUG


async def test_a_catalogue_that_hangs_is_not_waited_for_where_an_old_offer_will_do() -> None:
    clock = ManualClock()
    catalog = MemoryCatalog(offer("MUG", BRL=1_999))
    cache = OfferCache(catalog, clock)
    known = await cache.find("MUG")
    clock.advance(ms=FRESH_MS + 1)
    catalog.hangs = True
    async with asyncio.timeout(5):
        assert [await cache.find("MUG") for _ in range(3)] == [known] * 3
    assert catalog.calls == [["MUG"], ["MUG"]]
