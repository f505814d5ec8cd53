"""Requests that are under way, on every server of the Redis family: kept for their time, taken by one of many."""

import asyncio

import pytest

from renga.domains.identity.oauth.model import AuthorizationRequest, OpenRequest
from renga.domains.identity.stores.oauth_pending import PREFIX, RedisPendingRequests
from renga.kernel.errors import Unavailable
from renga.platform.auth.replays import RedisReplays
from renga.platform.redis.driver import make_client

REQUEST = AuthorizationRequest(
    client_id="spa", redirect_uri="https://a.test/", scopes=("cart",), challenge="c" * 43, created_ms=1
)
OPEN = OpenRequest(request=REQUEST, browser="b")


async def test_of_many_who_take_a_request_one_gets_it(redis_url: str) -> None:
    client = make_client(redis_url)
    memory = RedisPendingRequests(client)
    await memory.push("h", REQUEST, 60)
    await memory.open("h", OPEN, 60)
    await memory.keep_text("h", b"text", 60)
    assert await memory.opened("h") == OPEN
    for take, kept in ((memory.take_pushed, REQUEST), (memory.take_opened, OPEN), (memory.take_text, b"text")):
        taken = await asyncio.gather(*(take("h") for _ in range(5)))
        assert [one for one in taken if one is not None] == [kept]
    await client.aclose()


async def test_everything_goes_by_itself(redis_url: str) -> None:
    client = make_client(redis_url)
    await RedisPendingRequests(client).push("h", REQUEST, 60)
    assert 0 < await client.ttl(f"{PREFIX}pushed:h") <= 60
    await client.aclose()


async def test_of_many_who_show_an_identifier_one_is_first(redis_url: str) -> None:
    client = make_client(redis_url)
    replays = RedisReplays(client)
    shown = await asyncio.gather(*(replays.first("jti", 60) for _ in range(5)))
    assert sorted(shown) == [False, False, False, False, True]
    await client.aclose()


async def test_without_its_store_nothing_counts_as_shown_for_the_first_time() -> None:
    client = make_client("redis://127.0.0.1:1")
    with pytest.raises(Unavailable):
        await RedisReplays(client).first("jti", 60)
    with pytest.raises(Unavailable):
        await RedisPendingRequests(client).take_pushed("h")
    await client.aclose()
