"""A process of buyers, to be killed: ``python -m tests.inventory.buyers URL`` prints each reservation that was answered."""

import asyncio
import sys

from renga.domains.inventory.opening import stock_on_postgres
from renga.kernel.clock import SystemClock
from renga.kernel.ids import id_source
from renga.platform.postgres.pool import open_pool
from tests.inventory.shelves import ORDERS, Skus, wanted

#: Buyers at once; each makes one reservation after the other until the process is killed.
BUYERS = 20


async def main(url: str) -> None:
    pool, clock = await open_pool(url), SystemClock()
    stock = stock_on_postgres(pool, Skus(), clock=clock, new_id=id_source(clock), secret=b"s" * 32)

    async def buyer(number: int) -> None:
        turn = 0
        while True:
            turn += 1
            made = await stock.reserve(ORDERS, wanted(("MUG", 1000), ("CUP", 2000), key=f"{number}-{turn}"))
            print(made.id, flush=True)
            if turn % 2:
                await stock.commit(ORDERS, made.id)

    await asyncio.gather(*(buyer(number) for number in range(BUYERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
