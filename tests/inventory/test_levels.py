"""Levels, movements, the journal, lots, locations, backorders: for those who keep stock."""

from typing import Any

import asyncpg
import msgspec
import pytest

from renga.domains.catalog.contract import SkuNotFound
from renga.domains.inventory.contract import (
    QUANTITY_MILLI_MAX,
    BundleNotCounted,
    LevelInvalid,
    LevelNotFound,
    LocationInvalid,
    LocationNotFound,
    NotEnoughStock,
    ReservationState,
    StockQuantityInvalid,
)
from renga.domains.inventory.contract.levels import Backorder, LevelUpdate, NewMovement, StockLocation
from renga.domains.inventory.local import LocalStock
from renga.kernel.caller import ANONYMOUS, InsufficientScope
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unauthenticated
from renga.kernel.once import IdempotencyConflict, Once
from tests.inventory.shelves import KEEPER, ORDERS, POTTER, Shelves, Skus, allocated


async def test_a_first_level_starts_the_counting(shelves: Shelves, stock: LocalStock) -> None:
    assert await stock.availability(["MUG"]) == {}
    with pytest.raises(LevelNotFound):
        await stock.level(KEEPER, "MUG")
    await shelves.put("MUG", 0.25)
    assert (await stock.availability(["MUG"]))["MUG"].available_milli == 250
    level = (await stock.level(KEEPER, "MUG")).locations[0]
    assert (level.location, level.on_hand_milli, level.reserved_milli, level.available_milli) == (
        "default",
        250,
        0,
        250,
    )
    await shelves.put("CUP", 0)
    assert [event.data["available_milli"] for event in await shelves.events()] == [250, 0]


async def test_what_was_set_already_says_nothing(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 5)
    await shelves.put("MUG", 5)
    assert await shelves.names() == ["StockReceived"]
    assert len((await stock.journal(KEEPER, "MUG")).items) == 1


async def test_safety_stock_is_never_sold(shelves: Shelves) -> None:
    await shelves.put("MUG", 5, safety_milli=3000)
    assert await shelves.available("MUG") == 2000
    with pytest.raises(NotEnoughStock):
        await shelves.reserve(("MUG", 3000))
    await shelves.reserve(("MUG", 2000))
    await shelves.adds_up()


async def test_the_journal_tells_every_change_with_reason_and_actor(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 5, reference="shelf 7")
    made = await shelves.reserve(("MUG", 2000))
    await stock.release(ORDERS, made.id)
    await stock.record(KEEPER, NewMovement(sku="MUG", quantity_milli=-1000, reason="damaged"))
    page = await stock.journal(KEEPER, "MUG", limit=3)
    assert [(one.reason, one.on_hand_milli, one.reserved_milli, one.actor) for one in page.items] == [
        ("damaged", -1000, 0, "system:keeper"),
        ("released", 0, -2000, "system:orders"),
        ("reserved", 0, 2000, "system:orders"),
    ]
    rest = await stock.journal(KEEPER, "MUG", cursor=page.next)
    assert [(one.reason, one.reference) for one in rest.items] == [("counted", "shelf 7")]
    await shelves.adds_up()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inventory.movements SET on_hand = 0",
        "DELETE FROM inventory.movements",
        "TRUNCATE inventory.movements",
    ],
)
async def test_the_database_refuses_to_change_the_journal(shelves: Shelves, statement: str) -> None:
    await shelves.put("MUG", 5)
    with pytest.raises(asyncpg.RaiseError, match="never changed"):
        await shelves.pool.execute(statement)


async def test_the_database_refuses_to_oversell(shelves: Shelves) -> None:
    await shelves.put("MUG", 5, safety_milli=1000)
    with pytest.raises(asyncpg.CheckViolationError):
        await shelves.pool.execute("UPDATE inventory.levels SET reserved = 4001")
    await shelves.pool.execute("UPDATE inventory.levels SET reserved = 4000")


async def test_a_level_that_does_not_add_up_is_found(shelves: Shelves, stock: LocalStock) -> None:
    for number in range(450):
        await shelves.pool.execute(
            "INSERT INTO inventory.items VALUES ($1, 'house', 0, 'none', NULL, 0, NULL, NULL)", f"S{number:03}"
        )
    await shelves.put("MUG", 5)
    await shelves.reserve(("MUG", 1000))
    await shelves.put("Z", 5)
    assert await stock.verify(KEEPER) == []
    await shelves.pool.execute("UPDATE inventory.levels SET on_hand = 6000 WHERE sku = 'Z'")
    await shelves.pool.execute("UPDATE inventory.levels SET reserved = 500 WHERE sku = 'MUG'")
    broken = await stock.verify(KEEPER)
    assert [(one.sku, one.on_hand_milli, one.journal_on_hand_milli) for one in broken] == [
        ("MUG", 5000, 5000),
        ("Z", 6000, 5000),
    ]
    assert (broken[0].reserved_milli, broken[0].journal_reserved_milli, broken[0].held_milli) == (500, 1000, 1000)


