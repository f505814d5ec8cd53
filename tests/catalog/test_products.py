"""Upserts, prices and reads on PostgreSQL: versions and events for real changes only, all in one step."""

import asyncio
from typing import Any

import asyncpg
import pytest

from renga.domains.catalog.contract import (
    OFFERS_MAX,
    Category,
    CategoryNotFound,
    CursorInvalid,
    Offer,
    PriceOutOfRange,
    ProductNotFound,
    RowInvalid,
    SkuNotFound,
    SkuTaken,
)
from renga.domains.catalog.intake.upsert_products import Upserted
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.model import ProductWrite, decide
from renga.domains.catalog.opening import stores_on_postgres
from renga.domains.catalog.ports import StaleWrite
from renga.domains.catalog.rows.drafts import draft_of
from renga.domains.catalog.stores.postgres import PostgresProducts
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Invalid, Unavailable
from renga.kernel.ids import uuid7
from renga.kernel.money import UnknownCurrency
from tests.catalog.callers import MANAGER
from tests.catalog.shop import events_of, row, slugs_of

Pool = asyncpg.Pool


async def test_a_new_product_is_read_back_as_it_was_given(catalog: CatalogService, clock: ManualClock) -> None:
    given = row(
        description="Olá 'aspas' ünï",
        brand="Oficina",
        image="/mug.svg",
        attributes={"a": 6.0, "b": 7, "c": True, "d": "x"},
        categories=["mesa"],
        variants=[{"sku": "A", "gtin": "96385074", "options": {"size": {"en": "S"}}, "prices": {"BRL": 1, "JPY": 2}}],
    )
    assert await catalog.upsert([given]) == Upserted(created=1)
    product = await catalog.product("mug")
    draft = draft_of(given)
    assert (product.title, product.description, product.variants) == (draft.title, draft.description, draft.variants)
    assert (product.brand, product.image, product.categories) == ("Oficina", "/mug.svg", ("mesa",))
    assert [(k, type(v)) for k, v in sorted(product.attributes.items())] == [
        ("a", float),
        ("b", int),
        ("c", bool),
        ("d", str),
    ]
    born = "2023-11-14T22:13:20.000Z"
    assert (product.version, product.created_at, product.updated_at) == (1, born, born)


async def test_the_same_rows_again_change_nothing(catalog: CatalogService, pool: Pool) -> None:
    rows = [row(f"p{n}", attributes={"n": n / 7, "big": 2**53, "e": 1e-7}) for n in range(5)]
    await catalog.upsert(rows)
    before = await events_of(pool)
    assert await catalog.upsert(rows) == Upserted(unchanged=5)
    assert await events_of(pool) == before
    assert (await catalog.product("p3")).version == 1


async def test_a_change_raises_the_version_by_one_and_tells_it_once(
    catalog: CatalogService, pool: Pool, clock: ManualClock
) -> None:
    await catalog.upsert([row(), row("cup")])
    clock.advance(seconds=1)
    changed = row(variants=[{"sku": "MUG", "prices": {"BRL": 6990, "USD": 100}}, {"sku": "MUG-2"}])
    assert await catalog.upsert([changed, row("cup")]) == Upserted(changed=1, unchanged=1)
    product = await catalog.product("mug")
    assert (product.version, product.created_at, product.updated_at) == (
        2,
        "2023-11-14T22:13:20.000Z",
        "2023-11-14T22:13:21.000Z",
    )
    events = (await events_of(pool))[2:]
    assert [(e.type, e.subject, e.sequence, e.data["version"]) for e in events] == [
        ("catalog.ProductUpdated", product.id, 2, 2),
        ("catalog.PriceChanged", product.id, 2, 2),
        ("catalog.PriceChanged", product.id, 2, 2),
    ]
    assert [(e.data["sku"], e.data["currency"], e.data["was"], e.data["amount"]) for e in events[1:]] == [
        ("MUG", "BRL", 5990, 6990),
        ("MUG", "USD", None, 100),
    ]
    assert len({e.id for e in await events_of(pool)}) == 5


async def test_a_removed_variant_has_no_offer_any_more(catalog: CatalogService) -> None:
    await catalog.upsert([row(variants=[{"sku": "A"}, {"sku": "B"}])])
    await catalog.upsert([row(variants=[{"sku": "B"}])])
    assert set(await catalog.offers(["A", "B"])) == {"B"}


async def test_offers_tell_all_that_a_cart_needs(catalog: CatalogService) -> None:
    await catalog.upsert([row(image="/p.svg", variants=[{"sku": "A", "prices": {"BRL": 1}, "options": {"size": "P"}}])])
    await catalog.upsert([row("cup", variants=[{"sku": "B", "image": "/v.svg"}])])
    mug, cup = await catalog.product("mug"), await catalog.product("cup")
    assert await catalog.offers(["A", "none", "B", "A", "nul\0"]) == {
        "A": Offer(
            product_id=mug.id,
            brand=mug.brand,
            categories=mug.categories,
            sku="A",
            slug="mug",
            title={"pt-BR": "Título mug", "en": "Title mug"},
            options={"size": {"pt-BR": "P"}},
            prices={"BRL": 1},
            image="/p.svg",
            product_version=1,
        ),
        "B": Offer(
            product_id=cup.id,
            brand=cup.brand,
            categories=cup.categories,
            sku="B",
            slug="cup",
            title={"pt-BR": "Título cup", "en": "Title cup"},
            prices={},
            image="/v.svg",
            product_version=1,
        ),
    }
    with pytest.raises(Invalid):
        await catalog.offers(["x"] * (OFFERS_MAX + 1))


