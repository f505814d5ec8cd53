"""Reservations: what they hold, their states, and what others are told."""

import asyncio
from typing import Any, get_args

import pytest

from renga.domains.inventory.contract import (
    NotEnoughStock,
    ReservationInvalid,
    ReservationNotFound,
    ReservationState,
    ReservationStatus,
    StockQuantityInvalid,
)
from renga.domains.inventory.expire_due import expire_due
from renga.domains.inventory.local import LocalStock
from renga.domains.inventory.model.states import DONE, MOVES, next_state
from renga.kernel.caller import ANONYMOUS, InsufficientScope
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unauthenticated
from renga.kernel.once import IdempotencyConflict
from tests.inventory.shelves import KEEPER, ORDERS, Shelves, Skus, allocated, wanted


async def test_a_reservation_takes_from_what_is_available(shelves: Shelves) -> None:
    await shelves.put("MUG", 50)
    made = await shelves.reserve(("MUG", 3000))
    assert (made.state, made.version, made.short) == ("pending", 1, False)
    assert allocated(made) == [("MUG", "default", 3000)]
    assert await shelves.numbers("MUG") == {"default": (50_000, 3000)}
    assert await shelves.available("MUG") == 47_000
    await shelves.adds_up()


async def test_parts_of_a_unit_are_reserved_exactly(shelves: Shelves) -> None:
    await shelves.put("TEA", 0.75)
    await shelves.reserve(("TEA", 250))
    await shelves.reserve(("TEA", 500))
    assert await shelves.available("TEA") == 0
    with pytest.raises(NotEnoughStock):
        await shelves.reserve(("TEA", 1))


async def test_all_or_nothing_leaves_everything_as_it_was(shelves: Shelves) -> None:
    await shelves.put("MUG", 50)
    await shelves.put("CUP", 1)
    before = await shelves.names()
    with pytest.raises(NotEnoughStock) as refused:
        await shelves.reserve(("MUG", 3000), ("CUP", 2000))
    assert refused.value.extra == {"left": [{"sku": "CUP", "wanted": 2.0, "available": 1.0}]}
    assert await shelves.numbers("MUG") == {"default": (50_000, 0)}
    assert await shelves.names() == before


async def test_best_effort_takes_what_there_is_in_whole_units(shelves: Shelves) -> None:
    await shelves.put("MUG", 2.5)
    await shelves.put("CUP", 9)
    made = await shelves.reserve(("MUG", 3000), ("CUP", 1000), all_or_nothing=False)
    assert [(line.reserved_milli, line.short_milli) for line in made.lines] == [(2000, 1000), (1000, 0)]
    assert made.short
    await shelves.put("POT", 0)
    with pytest.raises(NotEnoughStock):
        await shelves.reserve(("POT", 1000), all_or_nothing=False)
    await shelves.adds_up()


async def test_a_sku_that_is_not_counted_is_never_short(shelves: Shelves) -> None:
    await shelves.put("MUG", 1)
    made = await shelves.reserve(("MUG", 1000), ("EBOOK", 99_000))
    assert [(line.sku, line.counted, line.short_milli) for line in made.lines] == [
        ("MUG", True, 0),
        ("EBOOK", False, 0),
    ]
    assert "EBOOK" not in await shelves.stock.availability(["EBOOK", "MUG"])


async def test_the_same_key_answers_with_the_same_reservation(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 5)
    new = wanted(("MUG", 2000), key="attempt-1")
    first, second = await asyncio.gather(stock.reserve(ORDERS, new), stock.reserve(ORDERS, new))
    assert first == second == await stock.reserve(ORDERS, new)
    assert await shelves.available("MUG") == 3000
    with pytest.raises(IdempotencyConflict):
        await stock.reserve(ORDERS, wanted(("MUG", 1000), key="attempt-1"))
    await stock.release(ORDERS, "attempt-1")
    assert (await stock.reserve(ORDERS, new)).state == "released"
    assert await shelves.available("MUG") == 5000


async def test_two_processes_with_one_key_make_one_reservation(shelves: Shelves, pool: Any, skus: Skus) -> None:
    from renga.domains.inventory.opening import stock_on_postgres
    from renga.kernel.clock import SystemClock
    from renga.kernel.ids import id_source

    await shelves.put("MUG", 50)
    both = [
        stock_on_postgres(pool, skus, clock=SystemClock(), new_id=id_source(SystemClock()), secret=b"s" * 32)
        for _ in range(2)
    ]
    for number in range(10):
        new = wanted(("MUG", 1000), ("UNCOUNTED", 1000), key=f"same-{number}")
        first, second = await asyncio.gather(*(one.reserve(ORDERS, new) for one in both))
        assert first.id == second.id
    assert await shelves.available("MUG") == 40_000


async def test_a_reservation_is_committed_and_fulfilled_once(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 5)
    made = await shelves.reserve(("MUG", 2000), key="k")
    assert (await stock.commit(ORDERS, made.id)).state == "committed"
    assert (await stock.commit(ORDERS, "k")).version == 2
    assert (await stock.fulfil(ORDERS, "k")).state == "fulfilled"
    assert (await stock.fulfil(ORDERS, "k")).version == 3
    assert await shelves.numbers("MUG") == {"default": (3000, 0)}
    assert await shelves.names() == ["StockReceived", "StockReserved", "StockCommitted"]
    assert [(e.subject, e.sequence) for e in (await shelves.events())[1:]] == [(made.id, 1), (made.id, 2)]
    await shelves.adds_up()