async def test_lost_goods_are_told_and_cannot_be_fulfilled(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 5)
    made = await shelves.reserve(("MUG", 5000))
    await stock.commit(ORDERS, made.id)
    await shelves.put("MUG", 3)
    assert await shelves.available("MUG") == 0
    with pytest.raises(NotEnoughStock) as refused:
        await stock.fulfil(ORDERS, made.id)
    assert refused.value.left["MUG"].available_milli == 3000
    assert (await stock.reservation(ORDERS, made.id)).state == "committed"
    await stock.release(ORDERS, made.id)
    assert await shelves.available("MUG") == 3000
    await shelves.adds_up()


async def test_more_than_there_is_does_not_go(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 5)
    with pytest.raises(NotEnoughStock):
        await stock.record(KEEPER, NewMovement(sku="MUG", quantity_milli=-6000, reason="lost"))
    assert await shelves.numbers("MUG") == {"default": (5000, 0)}


async def test_a_movement_is_recorded_once_per_key(shelves: Shelves, stock: LocalStock) -> None:
    movement = NewMovement(sku="MUG", quantity_milli=24_000, reason="received")
    once = Once(scope="ana", key="delivery-1", fingerprint=b"1")
    first = await stock.record(KEEPER, movement, once=once)
    assert await stock.record(KEEPER, movement, once=once) == first
    assert once.replay.happened
    assert await shelves.numbers("MUG") == {"default": (24_000, 0)}
    with pytest.raises(IdempotencyConflict):
        await stock.record(KEEPER, movement, once=Once(scope="ana", key="delivery-1", fingerprint=b"2"))


async def test_answers_are_forgotten_after_a_day(shelves: Shelves, stock: LocalStock, clock: ManualClock) -> None:
    movement = NewMovement(sku="MUG", quantity_milli=1000, reason="received")
    await stock.record(KEEPER, movement, once=Once(scope="ana", key="k", fingerprint=b"1"))
    clock.advance(seconds=24 * 3600)
    assert await stock.dependencies.store.forget_answers(clock.now_ms()) == 0
    clock.advance(ms=1)
    assert await stock.dependencies.store.forget_answers(clock.now_ms()) == 1


async def test_the_lot_that_expires_first_leaves_first(shelves: Shelves, stock: LocalStock) -> None:
    for lot, expires_on, amount in (("B", "2027-06-01", 2000), ("A", "2027-12-01", 2000), ("C", None, 2000)):
        await stock.record(
            KEEPER,
            NewMovement(sku="TEA", quantity_milli=amount, reason="received", lot=lot, expires_on=expires_on),
        )
    made = await shelves.reserve(("TEA", 3000))
    await stock.commit(ORDERS, made.id)
    await stock.fulfil(ORDERS, made.id)
    lots = (await stock.level(KEEPER, "TEA")).locations[0].lots
    assert [(one.lot, one.on_hand_milli) for one in lots] == [("A", 1000), ("C", 2000)]
    entries = (await stock.journal(KEEPER, "TEA", limit=2)).items
    assert [(one.lot, one.on_hand_milli) for one in entries] == [("A", -1000), ("B", -2000)]
    with pytest.raises(NotEnoughStock):
        await stock.record(KEEPER, NewMovement(sku="TEA", quantity_milli=-1001, reason="damaged", lot="A"))
    await shelves.put("TEA", 1.5)
    lots = (await stock.level(KEEPER, "TEA")).locations[0].lots
    assert [(one.lot, one.on_hand_milli) for one in lots] == [("C", 1500)]
    await shelves.adds_up()


async def test_a_backorder_is_promised_up_to_its_limit(shelves: Shelves, stock: LocalStock) -> None:
    terms = Backorder(kind="backorder", limit_milli=3000, from_at="2027-03-01T00:00:00.000Z")
    await shelves.put("MUG", 1, backorder=terms)
    found = (await stock.availability(["MUG"]))["MUG"]
    assert (found.available_milli, found.backorder, found.backorder_milli) == (1000, True, 3000)
    assert found.from_at == "2027-03-01T00:00:00.000Z"
    assert (found.covers(4000), found.covers(4001)) == (True, False)
    made = await shelves.reserve(("MUG", 2000))
    assert allocated(made) == [("MUG", "default", 1000), ("MUG", None, 1000)]
    await shelves.reserve(("MUG", 2000))
    with pytest.raises(NotEnoughStock):
        await shelves.reserve(("MUG", 1000))
    assert (await stock.availability(["MUG"]))["MUG"].backorder is False
    await shelves.adds_up()