async def test_a_sku_belongs_to_one_product_and_a_conflict_writes_nothing(catalog: CatalogService, pool: Pool) -> None:
    await catalog.upsert([row()])
    before = await events_of(pool)
    with pytest.raises(SkuTaken) as refusal:
        await catalog.upsert([row("cup"), row("thief", variants=[{"sku": "MUG"}])])
    assert refusal.value.detail == "sku 'MUG' of 'thief' already belongs to 'mug'"
    assert await slugs_of(pool) == ["mug"]
    assert await events_of(pool) == before


async def test_one_bad_row_refuses_them_all(catalog: CatalogService, pool: Pool) -> None:
    for rows in ([row(), row("cup", title=None)], [row(), row()], [row(), row("cup", variants=[{"sku": "MUG"}])]):
        with pytest.raises(RowInvalid):
            await catalog.upsert(rows)
    assert await slugs_of(pool) == []
    assert await events_of(pool) == []


async def test_a_write_that_fails_leaves_no_event_behind(catalog: CatalogService, pool: Pool) -> None:
    await catalog.upsert([row()])
    before = await events_of(pool)
    store = PostgresProducts(pool)
    current = (await store.by_slug(["mug"]))["mug"]
    ids = iter(uuid7(1, n) for n in range(100))

    def change(given: dict[str, Any], of: Any) -> ProductWrite:
        made = decide(of, draft_of(given), at="now", new_id=ids.__next__)
        assert made
        return made

    fine = change(row("cup"), None)
    stale = change(row(title="x"), current)
    await catalog.set_price(MANAGER, "MUG", "BRL", 1)
    now = await events_of(pool)
    for lost in (stale, change(row(title="y"), None), change(row("jug", variants=[{"sku": "MUG"}]), None)):
        with pytest.raises(StaleWrite):
            await store.write([fine, lost])
    assert await events_of(pool) == now
    assert len(now) == len(before) + 2
    assert await slugs_of(pool) == ["mug"]


async def test_a_page_shows_rows_that_were_changed_without_a_version(catalog: CatalogService, pool: Pool) -> None:
    """A restored backup, or an operator's hand."""
    await catalog.upsert([row()])
    before = (await catalog.products()).items[0]
    await pool.execute("""UPDATE catalog.products SET document = jsonb_set(document, '{brand}', '"Restored"')""")
    after = (await catalog.products()).items[0]
    assert (after.version, after.brand, before.brand) == (before.version, "Restored", None)


async def test_writers_of_one_product_at_once_lose_nothing(catalog: CatalogService, pool: Pool) -> None:
    await catalog.upsert([row(variants=[{"sku": f"S{n}", "prices": {"BRL": 1}} for n in range(4)])])
    await asyncio.gather(*(catalog.set_price(MANAGER, f"S{n}", "BRL", 100 + n) for n in range(4)))
    product = await catalog.product("mug")
    assert product.version == 5
    assert [v.prices for v in product.variants] == [{"BRL": 100 + n} for n in range(4)]
    assert [e.sequence for e in await events_of(pool)] == [1, 2, 2, 3, 3, 4, 4, 5, 5]


async def test_setting_a_price_tells_what_it_was(catalog: CatalogService, pool: Pool) -> None:
    await catalog.upsert([row()])
    assert (await catalog.set_price(MANAGER, "MUG", "BRL", 4990)).version == 2
    assert (await catalog.set_price(MANAGER, "MUG", "BRL", 4990)).version == 2
    assert (await catalog.set_price(MANAGER, "MUG", "BRL", None)).version == 3
    assert (await catalog.offers(["MUG"]))["MUG"].prices == {}
    told = [(e.data["was"], e.data["amount"]) for e in await events_of(pool) if e.name == "PriceChanged"]
    assert told == [(5990, 4990), (4990, None)]


async def test_a_price_that_cannot_be_set_changes_nothing(catalog: CatalogService, pool: Pool) -> None:
    await catalog.upsert([row()])
    before = await events_of(pool)
    for sku, currency, amount, error in (
        ("none", "BRL", 1, SkuNotFound),
        ("nul\0", "BRL", 1, SkuNotFound),
        ("MUG", "XXX", 1, UnknownCurrency),
        ("MUG", "BRL", -1, PriceOutOfRange),
        ("MUG", "BRL", 10**12 + 1, PriceOutOfRange),
    ):
        with pytest.raises(error):
            await catalog.set_price(MANAGER, sku, currency, amount)
    assert await events_of(pool) == before


