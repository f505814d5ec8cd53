"""Group commit of reservations: what waits while a transaction runs is decided in the next one, all together.

A sku that everybody wants is one row, and its lock lets through one transaction after the other. Taking all that wait at once
makes the cost of a transaction independent of how many buyers meet at the row. See ``docs/decisions/0023-group-commit.md``.
"""

import asyncio
from collections import deque

import structlog

from renga.domains.inventory.contract import NewReservation, Reservation
from renga.domains.inventory.dependencies import InventoryDependencies
from renga.domains.inventory.reserve import Wanted, reserve_together
from renga.kernel.errors import RengaError, TooManyRequests

log = structlog.get_logger(__name__)

#: Reservations, and their lines, of one transaction; requests that may wait; transactions of one process at a time.
BATCH_MAX, BATCH_LINES_MAX = 128, 1_000
WAITING_MAX = 5_000
LANES = 2


class ReservationQueue:
    """One per process. Its transactions start when there is work, and nothing runs while there is none."""

    def __init__(self, dependencies: InventoryDependencies) -> None:
        self._dependencies = dependencies
        self._waiting: deque[tuple[Wanted, asyncio.Future[Reservation]]] = deque()
        self._lanes: set[asyncio.Task[None]] = set()

    async def reserve(self, actor: str, new: NewReservation) -> Reservation:
        """Raises what ``reserve_together`` answers or raises, and TooManyRequests: too many wait already."""
        if len(self._waiting) >= WAITING_MAX:
            raise TooManyRequests("too many reservations are waiting")
        future: asyncio.Future[Reservation] = asyncio.get_running_loop().create_future()
        self._waiting.append((Wanted(actor, new), future))
        if len(self._lanes) < LANES:
            self._lanes.add(asyncio.create_task(self._run()))
        return await future

    async def close(self) -> None:
        """Waits for the transactions that run, and for what they leave waiting."""
        while self._lanes:
            await asyncio.wait(set(self._lanes))

    async def _run(self) -> None:
        lane = asyncio.current_task()
        assert lane is not None
        try:
            await asyncio.sleep(0)  # also take what is asked for in this tick of the loop
            while batch := self._take():
                await self._decide(batch)
        finally:
            # at once and not in a callback: who is answered may ask again before the callback runs
            self._lanes.discard(lane)

    def _take(self) -> "list[tuple[Wanted, asyncio.Future[Reservation]]]":
        batch: list[tuple[Wanted, asyncio.Future[Reservation]]] = []
        lines = 0
        while self._waiting and len(batch) < BATCH_MAX and lines < BATCH_LINES_MAX:
            wanted, future = self._waiting.popleft()
            if not future.done():  # else its caller has given up
                batch.append((wanted, future))
                lines += len(wanted.new.lines)
        return batch

    async def _decide(self, batch: "list[tuple[Wanted, asyncio.Future[Reservation]]]") -> None:
        try:
            answers = await reserve_together(self._dependencies, [wanted for wanted, _ in batch])
        except RengaError as error:
            _answer_all(batch, error)
        except Exception as error:
            if len(batch) == 1:
                _answer_all(batch, error)
                return
            # one request that the database refuses must not refuse the others
            log.warning("reservations_one_by_one", count=len(batch), error=str(error))
            for one in batch:
                await self._decide([one])
        else:
            for (_, future), answer in zip(batch, answers, strict=True):
                _answer(future, answer)


def _answer_all(batch: "list[tuple[Wanted, asyncio.Future[Reservation]]]", error: Exception) -> None:
    for _, future in batch:
        _answer(future, error)


def _answer(future: "asyncio.Future[Reservation]", answer: Reservation | Exception) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
