"""Merchants change their products one by one, at the version that they have read; on PostgreSQL."""

import asyncio
from typing import Any

import asyncpg
import pytest

from renga.domains.catalog.contract import (
    SHOP_MERCHANT,
    CursorInvalid,
    MomentInvalid,
    ProductNotFound,
    ProductSlugTaken,
    RowInvalid,
    ScheduledPrice,
    SkuNotFound,
    SkuTaken,
    VersionMismatch,
)
from renga.domains.catalog.jobs import apply_due
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.stores.postgres import PostgresProducts
from renga.kernel.clock import ManualClock
from renga.kernel.errors import RengaError
from tests.catalog.callers import MANAGER, seller
from tests.catalog.shop import events_of, row, slugs_of

Pool = asyncpg.Pool
MINE = frozenset({"m1"})
THEIRS = frozenset({"m2"})
SOON = "2023-11-14T22:13:30.000Z"


async def test_a_new_product_belongs_to_its_only_merchant(catalog: CatalogService) -> None:
    product = await catalog.create_product(seller(MINE), row())
    assert (product.version, product.merchant) == (1, "m1")
    assert await catalog.own_product(seller(MINE), "mug") == product
    with pytest.raises(ProductSlugTaken):
        await catalog.create_product(seller(THEIRS), row())
    with pytest.raises(SkuTaken):
        await catalog.create_product(seller(MINE), row("cup", variants=[{"sku": "MUG"}]))


async def test_a_merchant_that_is_not_yours_is_refused(catalog: CatalogService, pool: Pool) -> None:
    for given, merchants in (
        (row(merchant="m2"), MINE),
        (row(), frozenset({"m1", "m2"})),
        (row(), frozenset[str]()),
    ):
        with pytest.raises(RowInvalid) as refusal:
            await catalog.create_product(seller(merchants), given)
        assert [field for field, _ in refusal.value.problems] == ["merchant"]
    assert await slugs_of(pool) == []


async def test_replacing_says_what_is_there_and_needs_the_version_that_was_seen(catalog: CatalogService) -> None:
    born = await catalog.replace_product(seller(MINE), "mug", row(), expected_version=0)
    changed = await catalog.replace_product(seller(MINE), "mug", row(brand="Forno"), expected_version=1)
    assert (born.version, changed.version, changed.brand, changed.merchant) == (1, 2, "Forno", "m1")
    for expected in (0, 1, 3):
        with pytest.raises(VersionMismatch) as refusal:
            await catalog.replace_product(seller(MINE), "mug", row(brand="Other"), expected_version=expected)
        assert refusal.value.version == 2
    with pytest.raises(VersionMismatch) as refusal:
        await catalog.replace_product(seller(MINE), "cup", row("cup"), expected_version=4)
    assert refusal.value.version == 0
    with pytest.raises(RowInvalid):
        await catalog.replace_product(seller(MINE), "cup", row("mug"))
    assert await catalog.own_product(MANAGER, "mug") == changed


async def test_another_merchants_product_is_not_there(catalog: CatalogService, pool: Pool) -> None:
    await catalog.create_product(seller(MINE), row())
    before = await events_of(pool)
    attempts: list[Any] = [
        lambda: catalog.own_product(seller(THEIRS), "mug"),
        lambda: catalog.replace_product(seller(THEIRS), "mug", row(brand="x")),
        lambda: catalog.patch_product(seller(THEIRS), "mug", {"brand": "x"}),
        lambda: catalog.archive_product(seller(THEIRS), "mug"),
    ]
    for attempt in attempts:
        with pytest.raises(ProductNotFound):
            await attempt()
    with pytest.raises(SkuNotFound):
        await catalog.set_price(seller(THEIRS), "MUG", "BRL", 1)
    assert await events_of(pool) == before


async def test_a_patch_changes_only_what_it_names(catalog: CatalogService) -> None:
    await catalog.create_product(
        MANAGER, row(merchant=SHOP_MERCHANT, brand="Forno", attributes={"a": 1, "b": "x"}, categories=["mesa"])
    )
    patched = await catalog.patch_product(
        MANAGER, "mug", {"attributes": {"a": None, "c": True}, "brand": None}, expected_version=1
    )
    assert (patched.version, patched.brand, patched.attributes) == (2, None, {"b": "x", "c": True})
    assert (patched.categories, patched.title) == (("mesa",), {"pt-BR": "Título mug", "en": "Title mug"})
    with pytest.raises(RowInvalid):
        await catalog.patch_product(MANAGER, "mug", {"title": None})
    with pytest.raises(RowInvalid):
        await catalog.patch_product(MANAGER, "mug", {"slug": "cup"})
    assert await catalog.own_product(MANAGER, "mug") == patched


