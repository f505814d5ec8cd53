"""Contract of every product store: a write is at the version it expects, or it does not happen, and nor do its events."""

import asyncio
from typing import Any

import msgspec
import pytest

from renga.domains.catalog.contract import Variant
from renga.domains.catalog.ports import ImportMark, StaleWrite
from tests.ports.product_stores import Lab, following, slugs

MARK = ImportMark(fingerprint="f", line=1, at_ms=1)


async def test_a_write_tells_its_events_in_order_with_it(shop: Lab) -> None:
    mug = shop.product("mug")
    await shop.products.write([shop.change(mug, "ProductPublished", "PriceChanged", "PriceChanged")])
    await shop.products.write([shop.change(following(mug), "ProductUpdated")])
    assert await shop.events() == [
        ("ProductPublished", mug.id, 1),
        ("PriceChanged", mug.id, 1),
        ("PriceChanged", mug.id, 1),
        ("ProductUpdated", mug.id, 2),
    ]


@pytest.mark.parametrize("version", [1, 2, 4])
async def test_a_write_at_another_version_changes_nothing(shop: Lab, version: int) -> None:
    mug = shop.product("mug")
    await shop.write(mug)
    await shop.write(following(mug))
    before = await shop.picture()
    stale = msgspec.structs.replace(mug, version=version, title={"en": "stale"})
    with pytest.raises(StaleWrite):
        await shop.products.write([shop.change(stale)], MARK)
    assert await shop.picture() == before


async def test_a_product_that_is_not_there_is_not_changed(shop: Lab) -> None:
    before = await shop.picture()
    with pytest.raises(StaleWrite):
        await shop.write(following(shop.product("nobody")))
    assert await shop.picture() == before


async def test_a_slug_or_a_sku_that_is_taken_is_refused(shop: Lab) -> None:
    mug, lamp = shop.product("mug", "M-1", "M-2"), shop.product("lamp", status="draft", channels=())
    await shop.write(mug, lamp)
    before = await shop.picture()
    for taken in (
        shop.product("mug", "NEW"),
        shop.product("new", "NEW", "M-2"),
        shop.product("new", "LAMP"),
        following(lamp, variants=(Variant(sku="LAMP"), Variant(sku="M-1"))),
    ):
        with pytest.raises(StaleWrite):
            await shop.products.write([shop.change(taken)], MARK)
        assert await shop.picture() == before


async def test_a_sku_that_was_given_up_is_free(shop: Lab) -> None:
    mug = shop.product("mug", "M-1", "M-2")
    await shop.write(mug)
    await shop.write(following(mug, variants=(Variant(sku="M-1"),)))
    await shop.write(shop.product("heir", "M-2"))
    assert await shop.products.owners(["M-1", "M-2"]) == {"M-1": "mug", "M-2": "heir"}


async def test_a_sku_goes_from_one_product_to_another_in_one_write(shop: Lab) -> None:
    old, other = shop.product("old", "A", "B", "C"), shop.product("other", "D")
    await shop.write(old, other)
    await shop.write(
        shop.product("new", "C"),
        following(other, variants=(Variant(sku="D"), Variant(sku="B"))),
        following(old, variants=(Variant(sku="A"),)),
    )
    assert await shop.products.owners(["A", "B", "C", "D"]) == {"A": "old", "B": "other", "C": "new", "D": "other"}


async def test_a_batch_of_which_one_is_stale_is_not_written(shop: Lab) -> None:
    mug, lamp = shop.product("mug"), shop.product("lamp")
    await shop.write(mug, lamp)
    await shop.forget_events()
    before = await shop.picture()
    stale, good, new = following(following(mug)), following(lamp), shop.product("new")
    changes = [shop.change(good), shop.change(stale), shop.change(new, taxonomy={"shelf": {"en": "Shelf"}})]
    with pytest.raises(StaleWrite):
        await shop.products.write(changes, MARK)
    assert (await shop.products.by_slug(["mug", "new"])) == {"mug": mug}
    assert await shop.products.import_mark() is None
    if shop.atomic:
        assert await shop.picture() == before
    else:  # product by product: what was written is written with its events
        assert (await shop.products.by_slug(["lamp"])) == {"lamp": good}
        assert await shop.events() == [("ProductUpdated", lamp.id, 2)]


