"""Changed keys are told between processes: each is heard once, in order, and an outage is survived."""

import asyncio

import pytest

from renga.platform.auth import key_feed
from renga.platform.auth.key_feed import KeyFeed, RedisKeyChanges
from renga.platform.redis.driver import make_client
from tests.support import eventually


class Process:
    """One reader, and what it was told to forget."""

    def __init__(self, url: str) -> None:
        self.client = make_client(url)
        self.keys: list[str] = []
        self.accounts: list[str] = []
        self.feed = KeyFeed(self.client, forget_key=self.keys.append, forget_account=self.accounts.append)


async def test_every_process_hears_of_each_change_once(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_feed, "BATCH_MAX", 2)
    one, two = Process(redis_url), Process(redis_url)
    changes = RedisKeyChanges(one.client)
    for n in range(5):
        await changes.tell(key_id=f"k{n}")
    await changes.tell(account_id="ana")
    for process in (one, two):
        assert await process.feed.catch_up()
        assert (process.keys, process.accounts) == ([f"k{n}" for n in range(5)], ["ana"])
        assert await process.feed.catch_up()
        assert len(process.keys) == 5
    await one.client.aclose()
    await two.client.aclose()


async def test_a_change_is_heard_while_the_feed_runs(valkey_url: str) -> None:
    process = Process(valkey_url)
    running = asyncio.create_task(process.feed.run())
    await RedisKeyChanges(process.client).tell(key_id="k")

    async def heard() -> bool:
        return process.keys == ["k"]

    await eventually(heard)
    assert process.accounts == []
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await process.client.aclose()


async def test_without_the_store_nothing_fails_and_nothing_is_heard() -> None:
    process = Process("redis://127.0.0.1:1")
    await RedisKeyChanges(process.client).tell(key_id="k")
    assert not await process.feed.catch_up()
    assert process.keys == []
    await process.client.aclose()