async def test_stock_that_comes_goes_to_the_oldest_promise(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 0, backorder=Backorder(kind="preorder"))
    one = await shelves.reserve(("MUG", 2000))
    two = await shelves.reserve(("MUG", 2000))
    await stock.commit(ORDERS, one.id)
    with pytest.raises(ReservationState, match="waits for stock"):
        await stock.fulfil(ORDERS, one.id)
    await shelves.put("MUG", 3)
    assert allocated(await stock.reservation(ORDERS, one.id)) == [("MUG", "default", 2000)]
    assert allocated(await stock.reservation(ORDERS, two.id)) == [("MUG", "default", 1000), ("MUG", None, 1000)]
    assert await shelves.available("MUG") == 0
    await stock.fulfil(ORDERS, one.id)
    await stock.release(ORDERS, two.id)
    assert (await stock.level(KEEPER, "MUG")).backordered_milli == 0
    assert await shelves.numbers("MUG") == {"default": (1000, 0)}
    assert await shelves.pool.fetchval("SELECT count(*) FROM inventory.waiting") == 0
    await shelves.adds_up()


async def test_what_is_given_back_goes_to_a_promise(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 1, backorder=Backorder(kind="backorder"))
    one = await shelves.reserve(("MUG", 1000))
    two = await shelves.reserve(("MUG", 1000))
    await stock.release(ORDERS, one.id)
    assert allocated(await stock.reservation(ORDERS, two.id)) == [("MUG", "default", 1000)]
    assert await shelves.available("MUG") == 0
    await shelves.adds_up()


async def test_locations_are_asked_by_policy(shelves: Shelves) -> None:
    await shelves.location("north", priority=1, country="BR", region="PE", postal_code="50030-230")
    await shelves.location("south", priority=2, country="BR", region="RS", postal_code="90010-000")
    await shelves.location("lisbon", priority=3, country="PT")
    for code in ("north", "south", "lisbon"):
        await shelves.put("MUG", 2, code)
    await shelves.put("CUP", 9, "lisbon")
    from renga.domains.inventory.contract import Destination

    def codes(made: Any) -> list[str | None]:
        return [location for _, location, _ in allocated(made)]

    assert codes(await shelves.reserve(("MUG", 1000))) == ["north"]
    to = Destination(country="BR", region="RS", postal_code="90020-111")
    assert codes(await shelves.reserve(("MUG", 1000), policy="nearest", destination=to)) == ["south"]
    assert codes(await shelves.reserve(("MUG", 1000), policy="nearest", destination=Destination(country="PT"))) == [
        "lisbon"
    ]
    few = await shelves.reserve(("MUG", 1000), ("CUP", 1000), policy="fewest_parcels")
    assert codes(few) == ["lisbon", "lisbon"]
    assert codes(await shelves.reserve(("MUG", 2000))) == ["north", "south"]
    with pytest.raises(NotEnoughStock):
        await shelves.reserve(("CUP", 9000), ("MUG", 1000), split=False)
    await shelves.adds_up()


async def test_without_split_everything_comes_from_one_location(shelves: Shelves) -> None:
    await shelves.location("a", priority=1)
    await shelves.location("b", priority=2)
    await shelves.put("MUG", 2, "a")
    await shelves.put("MUG", 3, "b")
    made = await shelves.reserve(("MUG", 3000), split=False)
    assert allocated(made) == [("MUG", "b", 3000)]
    with pytest.raises(NotEnoughStock) as refused:
        await shelves.reserve(("MUG", 3000), split=False)
    assert refused.value.left["MUG"].available_milli == 2000


