"""A tail on streams whose connections break goes on where it was: caches that follow it miss nothing that is kept."""

import asyncio

from renga.platform.bus.factory import make_bus
from renga.platform.redis.driver import make_client
from tests.ports.bus_tools import event
from tests.support import eventually


async def test_what_is_published_while_a_tail_is_cut_off_is_still_seen(valkey_url: str) -> None:
    bus = make_bus(valkey_url)
    await bus.start()
    seen: list[int] = []

    async def follow() -> None:
        async for one in bus.tail(["cart.*"]):
            seen.append(one.sequence)

    async def sees(wanted: int) -> bool:
        return wanted in seen

    async def looks() -> bool:
        await bus.publish([event(1)])
        return bool(seen)

    tail = asyncio.create_task(follow())
    client = make_client(valkey_url)
    await eventually(looks)
    for number in (100, 200, 300):
        await client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        await bus.publish([event(number)])
        await eventually(lambda wanted=number: sees(wanted))  # type: ignore[misc]  # a lambda with a default
    assert [number for number in seen if number >= 100] == [100, 200, 300]
    tail.cancel()
    await asyncio.wait((tail,))
    await client.aclose()
    await bus.close()
