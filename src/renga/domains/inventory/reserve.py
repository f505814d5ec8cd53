"""Use case: reserve stock. Many reservations are decided together: they share one transaction and its locks."""

from collections.abc import Mapping, Sequence

import msgspec

from renga.domains.inventory.contract import NewReservation, NotEnoughStock, Reservation
from renga.domains.inventory.contract.events import StockReserved
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.model.allocating import Parts, decide
from renga.domains.inventory.model.checking import fingerprint_of
from renga.domains.inventory.ports import KeyTaken, StockUnit, StoredReservation
from renga.domains.inventory.recording import Recorder, lines_of
from renga.kernel.clock import rfc3339
from renga.kernel.errors import RengaError
from renga.kernel.once import IdempotencyConflict
from renga.platform.postgres.errors import DatabaseUnavailable

#: How often a batch is tried again because another process took one of its keys meanwhile.
ATTEMPTS_MAX = 3


class Wanted(msgspec.Struct, frozen=True):
    """One checked request and who makes it."""

    actor: str
    new: NewReservation


async def reserve_together(
    dependencies: InventoryDependencies, wanted: Sequence[Wanted]
) -> list[Reservation | RengaError]:
    """An answer for each request, in order, as if they had come one after the other. Raises Unavailable."""
    asked = sorted({line.sku for one in wanted for line in one.new.lines})
    bundles = await dependencies.compositions.parts(asked)
    skus = {part for sku in asked for part, _ in bundles.get(sku, ((sku, 1),))}
    for _ in range(ATTEMPTS_MAX):
        try:
            return await _attempt(dependencies, wanted, bundles, sorted(skus))
        except KeyTaken:
            continue  # now it is stored, and the next attempt answers with it
    raise DatabaseUnavailable("the same keys are reserved by others again and again")


async def _attempt(
    dependencies: InventoryDependencies, wanted: Sequence[Wanted], bundles: Mapping[str, Parts], skus: Sequence[str]
) -> list[Reservation | RengaError]:
    async with dependencies.store.unit(skus, keys=sorted({one.new.key for one in wanted})) as unit:
        recorder = dependencies.recorder(unit)
        deciding = _Deciding(unit, recorder, bundles, dependencies)
        answers = [deciding.answer(one) for one in wanted]
        await unit.write(recorder.finished())
    return answers


class _Deciding(msgspec.Struct):
    unit: StockUnit
    recorder: Recorder
    bundles: Mapping[str, Parts]
    dependencies: InventoryDependencies

    def answer(self, wanted: Wanted) -> Reservation | RengaError:
        new = wanted.new
        if (known := self.unit.by_key.get(new.key)) is not None:
            stored = self.unit.reservations[known]
            return stored.reservation if stored.fingerprint == fingerprint_of(new) else IdempotencyConflict()
        try:
            lines = decide(new, self.bundles, self.unit.items)
        except NotEnoughStock as refused:
            return refused
        recorder = self.recorder
        expires_ms = recorder.now_ms + new.expires_in_s * 1000
        reservation = Reservation(
            id=self.dependencies.new_id(), key=new.key, reference=new.reference, state="pending", version=1,
            created_at=recorder.now, expires_at=rfc3339(expires_ms), lines=lines,
        )  # fmt: skip
        self._keep(reservation, fingerprint_of(new), expires_ms)
        recorder.held(reservation, actor=wanted.actor, reason="reserved")
        self._promise(reservation)
        if held := lines_of(reservation):
            fact = StockReserved(reservation_id=reservation.id, reference=new.reference, lines=held)
            recorder.says(fact, reservation.id, 1)
        return reservation

    def _keep(self, reservation: Reservation, fingerprint: bytes, expires_ms: int) -> None:
        stored = StoredReservation(
            reservation=reservation,
            fingerprint=fingerprint,
            created_ms=self.recorder.now_ms,
            expires_ms=expires_ms,
        )
        self.recorder.changes.new.append(stored)
        self.unit.reservations[reservation.id] = stored
        self.unit.by_key[reservation.key] = reservation.id

    def _promise(self, reservation: Reservation) -> None:
        for line in reservation.lines:
            for one in line.allocations:
                if one.location is None:
                    self.recorder.changes.promised.append((one.sku, reservation.id, one.quantity_milli))
