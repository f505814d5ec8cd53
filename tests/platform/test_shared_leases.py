"""Leases cost few statements: one for all names on one server, one for all tasks that renew together."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from renga.platform.redis.driver import make_client
from renga.platform.redis.leases import Leases, LeasesUnavailable
from renga.platform.redis.shared_leases import SharedLeases


@pytest.fixture
async def client(valkey_url: str) -> AsyncIterator[Any]:
    client = make_client(valkey_url)
    yield client
    await client.aclose()


async def _evals(client: Any) -> int:
    return int((await client.info("commandstats")).get("cmdstat_eval", {"calls": 0})["calls"])


async def test_many_leases_of_one_server_are_renewed_by_one_statement(client: Any) -> None:
    leases, names = Leases(client, "one"), [f"cart:{n}" for n in range(64)]
    await Leases(client, "two").acquire(["cart:7"])
    before = await _evals(client)
    assert await leases.acquire(names) == frozenset(names) - {"cart:7"}
    assert await leases.renew(names) == frozenset(names) - {"cart:7"}
    assert await leases.release(names) == frozenset(names) - {"cart:7"}
    assert await _evals(client) - before == 3


async def test_tasks_that_renew_at_the_same_time_share_a_statement_and_get_their_own_answer(client: Any) -> None:
    leases = SharedLeases(client, "one")
    await leases.acquire([f"c{n}" for n in range(8)])
    await client.delete("lease:c3")
    before = await _evals(client)
    renewed = await asyncio.gather(*(leases.renew([f"c{n}"]) for n in range(8)))
    assert renewed == [frozenset() if n == 3 else {f"c{n}"} for n in range(8)]
    assert await _evals(client) - before == 1
    assert await leases.renew(["c1"]) == {"c1"}


async def test_one_that_is_cancelled_does_not_take_the_others_with_it(client: Any) -> None:
    leases = SharedLeases(client, "one")
    first, second = (asyncio.create_task(leases.acquire([name])) for name in ("a", "b"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == {"b"}
    assert first.cancelled()


async def test_every_task_learns_that_the_store_is_away() -> None:
    client = make_client("redis://127.0.0.1:1")
    leases = SharedLeases(client, "one")
    results = await asyncio.gather(*(leases.renew([name]) for name in "ab"), return_exceptions=True)
    assert [type(result) for result in results] == [LeasesUnavailable, LeasesUnavailable]
    await client.aclose()
