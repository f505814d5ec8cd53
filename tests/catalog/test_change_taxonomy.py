"""Categories, collections and product types change at the expected version, with their events; on PostgreSQL."""

import asyncio
from typing import Any

import asyncpg
import pytest

from renga.domains.catalog.contract import (
    Category,
    CategoryCycle,
    CategoryInUse,
    CategoryNotFound,
    CollectionNotFound,
    CursorInvalid,
    ProductTypeInUse,
    ProductTypeNotFound,
    TaxonomyInvalid,
    VersionMismatch,
)
from renga.domains.catalog.local import CatalogService
from renga.domains.catalog.reactions import categories_consumer, collections_consumer
from renga.kernel.errors import Invalid
from renga.kernel.events import Event
from tests.catalog.callers import MANAGER
from tests.catalog.shop import events_of, row

Pool = asyncpg.Pool


def titled(title: str, **changed: Any) -> dict[str, Any]:
    return {"title": {"en": title}} | changed


async def news(pool: Pool, name: str) -> list[tuple[str, int, dict[str, Any]]]:
    return [(e.subject, e.sequence, e.data) for e in await events_of(pool) if e.name == name]


async def hear(catalog: CatalogService, pool: Pool) -> None:
    """All news so far, to the catalogue's own consumers, as the bus would bring it."""
    events: list[Event] = await events_of(pool)
    for consumer in (collections_consumer(catalog.dependencies), categories_consumer(catalog.dependencies)):
        wanted = [event for event in events if event.type in consumer.patterns]
        if wanted:
            await consumer.handler(wanted)


async def test_a_category_is_made_changed_and_taken_away_with_news(catalog: CatalogService, pool: Pool) -> None:
    born = await catalog.put_category(MANAGER, "mesa", titled("Table", position=2), expected_version=0)
    assert born == Category(slug="mesa", title={"en": "Table"}, position=2, version=1)
    assert await catalog.put_category(MANAGER, "mesa", titled("Table", position=2)) == born
    below = await catalog.put_category(MANAGER, "cups", titled("Cups", parent="mesa"))
    changed = await catalog.put_category(MANAGER, "mesa", titled("Tables"), expected_version=1)
    assert (changed.version, changed.position) == (2, 0)
    with pytest.raises(VersionMismatch):
        await catalog.put_category(MANAGER, "mesa", titled("Late"), expected_version=1)
    with pytest.raises(CategoryInUse):
        await catalog.drop_category(MANAGER, "mesa", expected_version=2)
    await catalog.drop_category(MANAGER, "cups", expected_version=below.version)
    await catalog.drop_category(MANAGER, "mesa", expected_version=2)
    assert await catalog.categories() == ()
    with pytest.raises(CategoryNotFound):
        await catalog.drop_category(MANAGER, "mesa")
    assert await news(pool, "CategoryChanged") == [
        ("mesa", 1, {"slug": "mesa", "version": 1, "removed": False}),
        ("cups", 1, {"slug": "cups", "version": 1, "removed": False}),
        ("mesa", 2, {"slug": "mesa", "version": 2, "removed": False}),
        ("cups", 2, {"slug": "cups", "version": 2, "removed": True}),
        ("mesa", 3, {"slug": "mesa", "version": 3, "removed": True}),
    ]


async def test_a_seeded_category_keeps_its_place_in_line_when_it_is_changed(catalog: CatalogService) -> None:
    seeded = [Category(slug="mesa", title={"en": "Table"}, position=1)]
    await catalog.seed_categories(seeded)
    assert await catalog.categories() == tuple(seeded)
    assert (await catalog.put_category(MANAGER, "mesa", titled("Mesa"), expected_version=0)).version == 1
    await catalog.seed_categories(seeded)
    assert await catalog.categories() == (Category(slug="mesa", title={"en": "Table"}, position=1, version=1),)


async def test_a_category_cannot_stand_below_itself_or_below_nothing(catalog: CatalogService, pool: Pool) -> None:
    for slug, parent in (("a", None), ("b", "a"), ("c", "b")):
        await catalog.put_category(MANAGER, slug, titled(slug, parent=parent))
    before = (await catalog.categories(), await events_of(pool))
    for slug, parent in (("a", "a"), ("a", "c"), ("new", "new")):
        with pytest.raises((CategoryCycle, CategoryNotFound)):
            await catalog.put_category(MANAGER, slug, titled("x", parent=parent))
    with pytest.raises(CategoryNotFound):
        await catalog.put_category(MANAGER, "a", titled("x", parent="none"))
    assert (await catalog.categories(), await events_of(pool)) == before


