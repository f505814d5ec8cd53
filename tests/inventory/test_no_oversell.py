"""No oversell: many buyers meet at few units, in one process and in several, and one of them is killed midway."""

import asyncio
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from renga.domains.inventory.contract import NotEnoughStock, Reservation
from renga.domains.inventory.local import LocalStock
from renga.domains.inventory.opening import stock_on_postgres
from renga.kernel.clock import SystemClock
from renga.kernel.ids import id_source
from tests import proof
from tests.inventory.shelves import ORDERS, Shelves, Skus, wanted

pytestmark = pytest.mark.proof

BUYERS, UNITS = 200, 50
ROUNDS = proof.count(small=3, full=100)
ROOT = Path(__file__).parents[2]


@pytest.fixture
async def processes(pool: Any, skus: Skus) -> list[LocalStock]:
    """Three inventories on one database, as three web processes have them."""
    clock = SystemClock()
    return [stock_on_postgres(pool, skus, clock=clock, new_id=id_source(clock), secret=b"s" * 32) for _ in range(3)]


async def rush(processes: list[LocalStock], *requests: tuple[tuple[str, int], ...]) -> list[Any]:
    """Everybody at once, spread over the processes: a reservation, or NotEnoughStock."""
    answers = await asyncio.gather(
        *(processes[n % len(processes)].reserve(ORDERS, wanted(*lines)) for n, lines in enumerate(requests)),
        return_exceptions=True,
    )
    assert Counter(type(one) for one in answers).keys() <= {Reservation, NotEnoughStock}, answers
    return answers


def sold(answers: list[Any]) -> int:
    return sum(isinstance(one, Reservation) for one in answers)


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_200_buyers_for_50_units(processes: list[LocalStock], shelves: Shelves, round_: int) -> None:
    await shelves.put("MUG", UNITS)
    answers = await rush(processes, *([(("MUG", 1000),)] * BUYERS))
    assert sold(answers) == UNITS
    assert await shelves.numbers("MUG") == {"default": (50_000, 50_000)}
    assert (await shelves.names()).count("StockDepleted") == 1
    await shelves.adds_up()


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_two_locations_with_safety_stock(processes: list[LocalStock], shelves: Shelves, round_: int) -> None:
    await shelves.location("north", priority=1)
    await shelves.location("south", priority=2)
    await shelves.put("MUG", 30, "north", safety_milli=5000)
    await shelves.put("MUG", 30, "south", safety_milli=5000)
    answers = await rush(processes, *([(("MUG", 3000),)] * BUYERS))
    assert sold(answers) == 16  # 50 units, of which 2 are too few for another buyer
    assert sum(reserved for _, reserved in (await shelves.numbers("MUG")).values()) == 48_000
    await shelves.adds_up()


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_bundles_that_share_a_part(
    processes: list[LocalStock], shelves: Shelves, skus: Skus, round_: int
) -> None:
    skus.bundles |= {"TEA-SET": (("MUG", 2), ("POT", 1)), "COFFEE-SET": (("SPOON", 1), ("MUG", 1))}
    for sku, units in (("MUG", 50), ("POT", 20), ("SPOON", 40)):
        await shelves.put(sku, units)
    kinds = ((("TEA-SET", 1000),), (("COFFEE-SET", 1000), ("MUG", 1000)), (("MUG", 1000), ("TEA-SET", 1000)))
    answers = await rush(processes, *(kinds[n % 3] for n in range(BUYERS)))
    mugs = sum((2, 2, 3)[n % 3] for n, one in enumerate(answers) if isinstance(one, Reservation))
    assert mugs <= 50
    ((_, reserved),) = (await shelves.numbers("MUG")).values()
    assert reserved == mugs * 1000
    assert reserved >= 48_000, "nobody was refused who could have been served"
    await shelves.adds_up()


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_buyers_who_come_and_go(processes: list[LocalStock], shelves: Shelves, round_: int) -> None:
    await shelves.put("MUG", UNITS)
    await shelves.put("CUP", UNITS)

    async def buyer(number: int) -> int:
        stock = processes[number % len(processes)]
        lines = (("MUG", 1000), ("CUP", 1000)) if number % 2 else (("CUP", 1000), ("MUG", 1000))
        try:
            made = await stock.reserve(ORDERS, wanted(*lines))
        except NotEnoughStock:
            return 0
        if number % 3 == 0:
            await stock.release(ORDERS, made.id)
            return 0
        await stock.commit(ORDERS, made.id)
        if number % 3 == 1:
            await stock.fulfil(ORDERS, made.id)
        return 1

    kept = sum(await asyncio.gather(*(buyer(number) for number in range(BUYERS))))
    assert kept <= UNITS
    ((on_hand, reserved),) = (await shelves.numbers("MUG")).values()
    assert UNITS * 1000 - on_hand + reserved == kept * 1000
    assert await shelves.numbers("CUP") == await shelves.numbers("MUG")
    await shelves.adds_up()


@pytest.mark.parametrize("round_", range(proof.count(small=1, full=10)))
async def test_a_process_killed_midway_leaves_nothing_half_done(
    processes: list[LocalStock], shelves: Shelves, database_url: str, round_: int
) -> None:
    await shelves.put("MUG", 1_000_000)
    await shelves.put("CUP", 1_000_000)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.inventory.buyers", database_url, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    answered = [await process.stdout.readline() for _ in range(30 + 7 * round_)]
    process.kill()
    answered += (await process.stdout.read()).splitlines(keepends=True)
    assert await process.wait() == -signal.SIGKILL
    names = [line.decode().strip() for line in answered if line.endswith(b"\n")]
    assert len(names) >= 30
    for name in names:
        assert (await processes[0].reservation(ORDERS, name)).state in ("pending", "committed")
    await shelves.reserve(("MUG", 1000))  # no lock is left
    await shelves.adds_up()
