"""Signing keys: sealed, published before and after they sign, rotated once by many, and no token in flight breaks."""

import asyncio

import msgspec
import pytest

from renga.domains.identity.accounts.providers.aes import AesSeal, SealBroken
from renga.domains.identity.oauth.signing_keys import SigningKeys
from renga.domains.identity.stores.signing_keys import PostgresSigningKeys
from renga.kernel.clock import ManualClock
from tests.identity.oauth.house import ANA, SECRET, House

DAY_S = 86_400


def kids(keys: SigningKeys) -> list[str]:
    return [key["kid"] for key in keys.jwks()["keys"]]


def another(house: House) -> SigningKeys:
    """Another process."""
    return SigningKeys(PostgresSigningKeys(house.pool), AesSeal(SECRET), house.settings, house.clock)


async def test_the_next_key_is_published_before_it_signs(house: House) -> None:
    published, active = set(kids(house.keys)), house.keys.signer().kid
    assert len(published) == 2
    await house.keys.rotate()
    assert {active, house.keys.signer().kid} == published
    assert published < set(kids(house.keys))
    assert len(kids(house.keys)) == 3


async def test_a_token_in_flight_survives_the_rotation_and_so_does_a_process_that_has_not_seen_it(house: House) -> None:
    late = another(house)
    await late.load()
    tokens = await house.connected()
    await house.keys.rotate()
    await house.verifier.keys.refresh()
    assert house.verifier.principal(tokens["access_token"]).subject == ANA
    assert late.signer().kid in kids(house.keys)
    newer = (await house.refresh(tokens["refresh_token"])).json()["access_token"]
    assert house.verifier.principal(newer).subject == ANA


async def test_keys_rotate_by_themselves_and_go_after_the_overlap(house: House, clock: ManualClock) -> None:
    first = house.keys.signer().kid
    clock.advance(seconds=90 * DAY_S - 1)
    await house.keys.load()
    assert house.keys.signer().kid == first
    clock.advance(seconds=1)
    await house.keys.load()
    assert house.keys.signer().kid != first
    assert first in kids(house.keys)
    clock.advance(seconds=DAY_S)
    await house.keys.load()
    assert first not in kids(house.keys)


async def test_of_many_processes_one_rotates(house: House, clock: ManualClock) -> None:
    processes = [another(house) for _ in range(4)]
    clock.advance(seconds=90 * DAY_S)
    await asyncio.gather(*(process.load() for process in processes))
    assert len({process.signer().kid for process in processes}) == 1
    states = await house.pool.fetch("SELECT state FROM identity.signing_keys ORDER BY state")
    assert [row[0] for row in states] == ["active", "next", "retired"]


async def test_private_keys_are_not_readable_in_the_database(house: House) -> None:
    for row in await house.pool.fetch("SELECT kid, private, public::text FROM identity.signing_keys"):
        assert b'"d"' not in row["private"]
        assert "d" not in msgspec.json.decode(row["public"])
    stranger = SigningKeys(PostgresSigningKeys(house.pool), AesSeal(b"another secret"), house.settings, house.clock)
    with pytest.raises(SealBroken):
        await stranger.load()


async def test_a_sealed_key_cannot_take_another_ones_place(house: House) -> None:
    await house.pool.execute(
        "UPDATE identity.signing_keys SET private = (SELECT private FROM identity.signing_keys WHERE state = 'next')"
    )
    with pytest.raises(SealBroken):
        await another(house).load()