async def test_a_reservation_moves_to_another_location(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.location("a", priority=1)
    await shelves.location("b", priority=2)
    await shelves.put("MUG", 2, "a")
    await shelves.put("MUG", 1, "b")
    made = await shelves.reserve(("MUG", 1000))
    moved = await stock.move(ORDERS, made.id, source="a", target="b")
    assert allocated(moved) == [("MUG", "b", 1000)]
    assert await shelves.numbers("MUG") == {"a": (2000, 0), "b": (1000, 1000)}
    more = await shelves.reserve(("MUG", 1000))
    with pytest.raises(NotEnoughStock):
        await stock.move(ORDERS, more.id, source="a", target="b")
    for source, target in (("b", "a"), ("a", "moon")):
        with pytest.raises(LocationNotFound):
            await stock.move(ORDERS, more.id, source=source, target=target)
    await stock.release(ORDERS, more.id)
    with pytest.raises(ReservationState):
        await stock.move(ORDERS, more.id, source="a", target="b")
    await shelves.adds_up()


async def test_an_inactive_location_sells_nothing(shelves: Shelves) -> None:
    await shelves.location("shop")
    await shelves.put("MUG", 5, "shop")
    await shelves.location("shop", active=False)
    assert await shelves.available("MUG") == 0
    await shelves.location("shop", active=True)
    assert await shelves.available("MUG") == 5000
    names = ["StockReceived", "StockAdjusted", "StockDepleted", "StockAdjusted", "BackInStock"]
    assert await shelves.names() == names


async def test_a_bundle_has_what_its_scarcest_part_allows(shelves: Shelves, skus: Skus, stock: LocalStock) -> None:
    skus.bundles["SET"] = (("MUG", 2), ("CUP", 1))
    await shelves.put("MUG", 5)
    await shelves.put("CUP", 9)
    assert (await stock.availability(["SET"]))["SET"].available_milli == 2000
    made = await shelves.reserve(("SET", 2000), ("MUG", 1000))
    assert allocated(made) == [("MUG", "default", 4000), ("CUP", "default", 2000), ("MUG", "default", 1000)]
    with pytest.raises(NotEnoughStock) as refused:
        await shelves.reserve(("SET", 1000))
    assert refused.value.left["SET"].available_milli == 0
    with pytest.raises(BundleNotCounted):
        await shelves.put("SET", 5)
    await shelves.adds_up()


async def test_a_bundle_and_its_part_share_the_stock_of_one_reservation(shelves: Shelves, skus: Skus) -> None:
    skus.bundles["SET"] = (("MUG", 2),)
    await shelves.put("MUG", 3)
    with pytest.raises(NotEnoughStock):
        await shelves.reserve(("SET", 1000), ("MUG", 2000))
    made = await shelves.reserve(("SET", 1000), ("MUG", 2000), all_or_nothing=False)
    assert [line.reserved_milli for line in made.lines] == [1000, 1000]


async def test_a_merchant_keeps_their_own_stock_only(shelves: Shelves, skus: Skus, stock: LocalStock) -> None:
    skus.merchants |= {"POT": "pottery", "TEA": "teas"}
    await shelves.put("TEA", 5)
    await stock.set_level(POTTER, "POT", LevelUpdate(on_hand_milli=200_000))
    assert (await stock.level(POTTER, "POT")).merchant == "pottery"
    skus.unknown.add("NOTHING")
    for sku in ("TEA", "NOTHING"):
        with pytest.raises(SkuNotFound):
            await stock.set_level(POTTER, sku, LevelUpdate(on_hand_milli=1))
        with pytest.raises(SkuNotFound):
            await stock.level(POTTER, sku)
        with pytest.raises(SkuNotFound):
            await stock.journal(POTTER, sku)
    assert [one.sku for one in (await stock.levels(POTTER)).items] == ["POT"]
    assert [one.sku for one in (await stock.levels(KEEPER)).items] == ["POT", "TEA"]
    for caller, known in ((ANONYMOUS, 99_000), (POTTER, 200_000), (KEEPER, 200_000)):
        assert (await stock.public_availability(caller, ["POT"]))["POT"].available_milli == known
    await shelves.put("TEA", 500)
    assert (await stock.public_availability(POTTER, ["TEA"]))["TEA"].available_milli == 99_000
    with pytest.raises(InsufficientScope):
        await stock.set_level(ORDERS, "TEA", LevelUpdate(on_hand_milli=1))
    with pytest.raises(Unauthenticated):
        await stock.levels(ANONYMOUS)


async def test_a_merchants_location_is_theirs(shelves: Shelves, skus: Skus, stock: LocalStock) -> None:
    skus.merchants |= {"POT": "pottery"}
    kiln = StockLocation(code="kiln", name="Kiln", merchant="pottery")
    await stock.put_location(POTTER, kiln)
    await stock.set_level(POTTER, "POT", LevelUpdate(location="kiln", on_hand_milli=1000))
    with pytest.raises(InsufficientScope):
        await stock.put_location(POTTER, StockLocation(code="attic", name="Attic"))
    with pytest.raises(LocationNotFound):
        await stock.put_location(POTTER, StockLocation(code="cellar", name="Cellar", merchant="teas"))
    with pytest.raises(LocationInvalid):
        await stock.put_location(KEEPER, StockLocation(code="kiln", name="Kiln", merchant="teas"))
    assert [one.code for one in await stock.locations(POTTER)] == ["default", "kiln"]


async def test_low_stock_is_listed(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 2, low_milli=2000)
    await shelves.put("CUP", 3, low_milli=2000)
    await shelves.put("POT", 0)
    assert [one.sku for one in (await stock.levels(KEEPER, low=True)).items] == ["MUG"]
    page = await stock.levels(KEEPER, limit=2)
    assert ([one.sku for one in page.items], page.next) == (["CUP", "MUG"], "MUG")
    assert [one.sku for one in (await stock.levels(KEEPER, cursor=page.next)).items] == ["POT"]


@pytest.mark.parametrize(
    ("update", "error"),
    [
        (LevelUpdate(on_hand_milli=-1), StockQuantityInvalid),
        (LevelUpdate(on_hand_milli=10**12), StockQuantityInvalid),
        (LevelUpdate(safety_milli=-1), StockQuantityInvalid),
        (LevelUpdate(backorder=Backorder(kind="backorder", limit_milli=-1)), StockQuantityInvalid),
        (LevelUpdate(backorder=Backorder(kind="preorder", from_at="soon")), LevelInvalid),
        (LevelUpdate(backorder=Backorder(kind="preorder", from_at="9999-12-31T23:59:59.999-01:00")), LevelInvalid),
        (LevelUpdate(backorder=Backorder(kind="preorder", from_at="0001-01-01T00:00:00+05:00")), LevelInvalid),
        (LevelUpdate(location="nowhere"), LocationNotFound),
        (LevelUpdate(on_hand_milli=1, reference="a\x00b"), LevelInvalid),
    ],
)
async def test_what_is_no_level_is_refused(
    shelves: Shelves, stock: LocalStock, update: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await stock.set_level(KEEPER, "MUG", update)
    assert await shelves.numbers("MUG") == {}


@pytest.mark.parametrize(
    ("movement", "error"),
    [
        (NewMovement(sku="MUG", quantity_milli=1, reason="received", lot="L", expires_on="2030-13-45"), LevelInvalid),
        (NewMovement(sku="MUG", quantity_milli=1, reason="received", lot="L", expires_on="2030-02-30"), LevelInvalid),
        (NewMovement(sku="MUG", quantity_milli=1, reason="received", lot="L", expires_on="20300630"), LevelInvalid),
        (NewMovement(sku="MUG", quantity_milli=1, reason="received", lot="L", expires_on=""), LevelInvalid),
        (NewMovement(sku="MUG", quantity_milli=1, reason="received", expires_on="2030-06-30"), LevelInvalid),
        (NewMovement(sku="MUG", quantity_milli=1, reason="received", lot=""), LevelInvalid),
        (NewMovement(sku="MUG", quantity_milli=1, reason="received", lot=" "), LevelInvalid),
        (NewMovement(sku="MUG", quantity_milli=0, reason="received"), LevelInvalid),
        (NewMovement(sku="MUG", quantity_milli=QUANTITY_MILLI_MAX + 1, reason="received"), StockQuantityInvalid),
    ],
)
async def test_what_is_no_movement_is_refused(
    shelves: Shelves, stock: LocalStock, movement: NewMovement, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await stock.record(KEEPER, movement)
    assert await shelves.numbers("MUG") == {}


async def test_movements_do_not_lift_a_level_above_what_can_be_set(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", QUANTITY_MILLI_MAX / 1000)
    with pytest.raises(StockQuantityInvalid):
        await stock.record(KEEPER, NewMovement(sku="MUG", quantity_milli=1, reason="received"))
    assert await shelves.available("MUG") == QUANTITY_MILLI_MAX


async def test_a_lot_has_one_expiry_date(shelves: Shelves, stock: LocalStock) -> None:
    lot = NewMovement(sku="MUG", quantity_milli=1000, reason="received", lot="L", expires_on="2030-06-30")
    await stock.record(KEEPER, lot)
    await stock.record(KEEPER, lot)
    await stock.record(KEEPER, msgspec.structs.replace(lot, expires_on=None))
    with pytest.raises(LevelInvalid, match="expires on 2030-06-30"):
        await stock.record(KEEPER, msgspec.structs.replace(lot, expires_on="2031-06-30"))
    assert await shelves.available("MUG") == 3000