async def test_of_two_writers_at_one_version_one_is_told(catalog: CatalogService, pool: Pool) -> None:
    await catalog.create_product(MANAGER, row(merchant=SHOP_MERCHANT))
    outcomes = await asyncio.gather(
        *(catalog.patch_product(MANAGER, "mug", {"brand": f"B{n}"}, expected_version=1) for n in range(4)),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, BaseException) for one in outcomes) == 1
    assert {type(one) for one in outcomes if isinstance(one, BaseException)} == {VersionMismatch}
    assert [e.sequence for e in await events_of(pool)] == [1, 2]


async def test_patches_without_a_version_lose_nothing(catalog: CatalogService) -> None:
    await catalog.create_product(MANAGER, row(merchant=SHOP_MERCHANT))
    await asyncio.gather(*(catalog.patch_product(MANAGER, "mug", {"attributes": {f"a{n}": n}}) for n in range(4)))
    product = await catalog.own_product(MANAGER, "mug")
    assert (product.version, product.attributes) == (5, {f"a{n}": n for n in range(4)})


async def test_an_archived_product_is_kept_but_neither_listed_nor_offered(catalog: CatalogService) -> None:
    await catalog.upsert([row(categories=["mesa"]), row("cup", categories=["mesa"])])
    archived = await catalog.archive_product(MANAGER, "mug", expected_version=1)
    assert (archived.status, archived.version) == ("archived", 2)
    assert [p.slug for p in (await catalog.products()).items] == ["cup"]
    assert [p.slug for p in (await catalog.products(category="mesa")).items] == ["cup"]
    assert set(await catalog.offers(["MUG", "CUP"])) == {"CUP"}
    with pytest.raises(ProductNotFound):
        await catalog.product("mug")
    assert (await catalog.products_by_sku(["MUG", "none"]))["MUG"] == archived
    assert await catalog.products_by_id([archived.id, "none"]) == {archived.id: archived}
    with pytest.raises(SkuTaken):
        await catalog.create_product(MANAGER, row("jug", merchant=SHOP_MERCHANT, variants=[{"sku": "MUG"}]))
    again = await catalog.patch_product(MANAGER, "mug", {"status": "active"})
    assert (await catalog.offers(["MUG"]))["MUG"].product_version == again.version == 3


async def test_each_channel_lists_what_is_sold_in_it(catalog: CatalogService) -> None:
    await catalog.upsert(
        [
            row("a", categories=["mesa"]),
            row("b", categories=["mesa"], publications=[{"channel": "app"}]),
            row("c", categories=["mesa"], publications=[{"channel": "app"}, {"channel": "web"}]),
            row("d", categories=["mesa"], status="draft"),
        ]
    )
    for channel, slugs in (("web", ["c", "a"]), ("app", ["c", "b", "a"]), ("kiosk", ["a"])):
        assert [p.slug for p in (await catalog.products(channel=channel)).items] == slugs
        assert [p.slug for p in (await catalog.products(channel=channel, category="mesa")).items] == slugs
    page = await catalog.products(limit=1, channel="app")
    with pytest.raises(CursorInvalid):
        await catalog.products(limit=1, cursor=page.next)
    rest = await catalog.products(limit=5, cursor=page.next, channel="app")
    assert [p.slug for p in rest.items] == ["b", "a"]


async def test_merchants_see_their_own_products_in_every_state(catalog: CatalogService) -> None:
    await catalog.upsert([row("a", merchant="m1"), row("b", merchant="m2", status="draft"), row("c", merchant="m1")])
    await catalog.archive_product(MANAGER, "a")

    async def seen(merchants: frozenset[str] | None, status: Any = None) -> list[str]:
        page = await catalog.own_products(MANAGER if merchants is None else seller(merchants), status=status)
        return [product.slug for product in page.items]

    assert await seen(MINE) == ["c", "a"]
    assert await seen(None) == await seen(MINE | THEIRS) == ["c", "b", "a"]
    assert [await seen(None, status) for status in ("draft", "active", "archived")] == [["b"], ["c"], ["a"]]
    assert await seen(MINE, "archived") == ["a"]
    assert await seen(frozenset()) == []
    first = await catalog.own_products(MANAGER, limit=2)
    rest = await catalog.own_products(MANAGER, limit=2, cursor=first.next)
    assert ([p.slug for p in rest.items], rest.next) == (["a"], None)


async def test_all_products_are_told_in_batches_oldest_first(catalog: CatalogService) -> None:
    await catalog.upsert([row(f"p{n}", status="draft" if n == 1 else "active") for n in range(3)])
    first, after = await catalog.scan(limit=2)
    assert after is not None
    rest, end = await catalog.scan(after=after, limit=2)
    assert ([p.slug for p in first], [p.slug for p in rest], end) == (["p0", "p1"], ["p2"], None)


