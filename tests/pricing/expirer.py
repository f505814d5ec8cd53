"""A process that frees dead checkouts until it is killed: ``python -m tests.pricing.expirer DATABASE_URL NOW_MS``."""

import asyncio
import sys
from itertools import count

from renga.domains.pricing.dependencies import RedemptionDependencies
from renga.domains.pricing.expire_redemptions import expire_redemptions
from renga.domains.pricing.stores.redemptions import PostgresRedemptions
from renga.kernel.clock import ManualClock
from renga.kernel.ids import uuid7
from renga.platform.postgres.pool import open_pool


async def main(database_url: str, now_ms: int) -> None:
    numbers = count(1)
    dependencies = RedemptionDependencies(
        redemptions=PostgresRedemptions(await open_pool(database_url)),
        clock=ManualClock(now_ms),
        new_id=lambda: uuid7(now_ms, next(numbers)),
    )
    print("ready", flush=True)
    while True:
        looked, freed = await expire_redemptions(dependencies)
        print(freed, flush=True)
        if not looked:
            return


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