async def _race(*writes: Any) -> list[bool]:
    """Who won; whoever lost was told that it did."""
    done = await asyncio.gather(*writes, return_exceptions=True)
    assert all(result is None or isinstance(result, StaleWrite) for result in done), done
    return [result is None for result in done]


async def test_of_writers_of_one_version_exactly_one_wins_and_nothing_is_left_of_the_others(shop: Lab) -> None:
    mug = shop.product("mug")
    await shop.write(mug)
    rivals = [following(mug, title={"en": f"writer {n}"}) for n in range(4)]
    won = await _race(*(shop.products.write([shop.change(rival, f"By{n}")]) for n, rival in enumerate(rivals)))
    assert won.count(True) == 1
    assert await shop.products.by_slug(["mug"]) == {"mug": rivals[won.index(True)]}
    assert await shop.events() == [("ProductUpdated", mug.id, 1), (f"By{won.index(True)}", mug.id, 2)]


async def test_of_two_new_products_with_one_slug_or_one_sku_one_wins(shop: Lab) -> None:
    for first, second in (
        (shop.product("mug", "A"), shop.product("mug", "B")),
        (shop.product("one", "SAME", "X"), shop.product("two", "Y", "SAME")),
    ):
        await shop.forget_events()
        won = await _race(shop.write(first), shop.write(second))
        assert won.count(True) == 1
        winner, loser = (first, second) if won[0] else (second, first)
        assert await shop.products.by_id([first.id, second.id]) == {winner.id: winner}
        assert await shop.events() == [("ProductUpdated", winner.id, 1)]
        assert await shop.products.owners([v.sku for v in loser.variants if v not in winner.variants]) == {}


async def test_writers_of_different_products_all_win(shop: Lab) -> None:
    made = [shop.product(f"p{n}") for n in range(8)]
    assert await _race(*(shop.write(product) for product in made)) == [True] * 8
    listed = await shop.products.scan(after=0, limit=10)
    assert sorted(slugs(listed)) == [f"p{n}" for n in range(8)]
    assert len({entry.position for entry in listed}) == 8
    assert sorted(await shop.events()) == sorted(("ProductUpdated", product.id, 1) for product in made)


async def test_categories_that_are_missing_are_made_behind_the_others(shop: Lab) -> None:
    await shop.put_category("first", position=7)
    changes = [
        shop.change(
            shop.product("mug", categories=("table", "first")),
            taxonomy={"table": {"en": "Table", "pt-BR": "Mesa"}, "first": {"en": "ignored"}},
        ),
        shop.change(shop.product("lamp", categories=("light",)), taxonomy={"light": {"en": "Light"}}),
    ]
    await shop.products.write(changes)
    found = await shop.taxonomy.categories()
    assert [(c.slug, c.title, c.position, c.version, c.parent) for c in found] == [
        ("first", {"en": "first"}, 7, 1, None),
        ("table", {"en": "Table", "pt-BR": "Mesa"}, 8, 0, None),
        ("light", {"en": "Light"}, 9, 0, None),
    ]
    assert await shop.page(category="table") == ["mug"]
    assert [name for name, _, _ in await shop.events()] == ["Changed", "ProductUpdated", "ProductUpdated"]


async def test_a_product_type_must_be_there(shop: Lab) -> None:
    before = await shop.picture()
    with pytest.raises(StaleWrite):
        await shop.write(shop.product("mug", type="cup"))
    assert await shop.picture() == before
    await shop.put_type("cup")
    mug = shop.product("mug", type="cup")
    await shop.write(mug)
    await shop.write(following(mug, title={"en": "still of the type"}))
    assert (await shop.products.by_slug(["mug"]))["mug"].type == "cup"
