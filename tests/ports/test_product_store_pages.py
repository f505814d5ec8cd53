"""Contract of every product store: pages of what is sold where, in an order that stays."""

import msgspec
import pytest

from renga.domains.catalog.contract import CategoryNotFound
from tests.ports.product_stores import Lab, following, slugs


async def test_a_page_is_what_the_channel_sells_newest_first(shop: Lab) -> None:
    await shop.write(
        shop.product("everywhere"),
        shop.product("web-only", channels=("web",)),
        shop.product("app-only", channels=("app",)),
        shop.product("both", channels=("app", "web")),
        shop.product("draft", status="draft", channels=()),
        shop.product("archived", status="archived", channels=()),
    )
    assert await shop.page(channel="web") == ["both", "web-only", "everywhere"]
    assert await shop.page(channel="app") == ["both", "app-only", "everywhere"]
    assert await shop.page(channel="market") == ["everywhere"]
    assert await shop.page(channel="*") == ["everywhere"]


async def test_pages_follow_each_other_while_products_are_added(shop: Lab) -> None:
    await shop.write(*(shop.product(f"p{n}") for n in range(5)))
    first = await shop.products.page(limit=2, before=None, channel="web")
    await shop.write(shop.product("newer"))
    second = await shop.products.page(limit=2, before=first[-1].position, channel="web")
    third = await shop.products.page(limit=2, before=second[-1].position, channel="web")
    assert [slugs(page) for page in (first, second, third)] == [["p4", "p3"], ["p2", "p1"], ["p0"]]
    assert await shop.page(before=third[-1].position) == []
    assert await shop.page(limit=1) == ["newer"]


async def test_a_change_moves_no_product_in_the_list(shop: Lab) -> None:
    mug = shop.product("mug")
    await shop.write(mug, shop.product("lamp"))
    await shop.write(following(mug, title={"en": "another"}))
    assert await shop.page() == ["lamp", "mug"]


async def test_a_product_that_is_taken_off_sale_leaves_the_pages_and_comes_back(shop: Lab) -> None:
    mug = shop.product("mug", categories=("table",))
    await shop.put_category("table")
    await shop.write(mug)
    archived = following(mug, status="archived", channels=())
    await shop.write(archived)
    assert (await shop.page(), await shop.page(category="table")) == ([], [])
    await shop.write(following(archived, status="active", channels=("app",)))
    assert (await shop.page(channel="app"), await shop.page(channel="app", category="table")) == (["mug"], ["mug"])
    assert await shop.page(channel="web") == []


async def test_a_page_that_is_asked_again_shows_every_change_at_once(shop: Lab) -> None:
    mug, lamp = shop.product("mug", categories=("table",)), shop.product("lamp", categories=("table",))
    await shop.put_category("table")
    await shop.write(mug, lamp)

    async def pages() -> list[list[tuple[str, int]]]:
        found = [
            await shop.products.page(limit=20, before=None, category=category, channel="web")
            for category in (None, "table")
        ]
        return [[(e.product.title["en"], e.product.variants[0].prices["BRL"]) for e in page] for page in found]

    assert await pages() == [[("lamp", 1_000), ("mug", 1_000)]] * 2
    mug = following(mug, title={"en": "another"})
    await shop.write(mug)
    assert await pages() == [[("lamp", 1_000), ("another", 1_000)]] * 2
    cheaper = tuple(msgspec.structs.replace(variant, prices={"BRL": 900}) for variant in lamp.variants)
    lamp = following(lamp, variants=cheaper)
    await shop.write(lamp, shop.product("new"))
    assert await pages() == [[("new", 1_000), ("lamp", 900), ("another", 1_000)], [("lamp", 900), ("another", 1_000)]]
    await shop.write(following(lamp, channels=("app",)), following(mug, categories=()))
    assert await pages() == [[("new", 1_000), ("another", 1_000)], []]


async def test_products_of_a_page_are_decoded_once_while_they_do_not_change(shop: Lab) -> None:
    mug = shop.product("mug")
    await shop.write(mug, shop.product("lamp"))
    first, again = [await shop.products.page(limit=20, before=None, channel="web") for _ in range(2)]
    assert [a.product is b.product for a, b in zip(first, again, strict=True)] == [True, True]
    assert first[1].product == mug