async def test_two_moves_at_once_make_no_circle(catalog: CatalogService) -> None:
    for attempt in range(5):
        a, b = f"a{attempt}", f"b{attempt}"
        await catalog.put_category(MANAGER, a, titled("a"))
        await catalog.put_category(MANAGER, b, titled("b"))
        moves = await asyncio.gather(
            catalog.put_category(MANAGER, a, titled("a", parent=b)),
            catalog.put_category(MANAGER, b, titled("b", parent=a)),
            return_exceptions=True,
        )
        assert sorted(type(move).__name__ for move in moves) == ["Category", "CategoryCycle"]


async def test_products_leave_a_category_that_is_taken_away(catalog: CatalogService, pool: Pool) -> None:
    await catalog.upsert(
        [row("a", categories=["mesa", "casa"]), row("b", categories=["mesa"], status="draft"), row("c")]
    )
    await catalog.drop_category(MANAGER, "mesa")
    with pytest.raises(CategoryNotFound):
        await catalog.products(category="mesa")
    await hear(catalog, pool)
    found = await catalog.products_by_slug(["a", "b", "c"])
    assert {slug: (p.categories, p.version) for slug, p in found.items()} == {
        "a": (("casa",), 2),
        "b": ((), 2),
        "c": ((), 1),
    }
    await hear(catalog, pool)
    assert (await catalog.own_product(MANAGER, "a")).version == 2


async def test_a_collection_by_hand_has_its_own_order(catalog: CatalogService) -> None:
    await catalog.upsert([row(f"p{n}", status="draft" if n == 2 else "active") for n in range(5)])
    slugs = ["p3", "p0", "p2", "gone", "p4", "p1"]
    made = await catalog.put_collection(MANAGER, "best", titled("Best", products=slugs), expected_version=0)
    assert (made.version, made.products) == (1, tuple(slugs))
    assert [(c.slug, c.products) for c in await catalog.collections()] == [("best", ())]
    assert await catalog.collection("best") == made
    first = await catalog.products(collection="best", limit=3)
    rest = await catalog.products(collection="best", limit=3, cursor=first.next)
    assert [p.slug for p in (*first.items, *rest.items)] == ["p3", "p0", "p4", "p1"]
    assert rest.next is None
    with pytest.raises(CursorInvalid):
        await catalog.products(cursor=first.next)
    with pytest.raises(Invalid):
        await catalog.products(collection="best", category="mesa")
    for slug in ("none", "nul\0"):
        with pytest.raises(CollectionNotFound):
            await catalog.products(collection=slug)


def cheap(most: int) -> dict[str, Any]:
    return {"conditions": [{"field": "price.BRL", "op": "at_most", "value": most}]}


def priced(slug: str, amount: int, **changed: Any) -> dict[str, Any]:
    return row(slug, variants=[{"sku": slug.upper(), "prices": {"BRL": amount}}], **changed)


async def test_a_collection_by_rule_gathers_what_is_there_and_what_comes(catalog: CatalogService, pool: Pool) -> None:
    await catalog.upsert([priced("a", 10), priced("b", 20), priced("c", 30), priced("d", 5, status="draft")])
    await catalog.put_collection(MANAGER, "cheap", titled("Cheap", rule=cheap(20)))

    async def gathered(channel: str = "web") -> list[str]:
        await hear(catalog, pool)
        return [p.slug for p in (await catalog.products(collection="cheap", channel=channel)).items]

    assert await gathered() == ["b", "a"]
    await catalog.set_price(MANAGER, "C", "BRL", 15)
    await catalog.set_price(MANAGER, "A", "BRL", 25)
    await catalog.patch_product(MANAGER, "d", {"status": "active", "publications": [{"channel": "app"}]})
    assert (await gathered(), await gathered("app")) == (["c", "b"], ["d", "c", "b"])
    await catalog.archive_product(MANAGER, "b")
    assert await gathered() == ["c"]
    await catalog.put_collection(MANAGER, "cheap", titled("Cheap", rule=cheap(25)))
    assert await gathered() == ["c", "a"]
    first = await catalog.products(collection="cheap", limit=1)
    rest = await catalog.products(collection="cheap", limit=1, cursor=first.next)
    assert ([p.slug for p in (*first.items, *rest.items)], rest.next) == (["c", "a"], None)
    rules = [data["rule"] for _, _, data in await news(pool, "CollectionChanged")]
    assert rules == [True, True]