async def test_illegal_moves_are_refused_with_the_state(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 5)
    await shelves.reserve(("MUG", 2000), key="k")
    with pytest.raises(ReservationState) as refused:
        await stock.fulfil(ORDERS, "k")
    assert refused.value.extra == {"state": "pending"}
    await stock.commit(ORDERS, "k")
    await stock.fulfil(ORDERS, "k")
    with pytest.raises(ReservationState):
        await stock.release(ORDERS, "k")
    with pytest.raises(ReservationNotFound):
        await stock.commit(ORDERS, "unknown")


def test_every_state_and_move_has_an_answer() -> None:
    for state in get_args(ReservationStatus):
        for move in DONE:
            if state in DONE[move]:
                assert next_state(state, move) is None
            elif (state, move) in MOVES:
                assert next_state(state, move) == MOVES[state, move]
            else:
                with pytest.raises(ReservationState):
                    next_state(state, move)


async def test_a_deadline_gives_back_exactly_once(shelves: Shelves, stock: LocalStock, clock: ManualClock) -> None:
    await shelves.put("MUG", 5)
    await shelves.reserve(("MUG", 5000), key="k", expires_in_s=60)
    await shelves.reserve(("UNCOUNTED", 1000), key="nothing", expires_in_s=60)
    assert await expire_due(stock.dependencies) == 0
    clock.advance(seconds=60)
    assert sum(await asyncio.gather(*(expire_due(stock.dependencies) for _ in range(3)))) >= 2
    assert await expire_due(stock.dependencies) == 0
    assert (await shelves.names()).count("StockReleased") == 1
    assert (await shelves.names()).count("BackInStock") == 1
    assert await shelves.available("MUG") == 5000
    assert (await stock.release(ORDERS, "k")).state == "expired"
    with pytest.raises(ReservationState):
        await stock.commit(ORDERS, "k")
    await shelves.adds_up()


async def test_what_is_committed_does_not_expire(shelves: Shelves, stock: LocalStock, clock: ManualClock) -> None:
    await shelves.put("MUG", 5)
    await shelves.reserve(("MUG", 1000), key="k", expires_in_s=60)
    clock.advance(seconds=61)
    # the deadline has passed, but nobody has given it back: the payment was slow, and the stock is still there
    assert (await stock.commit(ORDERS, "k")).state == "committed"
    assert await expire_due(stock.dependencies) == 0
    assert await shelves.available("MUG") == 4000


async def test_turning_points_are_told_once_per_change(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 5, low_milli=2000)
    one = await shelves.reserve(("MUG", 3000))
    two = await shelves.reserve(("MUG", 2000))
    await stock.release(ORDERS, two.id)
    await stock.release(ORDERS, one.id)
    assert await shelves.names() == [
        "StockReceived",
        *("StockReserved", "StockLow"),
        *("StockReserved", "StockDepleted"),
        *("StockReleased", "BackInStock"),
        "StockReleased",
    ]
    of_sku = [event.sequence for event in await shelves.events() if event.subject == "MUG"]
    assert of_sku == sorted(set(of_sku))


async def test_only_who_may_reserve_does(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 5)
    with pytest.raises(InsufficientScope):
        await stock.reserve(KEEPER, wanted(("MUG", 1000)))
    with pytest.raises(Unauthenticated):
        await stock.reserve(ANONYMOUS, wanted(("MUG", 1000)))
    made = await shelves.reserve(("MUG", 1000))
    for act in (stock.reservation, stock.commit, stock.release, stock.fulfil):
        with pytest.raises(InsufficientScope):
            await act(KEEPER, made.id)
    assert await shelves.available("MUG") == 4000


@pytest.mark.parametrize(
    ("new", "error"),
    [
        (wanted(), ReservationInvalid),
        (wanted(("MUG", 0)), StockQuantityInvalid),
        (wanted(("MUG", -1000)), StockQuantityInvalid),
        (wanted(("MUG\x00", 1000)), ReservationInvalid),
        (wanted(("MUG", 1000), key="a\nb"), ReservationInvalid),
        (wanted(("MUG", 1000), expires_in_s=0), ReservationInvalid),
        (wanted(*[("MUG", 1)] * 501), ReservationInvalid),
    ],
)
async def test_what_is_no_reservation_is_refused(stock: LocalStock, new: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        await stock.reserve(ORDERS, new)


async def test_one_bad_request_of_a_batch_refuses_nobody_else(shelves: Shelves, stock: LocalStock) -> None:
    await shelves.put("MUG", 3)
    answers = await asyncio.gather(
        *(stock.reserve(ORDERS, wanted(("MUG", amount))) for amount in (2000, 2000, 1000)), return_exceptions=True
    )
    assert [type(one).__name__ for one in answers] == ["Reservation", "NotEnoughStock", "Reservation"]
    assert await shelves.available("MUG") == 0
