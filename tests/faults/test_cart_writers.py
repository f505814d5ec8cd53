"""Many writers on one cart at once: nothing is lost, and doing everything again with the same keys changes nothing."""

import asyncio
import random
from collections import Counter
from typing import Any

from renga.domains.cart.contract import IdempotencyConflict
from renga.domains.cart.offers import OfferCache
from renga.kernel.caller import ANONYMOUS
from renga.kernel.clock import SystemClock
from tests.faults.shop import Shelf, add, create, open_cart, price_of, quantities, waiting
from tests.faults.shop import add_until_answered as stubbornly
from tests.support import eventually

WRITERS, ADDS, SKUS = 50, 2, 5


async def test_fifty_writers_at_once_lose_nothing_and_their_replays_change_nothing(
    redis_url: str, database_url: str
) -> None:
    operations = [(f"w{w}-{n}", f"sku-{(w + n) % SKUS}") for w in range(WRITERS) for n in range(ADDS)]
    async with open_cart(redis_url, database_url) as one, open_cart(redis_url, database_url) as other:
        cart_id = await create(one, key="the cart", scope="tests")

        async def write(rooms: Any, key: str, sku: str) -> int:
            version = await add(rooms, cart_id, sku, key)
            if sku == "sku-0":
                assert await add(rooms, cart_id, sku, key) == version
            return version

        versions = await asyncio.gather(
            *(write(one if n % 2 else other, key, sku) for n, (key, sku) in enumerate(operations))
        )
        assert sorted(versions) == list(range(2, len(operations) + 2))
        wanted = dict(Counter(sku for _, sku in operations))
        assert await quantities(one, cart_id) == wanted
        before = await one.dependencies.recovery.dump([cart_id])
        events = await waiting(one)
        assert Counter(event.name for event in events) == {"CartCreated": 1, "ItemAddedToCart": len(operations)}

        again = operations * 2
        random.Random(3).shuffle(again)
        replayed = await asyncio.gather(*(add(other, cart_id, sku, key) for key, sku in again))
        assert replayed == [dict(zip(operations, versions, strict=True))[operation] for operation in again]
        assert await create(other, key="the cart", scope="tests") == cart_id
        assert await one.dependencies.recovery.dump([cart_id]) == before
        assert await waiting(one) == events
        cart = await one.carts.read(ANONYMOUS, cart_id)
        assert {line.sku: line.unit_price.amount for line in cart.lines} == {sku: price_of(sku) for sku in wanted}


async def test_a_key_that_was_used_for_another_sku_is_refused_and_changes_nothing(
    redis_url: str, database_url: str
) -> None:
    async with open_cart(redis_url, database_url) as rooms:
        cart_id = await create(rooms)
        await add(rooms, cart_id, "a", "key")
        before = await rooms.dependencies.recovery.dump([cart_id])
        results = await asyncio.gather(*(add(rooms, cart_id, "b", "key") for _ in range(50)), return_exceptions=True)
        assert {type(result) for result in results} == {IdempotencyConflict}
        assert await rooms.dependencies.recovery.dump([cart_id]) == before


async def test_every_acknowledged_write_is_there_after_the_server_was_killed_and_restarted_on_its_data(
    start_engine: Any, database_url: str
) -> None:
    # with everysec a killed process loses what it answered while a flush was under way
    server = start_engine("valkey", "--appendfsync", "always")
    async with open_cart(server.url, database_url) as rooms:
        carts = [await create(rooms) for _ in range(10)]
        done: Counter[str] = Counter()
        stopping = asyncio.Event()

        async def write(writer: int) -> None:
            n = 0
            while not stopping.is_set():
                cart_id = carts[writer % len(carts)]
                await stubbornly(rooms, cart_id, "sku", f"{writer}-{n}")
                done[cart_id] += 1
                n += 1

        async def busy() -> bool:
            return done.total() > 200

        writers = [asyncio.create_task(write(n)) for n in range(10)]
        await eventually(busy)
        await asyncio.to_thread(server.kill)
        killed_at = done.total()
        await asyncio.to_thread(server.restart)

        async def goes_on() -> bool:
            return done.total() > killed_at + 200

        await eventually(goes_on)
        stopping.set()
        await asyncio.gather(*writers)
        for cart_id in carts:
            assert await quantities(rooms, cart_id) == {"sku": done[cart_id]}
            assert (await rooms.carts.read(ANONYMOUS, cart_id)).version == 1 + done[cart_id]
        outbox = Counter(event.subject for event in await waiting(rooms) if event.name == "ItemAddedToCart")
        assert outbox == done


async def test_a_replay_is_known_for_the_last_hundred_operations_of_a_cart(redis_url: str, database_url: str) -> None:
    async with open_cart(redis_url, database_url) as rooms:
        cart_id = await create(rooms)
        for n in range(400):
            await add(rooms, cart_id, "sku", f"k{n}")
        for n in range(300, 400):
            assert await add(rooms, cart_id, "sku", f"k{n}") == n + 2
        assert await quantities(rooms, cart_id) == {"sku": 400}


async def test_adds_of_a_sku_whose_offer_is_just_arriving_all_find_it() -> None:
    offers = OfferCache(Shelf(), SystemClock())

    async def ask(turns: int) -> str | None:
        for _ in range(turns):
            await asyncio.sleep(0)
        offer = await offers.find("sku")
        return None if offer is None else offer.sku

    assert await asyncio.gather(*(ask(turns) for turns in range(10) for _ in range(5))) == ["sku"] * 50
