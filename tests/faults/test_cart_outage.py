"""The bus dies and comes back: the cart does not notice, and every event arrives afterwards, in order per cart."""

import asyncio
import os
import re
from collections import Counter
from typing import Any

from tests.faults.shop import Hearing, add, create, open_cart, quantities, waiting, working
from tests.support import eventually

#: Seconds without a bus; a minute when asked for.
OUTAGE_S = float(os.environ.get("RENGA_TEST_OUTAGE_S", "3"))
CARTS = 20
#: The consumers' queues as the broker's own list names them, which their dead-letter queues are not to be taken for.
QUEUES = (rb"cart\.snapshots(?!\.)", rb"test\.hearing(?!\.)")
#: Adds per second over all carts.
PACE = 200


async def test_while_rabbitmq_is_dead_every_add_is_answered_and_every_event_arrives_afterwards(
    start_engine: Any, valkey_url: str, database_url: str
) -> None:
    broker, hearing = start_engine("rabbitmq"), Hearing()
    async with open_cart(valkey_url, database_url) as rooms, working(rooms, broker.url, hearing.consumer):
        carts = [await create(rooms) for _ in range(CARTS)]
        added: Counter[str] = Counter()
        stopping = asyncio.Event()

        async def shop(cart_id: str) -> None:
            while not stopping.is_set():
                added[cart_id] += 1
                assert await add(rooms, cart_id, f"sku-{added[cart_id] % 7}", f"{added[cart_id]}") == added[cart_id] + 1
                await asyncio.sleep(CARTS / PACE)

        async def heard_some() -> bool:
            return len(hearing.events) > CARTS * 3

        async def registered() -> bool:
            """A lone node that is killed before its list of quorum queues is on disk forgets the newest."""
            known = b"".join(found.read_bytes() for found in broker.folder.rglob("names.dets"))
            return all(re.search(queue, known) for queue in QUEUES)

        buyers = [asyncio.create_task(shop(cart_id)) for cart_id in carts]
        await eventually(heard_some)
        await eventually(registered)
        await asyncio.to_thread(broker.kill)
        at_death = added.total()
        await asyncio.sleep(OUTAGE_S)
        assert added.total() > at_death + CARTS
        assert len(await waiting(rooms)) >= added.total() - at_death - CARTS
        restarting = asyncio.create_task(asyncio.to_thread(broker.restart))
        await restarting
        stopping.set()
        await asyncio.gather(*buyers)

        async def heard_all() -> bool:
            return len(hearing.events) >= CARTS + added.total() and not await waiting(rooms)

        await eventually(heard_all, timeout_s=90)
        assert hearing.sequences() == {i: list(range(1, added[i] + 2)) for i in carts}
        assert hearing.count("ItemAddedToCart") == added
        assert sum((await quantities(rooms, carts[0])).values()) == added[carts[0]]
