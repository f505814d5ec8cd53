"""Search over the demo shop on PostgreSQL: queries, merchandising, and how the index follows the catalogue."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import msgspec
import pytest

from renga.domains.search.contract import (
    MERCHANDISING,
    Pins,
    PinsInvalid,
    SearchInvalid,
    SearchQuery,
    Synonyms,
    SynonymsInvalid,
)
from renga.domains.search.limits import DEMAND_HALF_LIFE_MS
from renga.domains.search.opening import SearchModule
from renga.domains.search.stores.steering import PostgresSteering
from renga.kernel.caller import ANONYMOUS, Caller, InsufficientScope
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unauthenticated, Unavailable
from renga.kernel.events import Event
from renga.platform.bus.factory import make_bus
from renga.platform.bus.port import Consumer
from renga.platform.outbox.port import Outbox
from tests.catalog.fake import FakeCatalog
from tests.support import eventually

MUG = "caneca-aurora"
MERCHANDISER = Caller("meg", frozenset({MERCHANDISING}))


async def slugs(rooms: SearchModule, text: str, **named: Any) -> list[str]:
    return [hit.slug for hit in (await rooms.search.search(SearchQuery(text=text, **named))).hits]


def change(catalog: FakeCatalog, slug: str, **fields: Any) -> Event:
    """The product changes; the news of it."""
    product = catalog.by_slug[slug]
    catalog.by_slug[slug] = msgspec.structs.replace(product, version=product.version + 1, **fields)
    skus = [variant.sku for variant in product.variants]
    return news(product.id, "ProductUpdated", slug=product.slug, version=product.version, skus=skus)


def news(product_id: str, name: str, **data: Any) -> Event:
    return Event(
        id="e", source="test", type=f"catalog.{name}", subject=product_id, time="2026-11-25T00:00:00.000Z",
        data={"product_id": product_id} | data, sequence=1,
    )  # fmt: skip


def consumer(rooms: SearchModule, name: str) -> Consumer:
    return next(one for one in rooms.consumers() if one.name == name)


async def test_the_demo_shop_is_found_in_both_languages(rooms: SearchModule) -> None:
    assert (await slugs(rooms, "caneca"))[0] == MUG
    assert (await slugs(rooms, "aurora mug", language="en"))[0] == MUG
    assert await slugs(rooms, "zzyzxqwk") == []


async def test_what_finds_nothing_is_corrected_or_noted(rooms: SearchModule) -> None:
    page = await rooms.search.search(SearchQuery(text="caneca aurorra"))
    assert ([hit.slug for hit in page.hits], page.did_you_mean) == ([MUG], "caneca aurora")
    for _ in range(3):
        await rooms.search.search(SearchQuery(text="Zzyzxqwk"))
    await rooms.search.search(SearchQuery(text="blorptastic"))
    noted = await rooms.search.zero_results(MERCHANDISER)
    assert [(one.text, one.count) for one in noted] == [("zzyzxqwk", 3), ("blorptastic", 1)]


async def test_facets_of_a_shelf_have_labels_and_narrow_it(rooms: SearchModule) -> None:
    page = await rooms.search.search(SearchQuery(category="mesa-e-ceramica", limit=100))
    facets = {facet.facet: facet for facet in page.facets}
    assert page.total == len(page.hits)
    assert facets["brand"].buckets[0].value == "Olaria Mirim-Açu"
    assert sum(bucket.count for bucket in facets["brand"].buckets) == page.total
    assert facets["price"].range is not None


async def test_a_question_that_is_wrong_is_refused_before_the_index_is_asked(rooms: SearchModule) -> None:
    with pytest.raises(SearchInvalid):
        await rooms.search.search(SearchQuery(limit=1_000))
    with pytest.raises(SearchInvalid):
        await rooms.search.suggest("a", limit=0)


async def test_an_unknown_collection_holds_nothing(rooms: SearchModule) -> None:
    assert await slugs(rooms, "", collection="nowhere") == []


async def test_suggestions_name_shelves_too(rooms: SearchModule) -> None:
    found = await rooms.search.suggest("mesa")
    assert ("category", "mesa-e-ceramica") in {(one.kind, one.slug) for one in found}
    assert await rooms.search.suggest("  ") == ()


async def test_synonyms_and_pins_count_at_once_and_are_told(
    rooms: SearchModule, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    assert await slugs(rooms, "pires de sol") != [MUG]
    await rooms.search.set_synonyms(MERCHANDISER, "pt-BR", [Synonyms(words=("pires de sol",), to=("caneca aurora",))])
    assert (await slugs(rooms, "pires de sol"))[0] == MUG
    await rooms.search.set_pins(
        MERCHANDISER, Pins(text="Vela", language="pt-BR", pinned=(MUG,), hidden=("vela-vagar",))
    )
    found = await rooms.search.search(SearchQuery(text="vela"))
    assert ((found.hits[0].slug, found.hits[0].pinned), "vela-vagar" in [hit.slug for hit in found.hits]) == (
        (MUG, True),
        False,
    )
    told = [pending.event for pending in await rooms.outbox().read(10)]
    assert [(event.type, event.subject, event.data["what"]) for event in told] == [
        ("search.MerchandisingChanged", "pt-BR", "synonyms"),
        ("search.MerchandisingChanged", "pt-BR", "pins"),
    ]
    await rooms.search.set_pins(MERCHANDISER, Pins(text="Vela", language="pt-BR"))
    assert await rooms.search.pins(MERCHANDISER) == ()


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        (ANONYMOUS, Unauthenticated),
        (Caller("ana", frozenset({"cart"})), InsufficientScope),
        (Caller.of_system("tests"), InsufficientScope),
    ],
)
async def test_who_has_not_the_scope_neither_sees_nor_changes_how_search_is_steered(
    rooms: SearchModule, caller: Caller, refusal: type[Exception]
) -> None:
    search = rooms.search
    for call in (
        search.synonyms(caller, "pt-BR"),
        search.set_synonyms(caller, "pt-BR", [Synonyms(words=("a", "b"))]),
        search.pins(caller),
        search.set_pins(caller, Pins(text="Vela", language="pt-BR", pinned=(MUG,))),
        search.zero_results(caller),
    ):
        with pytest.raises(refusal):
            await call
    assert (await search.synonyms(MERCHANDISER, "pt-BR"), await search.pins(MERCHANDISER)) == ((), ())


async def test_rulings_that_mean_nothing_are_refused_and_nothing_changes(rooms: SearchModule) -> None:
    for synonyms in ([Synonyms(words=("one",))], [Synonyms(words=("a", "!!!"))], [Synonyms(words=("a", "b" * 101))]):
        with pytest.raises(SynonymsInvalid):
            await rooms.search.set_synonyms(MERCHANDISER, "pt-BR", synonyms)
    for pins in (
        Pins(text="", language="en"),
        Pins(text="a", language="en", pinned=("x", "x")),
        Pins(text="a", language="?"),
    ):
        with pytest.raises(PinsInvalid):
            await rooms.search.set_pins(MERCHANDISER, pins)
    assert (
        await rooms.search.synonyms(MERCHANDISER, "pt-BR"),
        await rooms.search.pins(MERCHANDISER),
        await rooms.outbox().read(10),
    ) == (
        (),
        (),
        [],
    )


async def test_another_process_hears_of_a_ruling(
    rooms: SearchModule, pool: "asyncpg.Pool[asyncpg.Record]", catalog: FakeCatalog, clock: ManualClock, valkey_url: str
) -> None:
    other = SearchModule("", pool=pool, catalog=catalog, clock=clock, new_id=lambda: "id")
    bus = make_bus(valkey_url)
    await bus.start()
    followers = [asyncio.create_task(one) for one in other.followers(bus)]
    await asyncio.sleep(0)
    await rooms.search.set_synonyms(MERCHANDISER, "pt-BR", [Synonyms(words=("pires de sol",), to=("caneca aurora",))])
    box: Outbox = rooms.outbox()

    async def heard() -> bool:
        await bus.publish([pending.event for pending in await box.read(10)])
        return (await slugs(other, "pires de sol"))[:1] == [MUG]

    await eventually(heard)
    for follower in followers:
        follower.cancel()
    await asyncio.gather(*followers, return_exceptions=True)
    await bus.close()


async def test_news_bring_the_index_to_where_the_catalogue_is(rooms: SearchModule, catalog: FakeCatalog) -> None:
    told = change(catalog, MUG, title={"pt-BR": "Copázio Crepúsculo"})
    await consumer(rooms, "search.index").handler([told, told])
    assert await slugs(rooms, "copázio crepúsculo") == [MUG]
    gone = change(catalog, MUG, channels=())
    await consumer(rooms, "search.index").handler([gone])
    assert await slugs(rooms, "copázio crepúsculo") == []
    assert (await rooms.verify()).is_clean


async def test_another_title_of_a_shelf_is_found_in_all_its_products(rooms: SearchModule, catalog: FakeCatalog) -> None:
    catalog.taxonomy = tuple(
        msgspec.structs.replace(one, title={"pt-BR": "Quitutes"}) if one.slug == "mesa-e-ceramica" else one
        for one in catalog.taxonomy
    )
    await consumer(rooms, "search.taxonomy").handler(
        [news("mesa-e-ceramica", "CategoryChanged", slug="mesa-e-ceramica", version=2)]
    )
    assert MUG in await slugs(rooms, "quitutes", limit=100)


async def test_what_goes_into_carts_comes_first_and_fades(
    rooms: SearchModule, catalog: FakeCatalog, clock: ManualClock, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    sku = catalog.by_slug["vela-vagar"].variants[0].sku
    added = Event(
        id="e", source="renga/cart", type="cart.ItemAddedToCart", subject="cart", time="2026-11-25T00:00:00.000Z",
        data={"cart_id": "cart", "version": 2, "line": "L", "sku": sku, "quantity": 1, "line_quantity": 1,
              "unit_price": 100, "currency": "BRL"}, sequence=1,
    )  # fmt: skip
    unknown = msgspec.structs.replace(added, data=added.data | {"sku": "nobody's"})
    await consumer(rooms, "search.demand").handler([added] * 20 + [unknown])
    assert (await slugs(rooms, ""))[0] == "vela-vagar"
    store, product = PostgresSteering(pool), catalog.by_slug["vela-vagar"].id
    assert await store.popularity([product, "other"], clock.now_ms()) == {product: 0.5}
    later = await store.popularity([product], clock.now_ms() + DEMAND_HALF_LIFE_MS)
    assert later == {product: pytest.approx(1 / 3)}
    await rooms.rebuild()
    assert (await slugs(rooms, ""))[0] == "vela-vagar"


async def test_verify_names_what_is_missing_stale_and_too_much(rooms: SearchModule, catalog: FakeCatalog) -> None:
    assert (await rooms.verify()).is_clean
    missing, stale = catalog.by_slug["vela-vagar"], catalog.by_slug["prato-mare"]
    catalog.by_slug["new"] = msgspec.structs.replace(missing, id="new-id", slug="new")
    change(catalog, "prato-mare")
    surplus = catalog.by_slug.pop(MUG)
    found = await rooms.verify()
    assert (found.missing, found.stale, found.surplus) == (("new-id",), (stale.id,), (surplus.id,))
    assert not found.is_clean
    await rooms.rebuild()
    assert (await rooms.verify()).is_clean


async def test_a_rebuild_that_fails_leaves_the_index_as_it_was(rooms: SearchModule, catalog: FakeCatalog) -> None:
    scan: Callable[..., Coroutine[Any, Any, Any]] = catalog.scan

    async def broken(**named: Any) -> Any:
        if named.get("after"):
            raise Unavailable("the catalogue is away")
        return (await scan(after=0, limit=5))[0], 5

    catalog.scan = broken  # type: ignore[method-assign]  # the catalogue breaks down in the middle
    with pytest.raises(Unavailable):
        await rooms.rebuild()
    assert (await slugs(rooms, "caneca"))[0] == MUG
