"""Contract of every taxonomy store: the category tree never has a cycle; product types in use cannot be deleted."""

import asyncio

import pytest

from renga.domains.catalog.contract import (
    AttributeType,
    Category,
    CategoryCycle,
    CategoryNotFound,
    EnumOption,
    ProductType,
    Seo,
)
from renga.domains.catalog.ports import StaleWrite
from tests.ports.product_stores import Lab, following


async def test_a_category_comes_back_exactly_and_tells_its_event(shop: Lab) -> None:
    category = Category(
        slug="table",
        title={"pt-BR": "Mesa", "en": "Table"},
        description={"en": "For plates"},
        position=-3,
        image="/t.svg",
        seo=Seo(title={"en": "T"}),
        version=1,
    )
    await shop.taxonomy.put_category(category, shop.event("table", 1, "CategoryChanged"))
    assert await shop.taxonomy.categories() == (category,)
    assert await shop.events() == [("CategoryChanged", "table", 1)]


async def test_categories_come_by_position_then_slug(shop: Lab) -> None:
    for slug, position in (("b", 2), ("a", 2), ("z", 1), ("ä", 2)):
        await shop.put_category(slug, position=position)
    assert [c.slug for c in await shop.taxonomy.categories()] == ["z", "a", "b", "ä"]


@pytest.mark.parametrize("version", [1, 2, 4])
async def test_a_category_at_another_version_is_not_written(shop: Lab, version: int) -> None:
    await shop.put_category("table")
    await shop.put_category("table", 2, position=5)
    before = await shop.picture()
    with pytest.raises(StaleWrite):
        await shop.put_category("table", version, position=9)
    with pytest.raises(StaleWrite):
        await shop.put_category("absent", 2)
    assert await shop.picture() == before


async def test_seeded_categories_have_no_version_and_no_event(shop: Lab) -> None:
    seeds = (Category(slug="home", title={"en": "Home"}), Category(slug="table", title={"en": "Table"}, parent="home"))
    await shop.taxonomy.seed_categories(seeds)
    await shop.taxonomy.seed_categories(seeds)
    assert await shop.taxonomy.categories() == seeds
    assert await shop.events() == []
    changed = await shop.put_category("table", 1, position=4)
    await shop.taxonomy.seed_categories([Category(slug="table", title={"en": "Seeded again"}, position=4)])
    found = {c.slug: c for c in await shop.taxonomy.categories()}
    assert found["table"] == Category(slug="table", title={"en": "Seeded again"}, position=4, version=changed.version)
    assert await shop.events() == [("Changed", "table", 1)]


async def test_a_category_stands_below_one_that_is_there_and_never_below_itself(shop: Lab) -> None:
    await shop.put_category("home")
    await shop.put_category("table", parent="home")
    await shop.put_category("cups", parent="table")
    before = await shop.picture()
    with pytest.raises(CategoryNotFound):
        await shop.put_category("lost", parent="no-such")
    for slug, parent in (("home", "cups"), ("home", "table"), ("home", "home")):
        with pytest.raises(CategoryCycle):
            await shop.put_category(slug, 2, parent=parent)
    with pytest.raises((CategoryCycle, CategoryNotFound)):
        await shop.put_category("new", parent="new")
    assert await shop.picture() == before
    await shop.put_category("cups", 2, parent="home")
    await shop.put_category("table", 2, parent="cups")
    assert {c.slug: c.parent for c in await shop.taxonomy.categories()} == {
        "home": None,
        "table": "cups",
        "cups": "home",
    }


async def test_two_moves_at_the_same_moment_make_no_cycle(shop: Lab) -> None:
    for nth in range(4):
        left, right = f"left-{nth}", f"right-{nth}"
        await shop.put_category(left)
        await shop.put_category(right)
        await shop.forget_events()
        done = await asyncio.gather(
            shop.put_category(left, 2, parent=right), shop.put_category(right, 2, parent=left), return_exceptions=True
        )
        refused = [result for result in done if isinstance(result, BaseException)]
        assert [type(error) for error in refused] == [CategoryCycle]
        moved, stayed = (left, right) if not isinstance(done[0], BaseException) else (right, left)
        found = {c.slug: (c.parent, c.version) for c in await shop.taxonomy.categories()}
        assert (found[moved], found[stayed]) == ((stayed, 2), (None, 1))
        assert await shop.events() == [("Changed", moved, 2)]


