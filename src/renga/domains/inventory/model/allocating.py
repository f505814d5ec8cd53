"""Decides a reservation: what each line gets, and from which locations. Changes the working copies only when it succeeds."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import msgspec

from renga.domains.inventory.contract import (
    Allocation,
    AllocationPolicy,
    Destination,
    Left,
    NewReservation,
    NotEnoughStock,
    ReservedLine,
    WantedLine,
)
from renga.domains.inventory.model.stock import BOUNDLESS_MILLI, Item, StockPlace

#: Parts of a bundle: (sku, pieces per bundle).
Parts = tuple[tuple[str, int], ...]
#: Up to this many locations ``fewest_parcels`` tries every set of them; with more it takes the one that gives most, repeatedly.
EXACT_LOCATIONS_MAX = 10


class Need(msgspec.Struct, frozen=True):
    """One line and its counted parts."""

    line: WantedLine
    parts: Parts

    def demand(self, quantity_milli: int) -> Counter[str]:
        needed = Counter[str]()
        for sku, pieces in self.parts:
            needed[sku] += pieces * quantity_milli
        return needed


class Supply:
    """What can still be taken during one decision, by location, without changing the items."""

    def __init__(self, items: Mapping[str, Item], skus: Iterable[str], only: str | None = None) -> None:
        self.free: dict[str, dict[str, int]] = {}
        self.room: dict[str, int] = {}
        self.places: dict[str, StockPlace] = {}
        for sku in skus:
            item = items[sku]
            levels = [one for one in item.levels.values() if only is None or one.location == only]
            self.free[sku] = {level.location: level.free for level in levels if level.free}
            self.room[sku] = item.room
            self.places |= {level.location: level.place for level in levels}

    def left(self, sku: str) -> int:
        return sum(self.free[sku].values()) + self.room[sku]

    def most(self, need: Need) -> int:
        """The largest quantity of a line, up to what it asks for; whole units if it asks for whole units."""
        per_unit = Counter[str]()
        for sku, pieces in need.parts:
            per_unit[sku] += pieces
        wanted = need.line.quantity_milli
        most = min([wanted, *(self.left(sku) // pieces for sku, pieces in per_unit.items())])
        return most if wanted % 1000 or most == wanted else most // 1000 * 1000

    def take(self, sku: str, quantity_milli: int, order: Sequence[str]) -> list[Allocation]:
        """From the locations in this order, the rest promised. The caller has checked ``left``."""
        taken: list[Allocation] = []
        for location in order:
            here = min(quantity_milli, self.free[sku].get(location, 0))
            if here:
                self.free[sku][location] -= here
                taken.append(Allocation(sku=sku, quantity_milli=here, location=location))
                quantity_milli -= here
        if quantity_milli:
            self.room[sku] -= quantity_milli
            taken.append(Allocation(sku=sku, quantity_milli=quantity_milli))
        return taken


def decide(new: NewReservation, bundles: Mapping[str, Parts], items: dict[str, Item]) -> tuple[ReservedLine, ...]:
    """The lines with their allocations; the items are changed accordingly. Raises NotEnoughStock (nothing is changed)."""
    needs = [_need(line, bundles, items) for line in new.lines]
    skus = dict.fromkeys(sku for need in needs for sku, _ in need.parts)
    supply = Supply(items, skus)
    order = ranked(supply.places.values(), new.policy, new.destination)
    if not new.split:
        supply = _one_location(items, skus, needs, order)
        order = [code for code in order if code in supply.places]
    quantities = _quantities(new, needs, supply)
    if new.policy == "fewest_parcels":
        order = _fewest(order, _total(needs, quantities), supply)
    lines = tuple(_line(need, q, supply, order) for need, q in zip(needs, quantities, strict=True))
    hold(items, lines)
    return lines


def hold(items: Mapping[str, Item], lines: Iterable[ReservedLine], sign: int = 1) -> None:
    """Add what the lines hold to the items; with ``sign`` -1 give it back."""
    for line in lines:
        for one in line.allocations:
            if one.location is None:
                items[one.sku].backordered += sign * one.quantity_milli
            else:
                items[one.sku].levels[one.location].reserved += sign * one.quantity_milli


def ranked(places: Iterable[StockPlace], policy: AllocationPolicy, destination: Destination | None) -> list[str]:
    """Codes of locations, the first to ask first."""

    def key(place: StockPlace) -> tuple[int, int, int, str]:
        near = _distance(place, destination) if policy == "nearest" else (0, 0)
        return (*near, place.priority, place.code)

    return [place.code for place in sorted(places, key=key)]


def _distance(place: StockPlace, to: Destination | None) -> tuple[int, int]:
    """Smaller is nearer: country, then region, then how many first characters the postal codes share."""
    if to is None or not to.country or place.country != to.country:
        return 2, 0
    here, there = place.postal_code.replace("-", ""), to.postal_code.replace("-", "")
    shared = next((n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there)))
    return (0 if to.region and place.region == to.region else 1), -shared


def _need(line: WantedLine, bundles: Mapping[str, Parts], items: Mapping[str, Item]) -> Need:
    parts = bundles.get(line.sku, ((line.sku, 1),))
    return Need(line, tuple(part for part in parts if part[0] in items))


def _total(needs: Sequence[Need], quantities: Sequence[int]) -> Counter[str]:
    total = Counter[str]()
    for need, quantity in zip(needs, quantities, strict=True):
        total += need.demand(quantity)
    return total


def _quantities(new: NewReservation, needs: Sequence[Need], supply: Supply) -> list[int]:
    """What each line gets. Raises NotEnoughStock."""
    wanted = [need.line.quantity_milli for need in needs]
    total = _total(needs, wanted)
    short = {sku for sku, quantity in total.items() if quantity > supply.left(sku)}
    if not short:
        return wanted
    refused = NotEnoughStock(_left(needs, short, supply))
    if new.all_or_nothing:
        raise refused
    given = _as_far_as_it_goes(needs, supply)
    if not any(q for need, q in zip(needs, given, strict=True)):
        raise refused
    return given


def _as_far_as_it_goes(needs: Sequence[Need], supply: Supply) -> list[int]:
    """Earlier lines first."""
    rest, given = _copy_of(supply), list[int]()
    for need in needs:
        quantity = rest.most(need)
        given.append(quantity)
        for sku, amount in need.demand(quantity).items():
            rest.take(sku, amount, tuple(rest.free[sku]))
    return given


def _copy_of(supply: Supply) -> Supply:
    copy = Supply({}, ())
    copy.free = {sku: dict(free) for sku, free in supply.free.items()}
    copy.room, copy.places = dict(supply.room), supply.places
    return copy


def _left(needs: Sequence[Need], short: set[str], supply: Supply) -> dict[str, Left]:
    left: dict[str, Left] = {}
    wanted = Counter[str]()
    for need in needs:
        wanted[need.line.sku] += need.line.quantity_milli
    for need in needs:
        if not any(sku in short for sku, _ in need.parts):
            continue
        whole = msgspec.structs.replace(need, line=WantedLine(need.line.sku, wanted[need.line.sku]))
        left[need.line.sku] = Left(
            sku=need.line.sku, wanted_milli=wanted[need.line.sku], available_milli=supply.most(whole)
        )
    return left


def _one_location(
    items: Mapping[str, Item], skus: Iterable[str], needs: Sequence[Need], order: Sequence[str]
) -> Supply:
    """The supply of the one location that covers most, from stock and with promises."""
    wanted = _total(needs, [need.line.quantity_milli for need in needs])
    best, best_rank = Supply(items, skus, only=""), (-1, -1)
    for code in order:
        supply = Supply(items, skus, only=code)
        stock = sum(min(q, sum(supply.free[sku].values())) for sku, q in wanted.items())
        promised = sum(min(q, supply.left(sku)) for sku, q in wanted.items())
        if (promised, stock) > best_rank:
            best, best_rank = supply, (promised, stock)
    return best


def _fewest(order: list[str], total: Counter[str], supply: Supply) -> list[str]:
    """The same locations, those of the smallest set that gives all that can be given first."""
    useful = [code for code in order if any(supply.free[sku].get(code) for sku in total)]
    if len(useful) > EXACT_LOCATIONS_MAX:
        return _greedy(useful, Counter(total), supply) + [code for code in order if code not in useful]
    target = _given(useful, total, supply)
    for size in range(1, len(useful)):
        for few in combinations(useful, size):
            if _given(few, total, supply) == target:
                return [*few, *(code for code in order if code not in few)]
    return order


def _given(codes: Iterable[str], total: Counter[str], supply: Supply) -> int:
    codes = tuple(codes)
    return sum(min(q, sum(supply.free[sku].get(code, 0) for code in codes)) for sku, q in total.items())


def _greedy(codes: list[str], total: Counter[str], supply: Supply) -> list[str]:
    chosen, rest = list[str](), list(codes)
    while rest:
        best = max(rest, key=lambda code: (_given((*chosen, code), total, supply), -rest.index(code)))
        chosen.append(best)
        rest.remove(best)
    return chosen


def _line(need: Need, quantity: int, supply: Supply, order: Sequence[str]) -> ReservedLine:
    line = need.line
    if not need.parts:
        return ReservedLine(sku=line.sku, reserved_milli=line.quantity_milli, counted=False)
    taken = [one for sku, amount in need.demand(quantity).items() for one in supply.take(sku, amount, order)]
    return ReservedLine(
        sku=line.sku,
        reserved_milli=quantity,
        short_milli=line.quantity_milli - quantity,
        allocations=tuple(taken),
    )


def available_parts(parts: Parts, items: Mapping[str, Item], step: int = 1) -> tuple[int, int | None] | None:
    """(from stock, beyond it; None: without limit) of a sku with these parts; None: nothing of it is counted.

    Both are multiples of ``step`` thousandths: a bundle is sold whole.
    """
    counted = [(items[sku], pieces) for sku, pieces in parts if sku in items]
    if not counted:
        return None
    free = min(item.free // pieces for item, pieces in counted) // step * step
    whole = min((item.free + item.room) // pieces for item, pieces in counted) // step * step
    return free, (None if whole >= BOUNDLESS_MILLI // 1_000_000 else whole - free)