async def test_an_old_membership_never_replaces_a_later_one(catalog: CatalogService, pool: Pool) -> None:
    await catalog.upsert([row("a"), row("b")])
    for slug in ("x", "y"):
        await catalog.put_collection(MANAGER, slug, titled(slug, rule=cheap(1)))
    taxonomy, a = catalog.dependencies.taxonomy, (await catalog.own_product(MANAGER, "a")).id

    async def lists() -> list[list[str]]:
        return [[p.slug for p in (await catalog.products(collection=slug)).items] for slug in ("x", "y")]

    await taxonomy.set_members({a: (5, ["x", "unknown"]), "0" * 8: (1, ["x"])})
    assert await lists() == [["a"], []]
    await taxonomy.set_members({a: (4, ["y"])})
    assert await lists() == [["a"], []]
    await taxonomy.set_members({a: (5, ["y"])})
    assert await lists() == [[], ["a"]]
    await catalog.patch_product(MANAGER, "a", {"brand": "x"})
    assert await lists() == [[], ["a"]]
    await catalog.put_collection(MANAGER, "y", titled("y", products=["b"]))
    assert await lists() == [[], ["b"]]
    await catalog.drop_collection(MANAGER, "x", expected_version=1)
    with pytest.raises(CollectionNotFound):
        await catalog.products(collection="x")


async def test_a_product_type_cannot_go_while_products_are_of_it(catalog: CatalogService, pool: Pool) -> None:
    attributes = [{"code": "volume", "kind": "number", "unit": "ml", "required": True}]
    made = await catalog.put_product_type(MANAGER, "mug", titled("Mug", attributes=attributes), expected_version=0)
    assert (made.version, made.attributes[0].unit) == (1, "ml")
    await catalog.upsert([row(type="mug", attributes={"volume": "0.35 l"})])
    assert (await catalog.product("mug")).attributes == {"volume": 350}
    with pytest.raises(ProductTypeInUse):
        await catalog.drop_product_type(MANAGER, "mug", expected_version=1)
    await catalog.upsert([row()])
    with pytest.raises(VersionMismatch):
        await catalog.drop_product_type(MANAGER, "mug", expected_version=2)
    await catalog.drop_product_type(MANAGER, "mug", expected_version=1)
    assert await catalog.product_types() == ()
    with pytest.raises(ProductTypeNotFound):
        await catalog.drop_product_type(MANAGER, "mug")
    assert await news(pool, "ProductTypeChanged") == [
        ("mug", 1, {"code": "mug", "version": 1, "removed": False}),
        ("mug", 2, {"code": "mug", "version": 2, "removed": True}),
    ]


@pytest.mark.parametrize(
    ("method", "name", "given", "field"),
    [
        ("put_category", "No Slug", titled("x"), "slug"),
        ("put_category", "a", {}, "title"),
        ("put_category", "a", titled("x", slug="b"), "slug"),
        ("put_category", "a", titled("x", position=-1), "position"),
        ("put_category", "a", titled("x", parent="No!"), "parent"),
        ("put_category", "a", titled("x", colour=1), "row"),
        ("put_category", "a", titled("x", seo=[]), "seo"),
        ("put_collection", "a", titled("x", products="b"), "products"),
        ("put_collection", "a", titled("x", products=["b"], rule=cheap(1)), "products"),
        ("put_collection", "a", titled("x", rule=[]), "rule"),
        ("put_collection", "a", titled("x", rule={}), "rule.conditions"),
        ("put_collection", "a", titled("x", rule={"conditions": [{"field": "x"}]}), "rule.conditions[0]"),
        (
            "put_collection",
            "a",
            titled("x", rule={"conditions": [{"field": "colour", "op": "is", "value": "x"}]}),
            "rule.conditions[0]",
        ),
        ("put_product_type", "No!", titled("x"), "code"),
        ("put_product_type", "a", titled("x", attributes=[{}]), "attributes[0].code"),
        ("put_product_type", "a", titled("x", attributes=[{"code": "b", "kind": "x"}]), "attributes[0].kind"),
        ("put_product_type", "a", titled("x", attributes=[{"code": "b", "kind": "enum"}]), "attributes[0].options"),
        ("put_product_type", "a", titled("x", attributes=[{"code": "b", "unit": "g"}]), "attributes[0].unit"),
        ("put_product_type", "a", titled("x", attributes=[{"code": "b"}, {"code": "b"}]), "attributes[1].code"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_written(
    catalog: CatalogService, pool: Pool, method: str, name: str, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(TaxonomyInvalid) as refusal:
        await getattr(catalog, method)(MANAGER, name, given)
    assert [problem for problem, _ in refusal.value.problems] == [field]
    assert await events_of(pool) == []
