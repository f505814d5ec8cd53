"""A master of the cluster is killed in the middle of keyed adds: none counts twice, and keyed retries lose none.

Replication is asynchronous: an add that was answered in the last instant may not have reached the replica. So what
holds is: after every key has been sent again once, each add is there exactly once. How many answered adds needed that
is said in the test's output.
"""

import asyncio
from collections import Counter
from typing import Any

import pytest

from renga.kernel.caller import ANONYMOUS
from tests.engines import resp
from tests.faults.shop import (
    GUEST,
    Hearing,
    add,
    add_until_answered,
    create,
    open_cart,
    port_of,
    quantities,
    waiting,
    working,
)
from tests.support import eventually

WRITERS, ADDS = 20, 60


@pytest.mark.parametrize("flavour", ["redis7", "valkey"])
async def test_a_master_killed_amid_keyed_adds_doubles_none_and_keyed_retries_lose_none(
    start_engine: Any, valkey_url: str, database_url: str, flavour: str, record_property: Any
) -> None:
    cluster, hearing = start_engine("cluster", flavour=flavour), Hearing()
    async with (
        open_cart(cluster.url, database_url, deadline_ms=10_000) as rooms,
        working(rooms, valkey_url, hearing.consumer),
    ):
        carts = [await create(rooms) for _ in range(WRITERS)]
        # WAIT counts what its own connection wrote, so the carts' arrival on the replicas is polled by their number
        await eventually(lambda: _replicas_caught_up(cluster))
        answered: Counter[str] = Counter()

        async def shop(writer: int) -> None:
            cart_id = carts[writer]
            for n in range(ADDS):
                await add_until_answered(rooms, cart_id, f"sku-{n % 3}", f"{writer}-{n}")
                answered[cart_id] += 1

        async def a_third() -> bool:
            return answered.total() > WRITERS * ADDS // 3

        async def half() -> bool:
            return answered.total() > WRITERS * ADDS // 2

        writers = [asyncio.create_task(shop(n)) for n in range(WRITERS)]
        await eventually(a_third, every_s=0.001)
        cluster.nodes[0].kill()
        await eventually(half, timeout_s=30)
        await asyncio.gather(*writers)
        held = {i: sum((await quantities(rooms, i)).values()) for i in carts}
        assert all(held[i] <= ADDS for i in carts)
        lost = sum(ADDS - held[i] for i in carts)
        record_property("answered_adds_lost", lost)
        print(f"answered adds that the fail-over lost: {lost}")

        await asyncio.gather(
            *(
                add_until_answered(rooms, i, f"sku-{n % 3}", f"{w}-{n}")
                for w, i in enumerate(carts)
                for n in range(ADDS)
            )
        )
        for cart_id in carts:
            assert await quantities(rooms, cart_id) == {f"sku-{n}": ADDS // 3 for n in range(3)}
            assert (await rooms.carts.read(ANONYMOUS, cart_id)).version == 1 + ADDS

        fresh = [
            (await rooms.carts.create(ANONYMOUS, "BRL", expires_in_s=1, write=GUEST)).cart_id for _ in range(WRITERS)
        ]

        async def relayed_and_swept() -> bool:
            return hearing.count("CartExpired") == dict.fromkeys(fresh, 1) and not await waiting(rooms)

        await eventually(relayed_and_swept, timeout_s=30)
        for cart_id in carts:
            assert {s for s, _ in hearing.of(cart_id)} == set(range(1, ADDS + 2))
        assert await add(rooms, carts[0], "sku-0") == ADDS + 2
        await asyncio.to_thread(cluster.restart)
        assert await add(rooms, carts[0], "sku-0") == ADDS + 3


async def _replicas_caught_up(cluster: Any) -> bool:
    sizes = [resp.command(port_of(node.url), "DBSIZE") for node in cluster.nodes]
    return bool(sizes[:3] == sizes[3:])
