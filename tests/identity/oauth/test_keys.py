"""Signing keys: sealed, published before and after they sign, rotated once by many, and no token in flight breaks."""

import asyncio
import threading

import msgspec
import pytest
from joserfc.jwk import Key

from renga.domains.identity.accounts.providers.aes import SealBroken
from renga.domains.identity.oauth.key_making import RSA_BITS, Algorithm, make_key
from renga.domains.identity.oauth.key_ring import KeyRing
from renga.domains.identity.oauth.ports import KeyRow
from renga.domains.identity.oauth.signing_keys import SigningKeys
from renga.domains.identity.settings import IdentitySettings
from renga.kernel.clock import ManualClock
from tests.identity.oauth.house import ANA, House

DAY_S = 86_400
RINGS = pytest.mark.parametrize("algorithm", ["ES256", "RS256"])


def kids(keys: SigningKeys, algorithm: str) -> list[str]:
    return [key["kid"] for key in keys.jwks()["keys"] if key["alg"] == algorithm]


@RINGS
async def test_the_next_key_is_published_before_it_signs(house: House, algorithm: Algorithm) -> None:
    published, active = set(kids(house.keys, algorithm)), house.keys.signer(algorithm).kid
    assert len(published) == 2
    await house.keys.rotate()
    assert {active, house.keys.signer(algorithm).kid} == published
    assert published < set(kids(house.keys, algorithm))
    assert len(kids(house.keys, algorithm)) == 3


async def test_a_token_in_flight_survives_the_rotation_and_so_does_a_process_that_has_not_seen_it(house: House) -> None:
    late = house.process()
    await late.load()
    tokens = await house.connected()
    await house.keys.rotate()
    await house.verifier.keys.refresh()
    assert house.verifier.principal(tokens["access_token"]).subject == ANA
    assert late.signer().kid in kids(house.keys, "ES256")
    assert late.signer("RS256").kid in kids(house.keys, "RS256")
    newer = (await house.refresh(tokens["refresh_token"])).json()["access_token"]
    assert house.verifier.principal(newer).subject == ANA


@RINGS
async def test_keys_rotate_by_themselves_and_go_after_the_overlap(
    house: House, clock: ManualClock, algorithm: Algorithm
) -> None:
    first = house.keys.signer(algorithm).kid
    clock.advance(seconds=90 * DAY_S - 1)
    await house.keys.load()
    assert house.keys.signer(algorithm).kid == first
    clock.advance(seconds=1)
    await house.keys.load()
    assert house.keys.signer(algorithm).kid != first
    assert first in kids(house.keys, algorithm)
    assert house.keys.find(str(first)) is not None
    clock.advance(seconds=DAY_S)
    await house.keys.load()
    assert first not in kids(house.keys, algorithm)
    assert house.keys.find(str(first)) is None


@RINGS
async def test_of_many_processes_one_rotates(house: House, clock: ManualClock, algorithm: Algorithm) -> None:
    processes = [house.process() for _ in range(4)]
    clock.advance(seconds=90 * DAY_S)
    await asyncio.gather(*(process.load() for process in processes))
    assert len({process.signer(algorithm).kid for process in processes}) == 1
    query = "SELECT state FROM identity.signing_keys WHERE public->>'alg' = $1 ORDER BY state"
    assert [row[0] for row in await house.pool.fetch(query, algorithm)] == ["active", "next", "retired"]


async def test_another_process_follows_both_rings(house: House) -> None:
    other = house.process()
    await other.load()
    await house.keys.rotate()
    await other.load()
    for algorithm in ("ES256", "RS256"):
        assert other.signer(algorithm).kid == house.keys.signer(algorithm).kid
    assert other.jwks() == house.keys.jwks()


async def test_a_shop_of_before_gets_its_second_ring_and_keeps_the_first(house: House) -> None:
    first = kids(house.keys, "ES256")
    await house.pool.execute("DELETE FROM identity.signing_keys WHERE public->>'alg' = 'RS256'")
    process = house.process()
    await process.load()
    assert kids(process, "ES256") == first
    assert len(kids(process, "RS256")) == 2


async def test_published_keys_say_what_they_are_for(house: House) -> None:
    keys = (await house.http.get("/oauth/jwks.json")).json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys) == 4
    kinds = {(key["alg"], key["kty"], key["use"]) for key in keys}
    assert kinds == {("ES256", "EC", "sig"), ("RS256", "RSA", "sig")}
    for key in keys:
        assert set(key) == {"kty", "alg", "use", "kid"} | ({"n", "e"} if key["kty"] == "RSA" else {"crv", "x", "y"})
        # base64url of the modulus
        assert key["kty"] == "EC" or len(key["n"]) * 6 >= RSA_BITS >= 2_048


async def test_private_keys_are_not_readable_in_the_database(house: House) -> None:
    rows = await house.pool.fetch("SELECT kid, private, public::text FROM identity.signing_keys")
    assert len(rows) == 4
    for row in rows:
        assert b'"d"' not in row["private"]
        assert not {"d", "p", "q", "dp", "dq", "qi"} & set(msgspec.json.decode(row["public"]))
    with pytest.raises(SealBroken):
        await house.process(b"another secret").load()


@RINGS
async def test_a_sealed_key_cannot_take_another_ones_place(house: House, algorithm: Algorithm) -> None:
    await house.pool.execute(
        """
        UPDATE identity.signing_keys SET private = (
            SELECT private FROM identity.signing_keys WHERE state = 'next' AND public->>'alg' = $1
        ) WHERE public->>'alg' = $1
        """,
        algorithm,
    )
    with pytest.raises(SealBroken):
        await house.process().load()


async def test_keys_are_made_beside_the_loop(house: House) -> None:
    turned, waited = threading.Event(), list[bool]()

    def slow(algorithm: Algorithm) -> Key:
        waited.append(turned.wait(10))
        return make_key(algorithm)

    house.make_key = slow  # the next processes'
    rotating = asyncio.create_task(house.process().rotate())
    await asyncio.sleep(0)
    # only a loop that goes on while a key is made gets here before the wait is over
    asyncio.get_running_loop().call_later(0.05, turned.set)
    await rotating
    assert waited == [True, True]


def _row(kid: str, state: str, at_ms: int = 0) -> KeyRow:
    return KeyRow(kid=kid, state=state, public={}, private=b"", created_ms=at_ms, changed_ms=at_ms)  # type: ignore[arg-type] # one of the three


@pytest.mark.parametrize(
    ("states", "force", "lacking"),
    [
        ((), False, 2),
        (("next",), False, 1),
        (("active",), False, 1),
        (("active", "next"), False, 0),
        (("active", "next"), True, 1),
        (("retired",), False, 2),
    ],
)
def test_a_ring_says_how_many_keys_it_lacks_and_waits_for_all_of_them(
    states: tuple[str, ...], force: bool, lacking: int
) -> None:
    rows = [_row(state, state) for state in states]
    ring = KeyRing(rows, IdentitySettings(), 1_000, force=force)
    assert ring.lacking == lacking
    fresh = [_row(f"new{number}", "next", 1_000) for number in range(lacking)]
    assert {row.state for row in ring.rotated(fresh)} >= {"active", "next"}
    if lacking:
        assert ring.rotated(fresh[1:]) == tuple(rows)
