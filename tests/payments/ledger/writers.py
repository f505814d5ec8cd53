"""A process that posts, to be killed: ``python -m tests.payments.ledger.writers URL`` prints each key that was committed."""

import asyncio
import sys
import time

from renga.domains.payments.stores.ledger_writing import post
from renga.platform.postgres import calls
from renga.platform.postgres.pool import open_pool
from tests.payments.ledger.books import entry, transaction

#: Writers at once; each posts one batch after the other until the process is killed.
WRITERS = 8
#: What the server calls their connections.
APPLICATION = "ledger-writers"


async def main(url: str) -> None:
    pool = await open_pool(f"{url}{'&' if '?' in url else '?'}application_name={APPLICATION}")

    async def writer(number: int) -> None:
        turn = 0
        while True:
            turn += 1
            keys = [f"{number}-{turn}-{part}" for part in "ab"]
            made = [
                transaction(
                    entry("clearing:sim", 100), entry("merchant:house", -80), entry("commission", -15), entry("tax", -5), key=key
                )
                for key in keys
            ]  # fmt: skip
            async with calls.transaction(pool) as connection:
                await post(connection, made[:1], time.time_ns() // 1_000_000)
                await post(connection, made[1:], time.time_ns() // 1_000_000)
            print(*keys, flush=True)

    await asyncio.gather(*(writer(number) for number in range(WRITERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