async def test_a_category_is_dropped_at_its_version_when_none_is_below_it(shop: Lab) -> None:
    await shop.put_category("home")
    await shop.put_category("table", parent="home")
    mug = shop.product("mug", categories=("table",))
    await shop.write(mug)
    before = await shop.picture()
    for slug, version in (("home", 1), ("table", 2), ("table", 0), ("absent", 1)):
        with pytest.raises(StaleWrite):
            await shop.taxonomy.drop_category(slug, version, shop.event(slug, version + 1))
    assert await shop.picture() == before
    await shop.taxonomy.drop_category("table", 1, shop.event("table", 2, "Dropped"))
    assert [c.slug for c in await shop.taxonomy.categories()] == ["home"]
    assert (await shop.events())[-1] == ("Dropped", "table", 2)
    assert await shop.page(category="home") == []
    assert await shop.page() == ["mug"]
    with pytest.raises(CategoryNotFound):
        await shop.page(category="table")
    await shop.put_category("table")
    assert await shop.page(category="table") == []
    assert [name for name, *_ in await shop.events()] == ["Changed", "Changed", "ProductUpdated", "Dropped", "Changed"]
    await shop.forget_events()
    assert [c.slug for c in await shop.taxonomy.categories()] == ["home", "table"]


async def test_a_child_and_the_drop_of_its_parent_do_not_pass_each_other(shop: Lab) -> None:
    for nth in range(4):
        await shop.put_category(f"up-{nth}")
        done = await asyncio.gather(
            shop.taxonomy.drop_category(f"up-{nth}", 1, shop.event(f"up-{nth}", 2)),
            shop.put_category(f"down-{nth}", parent=f"up-{nth}"),
            return_exceptions=True,
        )
        refused = [type(result) for result in done if isinstance(result, BaseException)]
        assert refused in ([StaleWrite], [CategoryNotFound])
        slugs = {c.slug for c in await shop.taxonomy.categories()}
        assert (f"up-{nth}" in slugs) == (f"down-{nth}" in slugs)


async def test_a_product_type_comes_back_exactly(shop: Lab) -> None:
    cup = ProductType(
        code="cup",
        title={"en": "Cup"},
        attributes=(
            AttributeType(code="vol.ml", kind="number", unit="ml", facet=True, required=True),
            AttributeType(
                code="$glaze", kind="enum", multiple=True, options=(EnumOption(code="a.b", title={"en": "A"}),)
            ),
        ),
        version=1,
    )
    await shop.taxonomy.put_product_type(cup, shop.event("cup", 1, "ProductTypeChanged"))
    await shop.put_type("bowl")
    assert [one.code for one in await shop.taxonomy.product_types()] == ["bowl", "cup"]
    assert (await shop.taxonomy.product_types())[1] == cup
    before = await shop.picture()
    for version in (1, 3):
        with pytest.raises(StaleWrite):
            await shop.put_type("cup", version)
    assert await shop.picture() == before
    await shop.put_type("cup", 2)
    assert [(one.code, one.version) for one in await shop.taxonomy.product_types()] == [("bowl", 1), ("cup", 2)]


async def test_a_product_type_that_products_hold_is_not_dropped(shop: Lab) -> None:
    await shop.put_type("cup")
    mug = shop.product("mug", type="cup")
    await shop.write(mug)
    before = await shop.picture()
    with pytest.raises(StaleWrite):
        await shop.taxonomy.drop_product_type("cup", 1, shop.event("cup", 2))
    assert await shop.picture() == before
    await shop.write(following(mug, type=None))
    with pytest.raises(StaleWrite):
        await shop.taxonomy.drop_product_type("cup", 2, shop.event("cup", 3))
    await shop.taxonomy.drop_product_type("cup", 1, shop.event("cup", 2, "Dropped"))
    assert await shop.taxonomy.product_types() == ()
    assert (await shop.events())[-1] == ("Dropped", "cup", 2)
    await shop.put_type("cup")
    assert [(one.code, one.version) for one in await shop.taxonomy.product_types()] == [("cup", 1)]