async def test_a_price_to_come_is_made_when_its_moment_is_there(
    catalog: CatalogService, pool: Pool, clock: ManualClock
) -> None:
    await catalog.upsert([row()])
    waiting = await catalog.set_price(MANAGER, "MUG", "BRL", 3990, at="2023-11-14T19:13:30-03:00", expected_version=1)
    assert waiting.scheduled == (ScheduledPrice(sku="MUG", currency="BRL", amount=3990, at=SOON),)
    assert (waiting.due_at, waiting.variants[0].prices) == (SOON, {"BRL": 5990})
    again = await catalog.set_price(MANAGER, "MUG", "BRL", 2990, at=SOON)
    assert [change.amount for change in again.scheduled] == [2990]
    store, told = PostgresProducts(pool), len(await events_of(pool))
    new_id = catalog.dependencies.new_id
    assert await apply_due(store, clock, new_id) == 0
    clock.advance(seconds=10)
    assert await apply_due(store, clock, new_id) == 1
    assert await apply_due(store, clock, new_id) == 0
    assert (await catalog.offers(["MUG"]))["MUG"].prices == {"BRL": 2990}
    news = (await events_of(pool))[told:]
    assert [(e.name, e.data.get("was"), e.data.get("amount")) for e in news] == [
        ("ProductUpdated", None, None),
        ("PriceChanged", 5990, 2990),
    ]


async def test_a_moment_that_has_passed_means_now_and_none_is_refused(catalog: CatalogService) -> None:
    await catalog.upsert([row()])
    product = await catalog.set_price(MANAGER, "MUG", "BRL", 1, at="2020-01-01T00:00:00Z")
    assert (product.variants[0].prices, product.scheduled) == ({"BRL": 1}, ())
    with pytest.raises(MomentInvalid):
        await catalog.set_price(MANAGER, "MUG", "BRL", 2, at="soon")
    with pytest.raises(MomentInvalid):
        await catalog.set_price(MANAGER, "MUG", "BRL", 2, at="2020-01-01")
    with pytest.raises(VersionMismatch):
        await catalog.set_price(MANAGER, "MUG", "BRL", 2, expected_version=1)
    assert await catalog.own_product(MANAGER, "mug") == product


async def test_a_publication_begins_and_ends_on_its_dates(
    catalog: CatalogService, pool: Pool, clock: ManualClock
) -> None:
    span = {"channel": "web", "from_at": SOON, "until_at": "2023-11-14T22:13:40.000Z"}
    await catalog.upsert([row(publications=[span])])
    store, new_id = PostgresProducts(pool), catalog.dependencies.new_id
    assert await catalog.offers(["MUG"]) == {}
    clock.advance(seconds=10)
    assert await apply_due(store, clock, new_id) == 1
    assert (await catalog.product("mug")).version == 2
    assert set(await catalog.offers(["MUG"])) == {"MUG"}
    clock.advance(seconds=10)
    assert await apply_due(store, clock, new_id) == 1
    assert (await catalog.offers(["MUG"]), (await catalog.products()).items) == ({}, ())
    names = [event.name for event in await events_of(pool)]
    assert names == ["ProductUpdated", "ProductPublished", "PriceChanged", "ProductArchived", "PriceChanged"]


async def test_workers_at_once_apply_a_date_once(catalog: CatalogService, pool: Pool, clock: ManualClock) -> None:
    await catalog.upsert([row(f"p{n}", publications=[{"channel": "web", "from_at": SOON}]) for n in range(5)])
    clock.advance(seconds=10)
    store = PostgresProducts(pool)
    await asyncio.gather(*(apply_due(store, clock, catalog.dependencies.new_id) for _ in range(4)))
    products = await catalog.products_by_slug([f"p{n}" for n in range(5)])
    assert [product.version for product in products.values()] == [2] * 5
    assert [event.name for event in await events_of(pool)].count("ProductPublished") == 5


async def test_hostile_names_are_not_found_and_break_nothing(catalog: CatalogService) -> None:
    for slug in ("nul\0", "\ud800", "x" * 10_000, ""):
        for attempt in (
            catalog.own_product(MANAGER, slug),
            catalog.archive_product(MANAGER, slug),
            catalog.product(slug),
        ):
            with pytest.raises(ProductNotFound):
                await attempt
        assert await catalog.products_by_slug([slug]) == await catalog.products_by_id([slug]) == {}
        with pytest.raises(RengaError):
            await catalog.set_price(MANAGER, slug, "BRL", 1)
