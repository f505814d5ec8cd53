"""A process of its own that sweeps every shard until nothing is due: ``sweeper REDIS DATABASE SHARDS NOW_MS``."""

import asyncio
import sys

from renga.domains.cart.jobs import sweep_round
from renga.kernel.clock import ManualClock
from tests.faults.shop import deadlines_of, open_cart


async def main(redis_url: str, database_url: str, shards: int, now_ms: int) -> None:
    clock = ManualClock(now_ms)
    async with open_cart(redis_url, database_url, store_clock=clock, shards=shards) as rooms:
        print("sweeping", flush=True)
        while await sweep_round(rooms.dependencies, deadlines_of(rooms), range(shards)):
            pass
    print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
