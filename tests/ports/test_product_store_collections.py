"""Contract of every taxonomy store: manual and rule collections, and the members of rule collections."""

import pytest

from renga.domains.catalog.contract import Collection, Condition, Rule, Seo
from renga.domains.catalog.ports import StaleWrite
from tests.ports.product_stores import Lab, following, slugs

RULE = Rule(match="any", conditions=(Condition(field="attribute.a.b", op="in", value=["$x", "y"]),))


async def test_collections_come_back_by_slug_and_whole_one_by_one(shop: Lab) -> None:
    gifts = Collection(
        slug="gifts",
        title={"pt-BR": "Presentes"},
        description={"en": "Gifts"},
        image="/g.svg",
        seo=Seo(title={"en": "G"}),
        products=("mug", "lamp", "mug-2"),
        version=1,
    )
    await shop.taxonomy.put_collection(gifts, shop.event("gifts", 1, "CollectionChanged"))
    blue = await shop.put_collection("blue", rule=RULE)
    bare = Collection(
        slug="gifts", title=gifts.title, description=gifts.description, image="/g.svg", seo=gifts.seo, version=1
    )
    assert await shop.taxonomy.collections() == (blue, bare)
    assert await shop.taxonomy.collection("gifts") == gifts
    assert await shop.taxonomy.collection("blue") == blue
    assert await shop.taxonomy.collection("absent") is None
    assert await shop.events() == [("CollectionChanged", "gifts", 1), ("Changed", "blue", 1)]


async def test_a_collection_is_written_and_dropped_at_its_version(shop: Lab) -> None:
    await shop.put_collection("gifts")
    before = await shop.picture()
    for version in (1, 3):
        with pytest.raises(StaleWrite):
            await shop.put_collection("gifts", version, products=("x",))
    for slug, version in (("gifts", 2), ("absent", 1)):
        with pytest.raises(StaleWrite):
            await shop.taxonomy.drop_collection(slug, version, shop.event(slug, version + 1))
    assert await shop.picture() == before
    await shop.put_collection("gifts", 2, products=("x",))
    await shop.taxonomy.drop_collection("gifts", 2, shop.event("gifts", 3, "Dropped"))
    assert (await shop.taxonomy.collections(), await shop.taxonomy.collection("gifts")) == ((), None)
    await shop.put_collection("gifts")
    assert await shop.events() == [
        ("Changed", "gifts", 1),
        ("Changed", "gifts", 2),
        ("Dropped", "gifts", 3),
        ("Changed", "gifts", 1),
    ]


async def test_members_are_listed_as_a_page_is(shop: Lab) -> None:
    await shop.put_collection("blue", rule=RULE)
    mug, lamp, cup = shop.product("mug"), shop.product("lamp", channels=("app",)), shop.product("cup")
    draft = shop.product("draft", status="draft", channels=())
    await shop.write(mug, lamp, cup, draft, shop.product("outside"))
    await shop.taxonomy.set_members({one.id: (1, ["blue"]) for one in (mug, lamp, cup, draft)})
    assert await shop.members("blue", channel="app") == ["cup", "lamp", "mug"]
    assert await shop.members("blue", channel="web") == ["cup", "mug"]
    first = await shop.taxonomy.members("blue", limit=1, before=None, channel="web")
    assert slugs(first) == ["cup"]
    assert await shop.members("blue", before=first[0].position) == ["mug"]
    assert await shop.members("absent") == []


async def test_a_product_belongs_to_the_collections_named_last_and_to_no_other(shop: Lab) -> None:
    for slug in ("blue", "cheap", "new"):
        await shop.put_collection(slug, rule=RULE)
    mug = shop.product("mug")
    await shop.write(mug)
    await shop.taxonomy.set_members({mug.id: (1, ["blue", "cheap"])})
    await shop.taxonomy.set_members({mug.id: (1, ["cheap", "new"])})
    assert [await shop.members(slug) for slug in ("blue", "cheap", "new")] == [[], ["mug"], ["mug"]]
    await shop.taxonomy.set_members({mug.id: (2, [])})
    assert [await shop.members(slug) for slug in ("blue", "cheap", "new")] == [[], [], []]


async def test_a_membership_as_of_a_later_version_stays(shop: Lab) -> None:
    await shop.put_collection("blue", rule=RULE)
    await shop.put_collection("cheap", rule=RULE)
    mug = shop.product("mug")
    await shop.write(mug)
    await shop.taxonomy.set_members({mug.id: (3, ["blue"])})
    await shop.taxonomy.set_members({mug.id: (2, ["cheap"])})
    assert (await shop.members("blue"), await shop.members("cheap")) == (["mug"], [])


async def test_unknown_products_and_collections_are_passed_over(shop: Lab) -> None:
    await shop.put_collection("blue", rule=RULE)
    await shop.put_collection("by-hand", products=("mug",))
    mug = shop.product("mug")
    await shop.write(mug)
    await shop.taxonomy.set_members(
        {shop.new_id(): (1, ["blue"]), "no id": (1, ["blue"]), mug.id: (1, ["blue", "absent", "by-hand"])}
    )
    await shop.taxonomy.set_members({})
    assert [await shop.members(slug) for slug in ("blue", "absent", "by-hand")] == [["mug"], [], []]


async def test_members_stay_when_their_product_changes_and_leave_when_it_is_not_sold(shop: Lab) -> None:
    await shop.put_collection("blue", rule=RULE)
    mug = shop.product("mug")
    await shop.write(mug)
    await shop.taxonomy.set_members({mug.id: (1, ["blue"])})
    second = following(mug, channels=("app",))
    await shop.write(second)
    assert (await shop.members("blue"), await shop.members("blue", channel="app")) == ([], ["mug"])
    third = following(second, status="archived", channels=())
    await shop.write(third)
    assert await shop.members("blue", channel="app") == []
    await shop.write(following(third, status="active", channels=("*",)))
    assert await shop.members("blue") == ["mug"]


async def test_a_collection_without_its_rule_has_lost_what_the_rule_gathered(shop: Lab) -> None:
    await shop.put_collection("blue", rule=RULE)
    await shop.put_collection("cheap", rule=RULE)
    mug, draft = shop.product("mug"), shop.product("draft", status="draft", channels=())
    await shop.write(mug, draft)
    await shop.taxonomy.set_members({one.id: (1, ["blue", "cheap"]) for one in (mug, draft)})
    await shop.put_collection("blue", 2, products=("mug",))
    await shop.put_collection("blue", 3, rule=RULE)
    await shop.write(following(draft, status="active", channels=("*",)))
    assert (await shop.members("blue"), await shop.members("cheap")) == ([], ["draft", "mug"])
    await shop.taxonomy.drop_collection("cheap", 1, shop.event("cheap", 2))
    await shop.put_collection("cheap", rule=RULE)
    assert await shop.members("cheap") == []
    await shop.taxonomy.set_members({mug.id: (1, ["blue", "cheap"])})
    assert (await shop.members("blue"), await shop.members("cheap")) == (["mug"], ["mug"])
