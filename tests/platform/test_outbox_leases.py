"""Leases on every Redis of this machine: shared fairly, taken over from the dead, not believed in too long."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from renga.platform.outbox.leases import LeaseKeeper, Leases, LeasesUnavailable
from renga.platform.redis.driver import make_client
from tests.support import eventually

NAMES = [f"cart:{n}" for n in range(64)]


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Any]:
    client = make_client(redis_url)
    yield client
    await client.aclose()


async def _settled(keepers: list[LeaseKeeper], sizes: list[int]) -> bool:
    for keeper in keepers:
        await keeper.tick()
    return sorted(len(keeper.held()) for keeper in keepers) == sizes


def _disjoint(keepers: list[LeaseKeeper]) -> bool:
    return len(frozenset().union(*(k.held() for k in keepers))) == sum(len(k.held()) for k in keepers)


async def test_a_lease_has_one_holder_who_alone_may_renew_and_release_it(client: Any) -> None:
    one, two = Leases(client, "one"), Leases(client, "two")
    assert await one.acquire(["a", "b"]) == {"a", "b"}
    assert await two.acquire(["b", "c"]) == {"c"}
    assert await one.acquire(["a"]) == {"a"}
    assert await two.free(["a", "b", "c", "d"]) == ["d"]
    assert await two.renew(["a", "c"]) == {"c"}
    assert await two.release(["a", "c"]) == {"c"}
    assert await one.renew(["a", "b", "c"]) == {"a", "b"}


async def test_a_lease_that_is_not_renewed_becomes_free(client: Any) -> None:
    one, two = Leases(client, "one", ttl_ms=150), Leases(client, "two")
    await one.acquire(["a"])
    await eventually(lambda: _acquired(two, "a"))
    assert await one.renew(["a"]) == frozenset()


async def test_three_keepers_share_64_names_fairly_and_without_overlap(client: Any) -> None:
    keepers = [LeaseKeeper(Leases(client, owner), NAMES) for owner in ("one", "two", "three")]
    await keepers[0].tick()
    assert keepers[0].held() == frozenset(NAMES)
    await eventually(lambda: _settled(keepers, [20, 22, 22]))
    assert _disjoint(keepers)


async def test_a_dead_keepers_names_are_taken_over(client: Any) -> None:
    keepers = [LeaseKeeper(Leases(client, owner, ttl_ms=1_000), NAMES) for owner in ("one", "two", "three")]
    await eventually(lambda: _settled(keepers, [20, 22, 22]))
    await eventually(lambda: _settled(keepers[:2], [32, 32]))  # the third is never heard of again
    assert _disjoint(keepers[:2])


async def test_a_keeper_that_stops_gives_its_names_back_at_once(client: Any) -> None:
    first, second = (LeaseKeeper(Leases(client, owner, ttl_ms=60_000), NAMES) for owner in ("one", "two"))
    running = asyncio.create_task(first.run())
    await eventually(lambda: _holds(first, 64))
    running.cancel()
    await asyncio.wait((running,))
    assert first.held() == frozenset()
    await second.tick()
    assert second.held() == frozenset(NAMES)


async def test_a_keeper_tells_of_leases_gained_and_lost_and_of_nothing_else(client: Any) -> None:
    first, second = (LeaseKeeper(Leases(client, owner, ttl_ms=2_000), ["a", "b"]) for owner in ("one", "two"))
    told: list[int] = []
    first.tell(lambda: told.append(len(first.held())))
    running = asyncio.create_task(first.run())
    await eventually(lambda: _holds(first, 2))
    await asyncio.sleep(1.0)  # a renewal that changes nothing
    assert told == [2]
    sharing = asyncio.create_task(second.run())
    await eventually(lambda: _holds(second, 1))
    assert told == [2, 1]
    sharing.cancel()
    await asyncio.wait((sharing,))
    await eventually(lambda: _holds(first, 2))
    assert told == [2, 1, 2]
    running.cancel()
    await asyncio.wait((running,))


async def test_a_surplus_lease_in_use_is_not_handed_over_before_it_is_free(client: Any) -> None:
    first, second = (LeaseKeeper(Leases(client, owner), ["a", "b"]) for owner in ("one", "two"))
    await first.tick()
    with first.using(["a", "b"]):
        await second.tick()
        await first.tick()
        await second.tick()
        assert len(first.held()) == 1
        assert second.held() == frozenset()
    await first.tick()
    await second.tick()
    assert first.held() | second.held() == {"a", "b"}
    assert len(first.held()) == len(second.held()) == 1


async def test_a_keeper_that_cannot_renew_stops_holding(client: Any) -> None:
    now = 0.0
    leases = Leases(client, "one")
    keeper = LeaseKeeper(leases, ["a"], monotonic=lambda: now)
    await keeper.tick()
    assert keeper.held() == {"a"}

    async def away(names: Any) -> frozenset[str]:
        raise LeasesUnavailable("gone")

    leases.renew = away  # type: ignore[method-assign]  # the store goes away
    now = 2.49
    with pytest.raises(LeasesUnavailable):
        await keeper.tick()
    assert keeper.held() == {"a"}
    now = 2.5
    assert keeper.held() == frozenset()


async def test_a_store_that_is_away_is_an_error_of_ours() -> None:
    client = make_client("redis://127.0.0.1:1")
    with pytest.raises(LeasesUnavailable):
        await Leases(client, "one").acquire(["a"])
    await client.aclose()


async def _acquired(leases: Leases, name: str) -> bool:
    return name in await leases.acquire([name])


async def _holds(keeper: LeaseKeeper, count: int) -> bool:
    return len(keeper.held()) == count
