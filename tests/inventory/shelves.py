"""Shared by the inventory's tests: skus of a catalogue in memory, callers, and stock on the shelves."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import asyncpg

from renga.domains.inventory.contract import ALL_LEVELS, OWN_LEVELS, RESERVING, NewReservation, Reservation, WantedLine
from renga.domains.inventory.contract.levels import LevelUpdate, StockLocation
from renga.domains.inventory.local import LocalStock
from renga.domains.inventory.model.allocating import Parts
from renga.domains.inventory.ports import SkuOwner
from renga.kernel.caller import Caller
from renga.kernel.events import Event, decode

ORDERS = Caller.of_system("orders", RESERVING)
KEEPER = Caller.of_system("keeper", ALL_LEVELS)
POTTER = Caller("ana", frozenset({OWN_LEVELS}), frozenset({"pottery"}))

_keys = count(1)


class Skus:
    """Compositions in memory: every sku exists and is the house's unless said otherwise."""

    def __init__(self) -> None:
        self.bundles: dict[str, Parts] = {}
        self.merchants: dict[str, str] = {}
        self.unknown: set[str] = set()

    async def parts(self, skus: Sequence[str]) -> Mapping[str, Parts]:
        return {sku: self.bundles[sku] for sku in skus if sku in self.bundles}

    async def owners(self, skus: Sequence[str]) -> Mapping[str, SkuOwner]:
        known = [sku for sku in skus if sku not in self.unknown]
        return {sku: SkuOwner(self.merchants.get(sku, "house"), sku in self.bundles) for sku in known}

    async def countable(self) -> Sequence[str]:
        return [sku for sku in self.merchants if sku not in self.bundles]


def wanted(*lines: tuple[str, int], key: str | None = None, **terms: Any) -> NewReservation:
    """A reservation of these lines (sku, thousandths)."""
    key = key or f"key-{next(_keys)}"
    return NewReservation(reference="checkout:1", lines=tuple(WantedLine(*line) for line in lines), key=key, **terms)


class Shelves:
    """What a test puts on the shelves and finds there."""

    def __init__(self, stock: LocalStock, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self.stock, self.pool = stock, pool

    async def put(self, sku: str, units: float, location: str = "default", **terms: Any) -> None:
        update = LevelUpdate(location=location, on_hand_milli=round(units * 1000), **terms)
        await self.stock.set_level(KEEPER, sku, update)

    async def location(self, code: str, **facts: Any) -> None:
        await self.stock.put_location(KEEPER, StockLocation(code=code, name=code, **facts))

    async def reserve(self, *lines: tuple[str, int], **terms: Any) -> Reservation:
        return await self.stock.reserve(ORDERS, wanted(*lines, **terms))

    async def numbers(self, sku: str) -> dict[str, tuple[int, int]]:
        """(on hand, reserved) by location."""
        rows = await self.pool.fetch("SELECT location, on_hand, reserved FROM inventory.levels WHERE sku = $1", sku)
        return {row[0]: (row[1], row[2]) for row in rows}

    async def available(self, sku: str) -> int:
        return (await self.stock.availability([sku]))[sku].available_milli

    async def events(self) -> list[Event]:
        """Everything in the outbox, in order."""
        rows = await self.pool.fetch("SELECT event::text FROM inventory.outbox ORDER BY position")
        return [decode(row[0]) for row in rows]

    async def names(self) -> list[str]:
        return [event.name for event in await self.events()]

    async def adds_up(self) -> None:
        """No level differs from its journal or its open reservations, and none has sold more than it may."""
        assert await self.stock.verify(KEEPER) == []
        oversold = await self.pool.fetch(
            "SELECT sku FROM inventory.levels WHERE reserved > greatest(on_hand - safety, 0)"
        )
        assert oversold == []


def allocated(reservation: Reservation) -> list[tuple[str, str | None, int]]:
    """(sku, location, thousandths) of all lines."""
    return [(one.sku, one.location, one.quantity_milli) for line in reservation.lines for one in line.allocations]
