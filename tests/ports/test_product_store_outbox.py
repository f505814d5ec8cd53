"""Contract of every catalogue's outbox: facts come oldest first, in order per subject, and stay until they are trimmed."""

from renga.domains.catalog.contract import Condition, Rule
from tests.ports.product_stores import Lab, following

RULE = Rule(conditions=(Condition(field="brand", op="is", value="x"),))


async def test_an_event_is_read_as_it_was_told(shop: Lab) -> None:
    mug = shop.product("mug")
    change = shop.change(mug, "ProductPublished", "PriceChanged")
    await shop.products.write([change])
    assert shop.outbox.name == "catalog"
    assert [pending.event for pending in await shop.outbox.read(10)] == list(change.events)


async def test_events_of_every_kind_come_oldest_first(shop: Lab) -> None:
    mug, lamp = shop.product("mug"), shop.product("lamp")
    await shop.put_category("table")
    await shop.write(mug, lamp)
    await shop.put_type("cup")
    await shop.write(following(mug))
    await shop.put_collection("blue", rule=RULE)
    await shop.put_category("table", 2)
    await shop.write(following(lamp), following(following(mug)))
    told = [(subject, sequence) for _, subject, sequence in await shop.events()]
    assert told == [
        ("table", 1),
        (mug.id, 1),
        (lamp.id, 1),
        ("cup", 1),
        (mug.id, 2),
        ("blue", 1),
        ("table", 2),
        (lamp.id, 2),
        (mug.id, 3),
    ]
    for limit in range(len(told) + 1):
        part = [(one.event.subject, one.event.sequence) for one in await shop.outbox.read(limit or 1)]
        assert part == told[: limit or 1]


async def test_only_what_is_trimmed_is_gone(shop: Lab) -> None:
    mug, lamp = shop.product("mug"), shop.product("lamp")
    await shop.products.write([shop.change(mug, "One", "Two", "Three"), shop.change(lamp, "Four")])
    before = await shop.products.scan(after=0, limit=10)
    waiting = await shop.outbox.read(10)
    assert len({pending.position for pending in waiting}) == 4
    await shop.outbox.trim([])
    await shop.outbox.trim([waiting[1].position, waiting[3].position])
    assert await shop.outbox.read(10) == [waiting[0], waiting[2]]
    await shop.outbox.trim([waiting[1].position])
    await shop.products.write([shop.change(following(mug), "Five")])
    assert [name for name, *_ in await shop.events()] == ["One", "Three", "Five"]
    await shop.forget_events()
    assert await shop.outbox.read(10) == []
    assert await shop.products.scan(after=0, limit=1) != before[:1]
    assert (await shop.products.by_slug(["mug", "lamp"])) == {"mug": following(mug), "lamp": lamp}


async def test_a_position_is_never_given_twice(shop: Lab) -> None:
    seen: list[int] = []
    mug = shop.product("mug")
    for _ in range(3):
        await shop.write(mug)
        seen += [int(pending.position) for pending in await shop.outbox.read(10)]
        await shop.forget_events()
        mug = following(mug)
    assert seen == sorted(set(seen))


async def test_what_was_dropped_still_tells_that_it_was(shop: Lab) -> None:
    await shop.put_category("table")
    await shop.put_collection("blue")
    await shop.put_type("cup")
    await shop.forget_events()
    await shop.taxonomy.drop_category("table", 1, shop.event("table", 2, "A"))
    await shop.taxonomy.drop_collection("blue", 1, shop.event("blue", 2, "B"))
    await shop.taxonomy.drop_product_type("cup", 1, shop.event("cup", 2, "C"))
    assert await shop.events() == [("A", "table", 2), ("B", "blue", 2), ("C", "cup", 2)]
    nothing = ((), (), ())
    assert (
        await shop.taxonomy.categories(),
        await shop.taxonomy.collections(),
        await shop.taxonomy.product_types(),
    ) == nothing
    assert await shop.taxonomy.collection("blue") is None
    await shop.forget_events()
    assert await shop.events() == []
    for put in (shop.put_category, shop.put_collection, shop.put_type):
        await put("again")
    assert [sequence for _, _, sequence in await shop.events()] == [1, 1, 1]
