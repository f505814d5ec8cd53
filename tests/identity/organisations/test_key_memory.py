"""What a process remembers of keys: how long it is believed, and how other processes make it forget."""

from renga.platform.auth.key_feed import KeyFeed, RedisKeyChanges
from renga.platform.redis.driver import make_client
from tests.identity.organisations.house import House, acting
from tests.identity.organisations.test_api_keys import own_key


async def test_what_is_told_of_a_key_is_known_in_every_process_before_its_memory_ends(
    house: House, valkey_url: str
) -> None:
    client = make_client(valkey_url)
    one, two = house.other_process(RedisKeyChanges(client)), house.other_process()
    feed = KeyFeed(client, forget_key=two.forget, forget_account=two.forget_account)
    ana = await house.person("ana")
    first, second = await own_key(house, ana), await own_key(house, ana)
    for key in (first, second):
        assert await two.check(key.key) == key.info == two.known(key.key)
    await one.revoke(acting(ana), first.info.id, merchant_id=None)
    await feed.catch_up()
    assert two.known(first.key) is None
    assert await two.check(first.key) is None
    assert two.known(second.key) == second.info
    await house.pool.execute("UPDATE identity.accounts SET locked_ms = 1 WHERE id = $1", ana)
    await one.account_changed(ana)
    assert await two.check(second.key) == second.info
    await feed.catch_up()
    assert two.known(second.key) is None
    assert await two.check(second.key) is None
    await client.aclose()


async def test_a_key_is_known_without_waiting_only_once_it_was_proved_and_never_longer_than_it_works(
    house: House,
) -> None:
    ana = await house.person("ana")
    made = await own_key(house, ana, life_s=3_600)
    wrong = made.key[:-1] + ("a" if made.key[-1] != "a" else "b")
    assert house.keys.known(made.key) is None
    assert await house.keys.check(wrong) is None
    assert (house.keys.known(wrong), house.keys.known(made.key)) == (None, None)
    assert await house.keys.check(made.key) == made.info
    assert (house.keys.known(wrong), house.keys.known(made.key)) == (None, made.info)
    assert house.keys.known("\ud800") is None
    house.clock.advance(seconds=5)
    assert house.keys.known(made.key) is None
    house.clock.advance(seconds=3_591)
    assert await house.keys.check(made.key) == made.info
    house.clock.advance(seconds=4)
    assert house.keys.known(made.key) is None
    assert await house.keys.check(made.key) is None
