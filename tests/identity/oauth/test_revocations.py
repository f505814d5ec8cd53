"""Revocations reach every process: by the stream at once, by retelling after Redis was away or lost everything."""

import pytest

from renga.domains.identity.oauth.token_revoker import TokenRevoker
from renga.kernel.clock import ManualClock
from renga.kernel.errors import Unauthenticated, Unavailable
from renga.kernel.revocation import Revocation
from renga.platform.auth.revocation_feed import STREAM, RedisRevocations, RevocationFeed
from renga.platform.auth.revocations import Revocations
from renga.platform.redis.driver import make_client
from tests.identity.oauth.house import ANA, House


class Away:
    """A publisher whose Redis is away."""

    async def publish(self, revocations: list[Revocation]) -> None:
        raise Unavailable("away")

    async def exists(self) -> bool:
        raise Unavailable("away")


async def test_another_process_hears_of_a_revocation(redis_url: str, clock: ManualClock) -> None:
    client = make_client(redis_url)
    heard = Revocations(clock)
    feed = RevocationFeed(client, heard, clock)
    await feed.catch_up()
    one = Revocation(kind="account", subject=ANA, cutoff_s=10, until_s=700)
    await RedisRevocations(client, clock).publish([one, one])
    await feed.catch_up()
    await feed.catch_up()
    assert len(heard) == 1
    assert heard.refuses(token_id="", family="", subject=ANA, client_id="", issued_s=10)
    await client.aclose()


async def test_what_redis_did_not_hear_is_told_later(house: House) -> None:
    tokens = await house.connected()
    deaf = TokenRevoker(house.store, Away(), life_s=600, clock=house.clock)
    await deaf.revoke(ANA)
    await house.feed.catch_up()
    assert house.verifier.principal(tokens["access_token"]).subject == ANA
    assert (await house.refresh(tokens["refresh_token"])).status_code == 400
    assert await house.token_revoker.republish() == 1
    await house.feed.catch_up()
    with pytest.raises(Unauthenticated):
        house.verifier.principal(tokens["access_token"])
    assert await house.token_revoker.republish() == 0


async def test_what_redis_lost_is_told_again_to_a_process_that_starts(house: House) -> None:
    tokens = await house.connected()
    await house.token_revoker.revoke(ANA)
    await house.redis.delete(STREAM)
    await house.feed.catch_up()
    assert house.verifier.principal(tokens["access_token"]).subject == ANA
    assert await house.token_revoker.republish() == 1
    await house.feed.catch_up()
    with pytest.raises(Unauthenticated):
        house.verifier.principal(tokens["access_token"])


async def test_what_is_over_is_forgotten(house: House, clock: ManualClock) -> None:
    await house.connected()
    await house.token_revoker.revoke(ANA)
    assert await house.store.purge(clock.now_ms()) == 0
    clock.advance(seconds=8 * 86_400)
    assert await house.store.purge(clock.now_ms()) == 3