async def test_a_category_shows_what_stands_in_it_and_below_it_once(shop: Lab) -> None:
    await shop.put_category("home")
    await shop.put_category("table", parent="home")
    await shop.put_category("cups", parent="table")
    await shop.put_category("light")
    await shop.write(
        shop.product("mug", categories=("cups", "table")),
        shop.product("plate", categories=("table",)),
        shop.product("app-cup", categories=("cups",), channels=("app",)),
        shop.product("lamp", categories=("light", "home")),
        shop.product("loose"),
    )
    assert await shop.page(category="home") == ["lamp", "plate", "mug"]
    assert await shop.page(category="table") == ["plate", "mug"]
    assert await shop.page(category="cups", channel="app") == ["app-cup", "mug"]
    assert await shop.page(category="light") == ["lamp"]
    page = await shop.products.page(limit=2, before=None, category="home", channel="web")
    assert slugs(page) == ["lamp", "plate"]
    assert await shop.page(category="home", before=page[-1].position) == ["mug"]


async def test_a_page_of_many_categories_is_still_one_list(shop: Lab) -> None:
    await shop.put_category("root")
    below = [f"c{n:03}" for n in range(120)]
    await shop.products.write(
        [
            shop.change(shop.product(f"p{n:03}", categories=(slug,)), taxonomy={slug: {"en": slug}})
            for n, slug in enumerate(below)
        ]
    )
    for slug in below[:: len(below) - 1]:
        await shop.put_category(slug, parent="root")
    assert await shop.page(category="root") == ["p119", "p000"]
    for slug in below[1:-1]:
        await shop.put_category(slug, parent="root")
    assert await shop.page(category="root", limit=3) == ["p119", "p118", "p117"]


async def test_a_category_that_moves_takes_its_products_along(shop: Lab) -> None:
    await shop.put_category("home")
    await shop.put_category("cups")
    await shop.write(shop.product("mug", categories=("cups",)))
    assert await shop.page(category="home") == []
    await shop.put_category("cups", 2, parent="home")
    assert await shop.page(category="home") == ["mug"]


async def test_a_category_that_is_not_there_is_not_found(shop: Lab) -> None:
    with pytest.raises(CategoryNotFound):
        await shop.page(category="no-such")
    await shop.put_category("empty")
    assert await shop.page(category="empty") == []


async def test_a_merchant_sees_products_in_every_state(shop: Lab) -> None:
    await shop.write(
        shop.product("a-draft", merchant="a", status="draft", channels=()),
        shop.product("b-active", merchant="b"),
        shop.product("a-active", merchant="a"),
        shop.product("a-archived", merchant="a", status="archived", channels=()),
        shop.product("c-draft", merchant="c", status="draft", channels=()),
    )
    store = shop.products

    async def listed(merchants: list[str] | None, limit: int = 10, before: int | None = None, **more: str) -> list[str]:
        return slugs(await store.of_merchants(merchants, limit=limit, before=before, **more))  # type: ignore[arg-type]

    assert await listed(["a"]) == ["a-archived", "a-active", "a-draft"]
    assert await listed(["a", "b"]) == ["a-archived", "a-active", "b-active", "a-draft"]
    assert await listed(None) == ["c-draft", "a-archived", "a-active", "b-active", "a-draft"]
    assert await listed(["a", "c"], status="draft") == ["c-draft", "a-draft"]
    assert await listed(None, status="archived") == ["a-archived"]
    assert await listed(None, status="active") == ["a-active", "b-active"]
    assert await listed([]) == []
    assert await listed([f"m{n}" for n in range(80)] + ["a"]) == ["a-archived", "a-active", "a-draft"]
    first = await store.of_merchants(["a"], limit=1, before=None)
    assert await listed(["a"], before=first[0].position) == ["a-active", "a-draft"]
    assert await listed(None, limit=2, before=first[0].position) == ["a-active", "b-active"]


async def test_a_product_that_changes_its_owner_changes_its_list(shop: Lab) -> None:
    mug = shop.product("mug", merchant="a")
    await shop.write(mug)
    await shop.write(following(mug, merchant="b", status="draft", channels=()))
    assert await shop.products.of_merchants(["a"], limit=10, before=None) == []
    assert slugs(await shop.products.of_merchants(["b"], limit=10, before=None, status="draft")) == ["mug"]
