"""The queue of reservations: what waits is decided together, and nobody suffers from another's request."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from renga.domains.inventory import batching
from renga.domains.inventory.batching import BATCH_MAX, LANES, WAITING_MAX, ReservationQueue
from renga.domains.inventory.contract import Reservation
from renga.domains.inventory.reserve import Wanted
from renga.kernel.errors import RengaError, TooManyRequests, Unavailable
from tests.inventory.shelves import wanted


class Transactions:
    """In place of the database: remembers what was decided together; ``gate`` holds every transaction back."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.trouble: Exception | None = None

    async def reserve_together(self, _: Any, batch: Sequence[Wanted]) -> list[Reservation | RengaError]:
        self.batches.append([one.new.key for one in batch])
        await self.gate.wait()
        if self.trouble:
            raise self.trouble
        if any(one.new.key == "poison" for one in batch):
            raise ValueError("the database refuses this text")
        return [
            Reservation(
                id=one.new.key, key=one.new.key, reference="", state="pending", version=1, created_at="", expires_at="", lines=()
            )
            for one in batch
        ]  # fmt: skip


@pytest.fixture
def transactions(monkeypatch: pytest.MonkeyPatch) -> Transactions:
    made = Transactions()
    monkeypatch.setattr(batching, "reserve_together", made.reserve_together)
    return made


@pytest.fixture
def queue(transactions: Transactions) -> ReservationQueue:
    return ReservationQueue(None)  # type: ignore[arg-type]  # the transactions are stand-ins


def ask(queue: ReservationQueue, *keys: str) -> "list[asyncio.Task[Reservation]]":
    return [asyncio.create_task(queue.reserve("orders", wanted(("MUG", 1000), key=key))) for key in keys]


async def test_who_comes_alone_does_not_wait_for_others(queue: ReservationQueue, transactions: Transactions) -> None:
    for key in ("a", "b"):
        assert (await asyncio.gather(*ask(queue, key)))[0].key == key
    assert transactions.batches == [["a"], ["b"]]


async def test_what_waits_for_a_transaction_is_decided_in_the_next(
    queue: ReservationQueue, transactions: Transactions
) -> None:
    transactions.gate.clear()
    running = []
    for number in range(LANES):
        running += ask(queue, f"first-{number}")
        while len(transactions.batches) <= number:
            await asyncio.sleep(0)
    later = [f"{number}" for number in range(BATCH_MAX + 5)]
    waiting = ask(queue, *later)
    await asyncio.sleep(0)
    transactions.gate.set()
    answers = await asyncio.gather(*running, *waiting)
    assert [one.key for one in answers[LANES:]] == later
    assert [len(batch) for batch in transactions.batches] == [*[1] * LANES, BATCH_MAX, 5]


async def test_a_request_that_the_database_refuses_refuses_nobody_else(
    queue: ReservationQueue, transactions: Transactions
) -> None:
    answers = await asyncio.gather(*ask(queue, "a", "poison", "b"), return_exceptions=True)
    assert [one.key if isinstance(one, Reservation) else type(one) for one in answers] == ["a", ValueError, "b"]
    assert transactions.batches == [["a", "poison", "b"], ["a"], ["poison"], ["b"]]


async def test_a_database_that_is_away_is_told_to_everybody_once(
    queue: ReservationQueue, transactions: Transactions
) -> None:
    transactions.trouble = Unavailable()
    answers = await asyncio.gather(*ask(queue, "a", "b"), return_exceptions=True)
    assert [type(one) for one in answers] == [Unavailable, Unavailable]
    assert transactions.batches == [["a", "b"]]
    transactions.trouble = None
    assert (await asyncio.gather(*ask(queue, "c")))[0].key == "c"


async def test_who_gave_up_is_not_served(queue: ReservationQueue, transactions: Transactions) -> None:
    transactions.gate.clear()
    running = ask(queue, *(f"first-{number}" for number in range(LANES)))
    while not transactions.batches:
        await asyncio.sleep(0)
    gone, stays = ask(queue, "gone", "stays")
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    transactions.gate.set()
    await asyncio.gather(*running, stays)
    assert [key for batch in transactions.batches for key in batch if not key.startswith("first")] == ["stays"]


async def test_too_many_that_wait_are_refused(queue: ReservationQueue, transactions: Transactions) -> None:
    transactions.gate.clear()
    waiting = ask(queue, *(f"{number}" for number in range(WAITING_MAX + LANES * BATCH_MAX + 1)))
    for _ in range(3):
        await asyncio.sleep(0)
    refused = [one for one in waiting if one.done()]
    assert refused
    assert all(isinstance(one.exception(), TooManyRequests) for one in refused)
    transactions.gate.set()
    done = await asyncio.gather(*waiting, return_exceptions=True)
    assert sum(isinstance(one, Reservation) for one in done) == len(waiting) - len(refused)
    await queue.close()


async def test_who_asks_again_at_once_is_served_though_all_transactions_have_just_ended(
    queue: ReservationQueue, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "BATCH_MAX", 1)
    transactions.gate.clear()

    async def twice() -> list[str]:
        first = await queue.reserve("orders", wanted(("MUG", 1000), key="a"))
        # in the same turn of the loop in which the lanes have ended
        second = await queue.reserve("orders", wanted(("MUG", 1000), key="b"))
        return [first.key, second.key]

    asking = asyncio.create_task(twice())
    others = ask(queue, *(f"other-{n}" for n in range(LANES - 1)))
    while len(transactions.batches) < LANES:
        await asyncio.sleep(0)
    transactions.gate.set()
    assert await asyncio.wait_for(asking, 5) == ["a", "b"]
    await asyncio.gather(*others)