async def test_pages_show_each_product_once_while_others_are_added(catalog: CatalogService) -> None:
    await catalog.upsert([row(f"p{n}") for n in range(7)])
    seen: list[str] = []
    cursor = None
    for turn in range(4):
        page = await catalog.products(limit=2, cursor=cursor)
        seen += [product.slug for product in page.items]
        cursor = page.next
        await catalog.upsert([row(f"late{turn}")])
        await catalog.set_price(MANAGER, "P0", "BRL", turn)
    assert seen == ["p6", "p5", "p4", "p3", "p2", "p1", "p0"]
    assert cursor is None
    assert [p.slug for p in (await catalog.products(limit=2)).items] == ["late3", "late2"]


async def test_a_category_shows_its_own_products_and_those_below_it(catalog: CatalogService) -> None:
    await catalog.seed_categories(
        [
            Category(slug="mesa", title={"en": "Table"}, position=2),
            Category(slug="xicaras", title={"en": "Cups"}, parent="mesa", position=1),
        ]
    )
    await catalog.upsert([row("a", categories=["mesa"]), row("b"), row("c", categories=["xicaras", "mesa"])])
    await catalog.upsert([row("d", categories=["xicaras"])])
    first = await catalog.products(limit=2, category="mesa")
    assert [p.slug for p in first.items] == ["d", "c"]
    assert first.next
    rest = await catalog.products(limit=2, cursor=first.next, category="mesa")
    assert ([p.slug for p in rest.items], rest.next) == (["a"], None)
    assert [p.slug for p in (await catalog.products(category="xicaras")).items] == ["d", "c"]
    await catalog.upsert([row("d", categories=[])])
    assert [p.slug for p in (await catalog.products(category="xicaras")).items] == ["c"]
    assert [c.slug for c in await catalog.categories()] == ["xicaras", "mesa"]


async def test_a_category_that_a_product_names_first_is_made_with_that_name(catalog: CatalogService) -> None:
    await catalog.seed_categories([Category(slug="mesa", title={"en": "Table"}, position=4)])
    await catalog.upsert([row(categories=["mesa", "Chá & Café", "para-casa"])])
    assert [(c.slug, c.title, c.position) for c in await catalog.categories()] == [
        ("mesa", {"en": "Table"}, 4),
        ("cha-cafe", {"pt-BR": "Chá & Café"}, 5),
        ("para-casa", {"pt-BR": "Para casa"}, 6),
    ]


async def test_questions_that_make_no_sense_are_refused(catalog: CatalogService) -> None:
    await catalog.upsert([row("a", categories=["mesa"]), row("b", categories=["mesa"])])
    cursor = (await catalog.products(limit=1, category="mesa")).next
    for limit in (0, 101, -1):
        with pytest.raises(Invalid) as refusal:
            await catalog.products(limit=limit)
        assert refusal.value.code == "invalid_request"
    for wrong in (cursor, "", "!!!!", "x", "e30", "WzEsbnVsbF0-", "WzAsbnVsbF0", "a" * 500, "é", "Wy0xLG51bGxd"):
        with pytest.raises(CursorInvalid):
            await catalog.products(cursor=wrong)
    for category in ("none", "nul\0"):
        with pytest.raises(CategoryNotFound):
            await catalog.products(category=category)
    for slug in ("none", "nul\0", ""):
        with pytest.raises(ProductNotFound):
            await catalog.product(slug)


async def test_a_store_that_is_away_is_unavailable_and_no_driver_error(catalog: CatalogService, pool: Pool) -> None:
    await pool.close()
    with pytest.raises(Unavailable):
        await catalog.offers(["A"])
    with pytest.raises(Unavailable):
        await catalog.upsert([row()])


async def test_the_relay_finds_the_events_in_the_outbox(catalog: CatalogService, pool: Pool) -> None:
    await catalog.upsert([row(), row("cup")])
    waiting = await stores_on_postgres(pool).outbox.read(10)
    assert [pending.event.data["slug"] for pending in waiting] == ["mug", "cup"]
    await stores_on_postgres(pool).outbox.trim([waiting[0].position])
    assert [pending.event.data["slug"] for pending in await stores_on_postgres(pool).outbox.read(10)] == ["cup"]


async def test_the_demo_shop_is_filled_once(catalog: CatalogService, pool: Pool) -> None:
    first = await catalog.seed_demo()
    assert first.created >= 50
    told = await events_of(pool)
    assert await catalog.seed_demo() == Upserted(unchanged=first.created)
    assert await events_of(pool) == told
    categories = await catalog.categories()
    assert len(categories) == 6
    for category in categories:
        assert (await catalog.products(category=category.slug)).items
    for product in (await catalog.products(limit=100)).items:
        assert set(product.title) == {"pt-BR", "en"}
        assert all(set(variant.prices) == {"BRL", "USD"} for variant in product.variants)
    hand_made = await catalog.products(collection="escolhas-da-casa")
    assert [p.slug for p in hand_made.items][:2] == ["caneca-aurora", "cafe-serra-lenta"]
    assert [t.code for t in await catalog.product_types()] == ["fragrance", "homeware", "pantry", "stationery"]
    assert (await catalog.product("caneca-aurora")).attributes["volume"] == 320
