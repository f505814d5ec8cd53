"""The inventory against a naive model of it: any sequence of steps leaves both with the same numbers."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renga.domains.inventory.contract import NewReservation, NotEnoughStock, Reservation, ReservationState
from renga.domains.inventory.contract.levels import Backorder, LevelUpdate, StockLocation
from renga.domains.inventory.expire_due import expire_due
from renga.domains.inventory.local import LocalStock
from renga.kernel.clock import ManualClock
from tests import proof
from tests.inventory.shelves import KEEPER, ORDERS, Shelves, Skus, wanted

pytestmark = pytest.mark.proof

SKUS = ("CUP", "MUG")
PLACES = ("a", "b")
#: What a bundle consists of, in units.
SET = {"CUP": 1, "MUG": 2}

STEPS = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(SKUS), st.sampled_from(PLACES), st.integers(0, 9)),
    st.tuples(st.just("safety"), st.sampled_from(SKUS), st.sampled_from(PLACES), st.integers(0, 3)),
    st.tuples(st.just("reserve"), st.sampled_from((*SKUS, "SET")), st.sampled_from((*SKUS, "SET")), st.integers(1, 4)),
    st.tuples(st.sampled_from(("commit", "release", "fulfil")), st.integers(0, 5)),
    st.tuples(st.just("wait"), st.integers(1, 90)),
    st.tuples(st.just("backorder"), st.sampled_from(SKUS), st.sampled_from((None, 0, 3))),
)


class NaiveStock:
    """Sums only: it does not know where anything is, and has no promises of its own beyond a number."""

    def __init__(self) -> None:
        self.on_hand: dict[tuple[str, str], int] = {}
        self.safety: dict[tuple[str, str], int] = {}
        self.limit: dict[str, int] = {}
        self.reservations: dict[str, tuple[str, Counter[str], int]] = {}

    def demand(self, lines: list[tuple[str, int]]) -> Counter[str]:
        total = Counter[str]()
        for sku, units in lines:
            for part, pieces in SET.items() if sku == "SET" else ((sku, 1),):
                total[part] += pieces * units
        return total

    def counted(self) -> set[str]:
        return {sku for sku, _ in self.on_hand}

    def held(self, sku: str) -> int:
        return sum(n[sku] for state, n, _ in self.reservations.values() if state in ("pending", "committed"))


async def observed(shelves: Shelves) -> dict[str, tuple[int, int]]:
    """(on hand, held in any form) of each sku."""
    rows = await shelves.pool.fetch(
        "SELECT i.sku, (SELECT sum(on_hand) FROM inventory.levels l WHERE l.sku = i.sku), i.backordered + "
        "(SELECT sum(reserved) FROM inventory.levels l WHERE l.sku = i.sku) FROM inventory.items i"
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


class Run:
    """One sequence of steps, on both."""

    def __init__(self, stock: LocalStock, shelves: Shelves, clock: ManualClock, prefix: str) -> None:
        self.stock, self.shelves, self.clock, self.prefix = stock, shelves, clock, prefix
        self.naive = NaiveStock()
        self.names: list[str] = []

    async def step(self, step: tuple[Any, ...]) -> None:
        await getattr(self, step[0] if step[0] not in ("commit", "release", "fulfil") else "move")(*step)
        naive = self.naive
        for sku, (on_hand, held) in (await observed(self.shelves)).items():
            assert on_hand == 1000 * sum(n for (one, _), n in naive.on_hand.items() if one == sku)
            assert held == 1000 * naive.held(sku)
        assert await self.stock.verify(KEEPER) == []

    async def put(self, _: str, sku: str, place: str, units: int) -> None:
        await self.stock.set_level(KEEPER, sku, LevelUpdate(location=place, on_hand_milli=units * 1000))
        self.naive.on_hand[sku, place] = units

    async def safety(self, _: str, sku: str, place: str, units: int) -> None:
        await self.stock.set_level(KEEPER, sku, LevelUpdate(location=place, safety_milli=units * 1000))
        self.naive.on_hand.setdefault((sku, place), 0)
        self.naive.safety[sku, place] = units

    async def backorder(self, _: str, sku: str, limit: int | None) -> None:
        terms = Backorder(kind="none") if limit is None else Backorder(kind="backorder", limit_milli=limit * 1000)
        await self.stock.set_level(KEEPER, sku, LevelUpdate(location="a", backorder=terms))
        self.naive.on_hand.setdefault((sku, "a"), 0)
        self.naive.limit[sku] = limit or 0

    async def reserve(self, _: str, one: str, other: str, units: int) -> None:
        name = f"{self.prefix}-{len(self.names)}"
        lines = [(one, units), (other, 1)]
        new: NewReservation = wanted(*((sku, n * 1000) for sku, n in lines), key=name, expires_in_s=60)
        demand = self.naive.demand(lines)
        before = await self.stock.availability([*SKUS])
        try:
            made = await self.stock.reserve(ORDERS, new)
        except NotEnoughStock:
            assert any(sku in before and not before[sku].covers(n * 1000) for sku, n in demand.items())
            return
        assert isinstance(made, Reservation)
        counted = Counter({sku: n for sku, n in demand.items() if sku in self.naive.counted()})
        assert all(before[sku].covers(n * 1000) for sku, n in counted.items())
        self.names.append(name)
        self.naive.reservations[name] = ("pending", counted, self.clock.now_ms() + 60_000)

    async def move(self, move: str, at: int) -> None:
        if not self.names:
            return
        name = self.names[at % len(self.names)]
        state, counted, until_ms = self.naive.reservations[name]
        try:
            made = await getattr(self.stock, move)(ORDERS, name)
        except (ReservationState, NotEnoughStock):
            made = await self.stock.reservation(ORDERS, name)
            assert made.state == state
            return
        if move == "fulfil" and state == "committed":
            for line in made.lines:
                for one in line.allocations:
                    self.naive.on_hand[one.sku, one.location or ""] -= one.quantity_milli // 1000
        self.naive.reservations[name] = (made.state, counted, until_ms)
        allowed = {"commit": ("committed", "fulfilled"), "release": ("released", "expired"), "fulfil": ("fulfilled",)}
        assert made.state in allowed[move]

    async def wait(self, _: str, seconds: int) -> None:
        self.clock.advance(seconds=seconds)
        await expire_due(self.stock.dependencies)
        for name, (state, counted, until_ms) in self.naive.reservations.items():
            if state == "pending" and until_ms <= self.clock.now_ms():
                self.naive.reservations[name] = ("expired", counted, until_ms)


async def _empty(shelves: Shelves) -> None:
    """Another example begins with empty shelves; triggers do not run for a replica's deletes."""
    tables = ("waiting", "movements", "lots", "reservations", "levels", "items", "outbox")
    async with shelves.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table in tables:
            await connection.execute(f"DELETE FROM inventory.{table}")


@settings(
    max_examples=proof.count(small=15, full=150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=1, max_size=25))
async def test_any_sequence_of_steps_agrees_with_the_naive_model(
    stock: LocalStock, shelves: Shelves, clock: ManualClock, skus: Skus, steps: list[tuple[Any, ...]]
) -> None:
    await _empty(shelves)
    skus.bundles["SET"] = tuple(SET.items())
    for number, place in enumerate(PLACES):
        await stock.put_location(KEEPER, StockLocation(code=place, name=place, priority=number))
    run = Run(stock, shelves, clock, "example")
    for step in steps:
        await run.step(step)
