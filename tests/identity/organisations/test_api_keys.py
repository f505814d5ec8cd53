"""API keys: their life, rotation with overlap, scopes that never exceed their maker's, what is stored, when they were used."""

import asyncio
import hashlib
import hmac
from itertools import count
from typing import Any

import pytest

from renga.domains.identity.api_keys.last_uses import LastUses
from renga.domains.identity.api_keys.model import key_format
from renga.domains.identity.api_keys.model.key_format import Hasher, id_of
from renga.domains.identity.contract import (
    ApiKey,
    KeyNotActive,
    KeyNotFound,
    MerchantNotFound,
    NewKey,
    OrganisationInvalid,
    RateLimit,
    ScopeNotAllowed,
    TooMany,
)
from renga.domains.identity.organisations.model.limits import KEY_LIFE_MAX_S, OVERLAP_MAX_S, PER_MINUTE_MAX, USES_MAX
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.errors import Forbidden, Unauthenticated, Unavailable
from renga.kernel.once import IdempotencyConflict
from tests.identity.organisations.house import SECRET, House, acting, once, proved


async def own_key(house: House, by: str, *scopes: str, **more: Any) -> NewKey:
    given: dict[str, Any] = {"merchant_id": None, "life_s": None, "limit": None} | more
    return await house.keys.create(acting(by), "a key", scopes or ("cart",), **given)


async def checked(house: House, key: NewKey) -> ApiKey:
    found = await house.keys.check(key.key)
    assert found is not None
    return found


async def test_a_key_is_shown_once_and_works(house: House) -> None:
    ana = await house.person("ana")
    made = await own_key(house, ana, "cart", "orders", life_s=3_600)
    assert made.info == ApiKey(
        id=made.info.id,
        name="a key",
        prefix=f"rk_{made.info.id}",
        merchant_id=None,
        account_id=ana,
        scopes=("cart", "orders"),
        limit=RateLimit(per_minute=600, burst=100),
        created_at="2023-11-14T22:13:20.000Z",
        expires_at="2023-11-14T23:13:20.000Z",
        last_used_at=None,
        revoked=False,
    )
    assert len(made.info.id) == 8
    assert made.key.startswith(made.info.prefix + "_")
    assert len(made.key) == 3 + 8 + 1 + 43
    assert await house.keys.check(made.key) == made.info
    assert await house.keys.of_owner(acting(ana), None) == (made.info,)


async def test_only_a_keyed_hash_of_a_key_is_stored(house: House) -> None:
    ana = await house.person("ana")
    made = await house.keys.create(
        acting(ana), "a key", ["cart"], merchant_id=None, life_s=None, limit=None, once=once("k1", scope=ana)
    )
    secret = made.key.rpartition("_")[2] if made.key.count("_") == 2 else made.key[12:]
    dump = []
    for table in ("api_keys", "idempotency", "audit", "outbox"):
        dump += [str(tuple(row)) for row in await house.pool.fetch(f"SELECT * FROM identity.{table}")]
    assert not any(secret in line for line in dump)
    stored = await house.pool.fetchval("SELECT hash FROM identity.api_keys")
    assert stored == Hasher(SECRET, b"api keys").hash(made.key)
    assert stored != Hasher(b"another shop", b"api keys").hash(made.key)
    assert stored != hashlib.sha256(made.key.encode()).digest()
    assert await house.trail() == ["api_key_created"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rk_",
        "rk_aaaaaaaa",
        "rk_aaaaaaaa_" + "a" * 42,
        "rk_aaaaaaaa_" + "a" * 44,
        "rk_AAAAAAAA_" + "a" * 43,
        "rk_aaaaaaaa_" + "a" * 42 + "\n",
        "rk_aaaaaaaa_" + "é" * 43,
        "pk_aaaaaaaa_" + "a" * 43,
        "rk_aaaa'--a_" + "a" * 43,
        "\ud800" * 55,
    ],
)
async def test_what_is_no_key_never_reaches_the_store(house: House, text: str) -> None:
    assert await house.keys.check(text) is None
    assert house.key_store.looked == 0


async def test_a_wrong_secret_is_refused_and_does_not_hide_the_right_one(house: House) -> None:
    ana = await house.person("ana")
    made = await own_key(house, ana)
    wrong = made.key[:-1] + ("a" if made.key[-1] != "a" else "b")
    assert await house.keys.check(wrong) is None
    assert await house.keys.check(made.key) == made.info
    assert await house.keys.check(wrong) is None
    assert house.key_store.looked == 1


async def test_an_unknown_key_costs_the_same_hash_and_comparison_as_a_known_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, int, int]] = []
    real_digest, real_compare = hmac.digest, hmac.compare_digest

    def digest(key: bytes, text: bytes, name: Any) -> bytes:
        calls.append(("digest", len(key), len(text)))
        return real_digest(key, text, name)

    def compare(one: bytes, two: bytes) -> bool:
        calls.append(("compare", len(one), len(two)))
        return real_compare(one, two)

    ana = await house.person("ana")
    made = await own_key(house, ana)
    monkeypatch.setattr(hmac, "digest", digest)
    monkeypatch.setattr(hmac, "compare_digest", compare)
    seen = []
    for key in (made.key, made.key[:-2] + "zz", "rk_zzzzzzzz_" + "z" * 43):
        calls.clear()
        await house.keys.check(key)
        seen.append(list(calls))
    assert seen == [[("digest", 32, 55), ("compare", 32, 32)]] * 3
    assert house.key_store.looked == 2


async def test_an_expired_key_is_over_to_the_millisecond(house: House) -> None:
    ana = await house.person("ana")
    made = await own_key(house, ana, life_s=60)
    house.clock.advance(seconds=59, ms=999)
    assert await house.keys.check(made.key) == made.info
    house.clock.advance(ms=1)
    assert await house.keys.check(made.key) is None
    with pytest.raises(KeyNotActive):
        await house.keys.rotate(acting(ana), made.info.id, merchant_id=None, overlap_s=60)
    assert await house.rows("api_keys") == 1


async def test_a_revoked_key_is_over_at_once_here_and_within_five_seconds_elsewhere(house: House) -> None:
    ana = await house.person("ana")
    made = await own_key(house, ana)
    elsewhere = house.other_process()
    assert await house.keys.check(made.key) == made.info
    assert await elsewhere.check(made.key) == made.info
    await house.keys.revoke(acting(ana), made.info.id, merchant_id=None)
    assert await house.keys.check(made.key) is None
    house.clock.advance(seconds=4, ms=999)
    assert await elsewhere.check(made.key) == made.info
    house.clock.advance(ms=1)
    assert await elsewhere.check(made.key) is None
    await house.keys.revoke(acting(ana), made.info.id, merchant_id=None)
    assert await house.trail() == ["api_key_created", "api_key_revoked"]
    assert [key.revoked for key in await house.keys.of_owner(acting(ana), None)] == [True]


async def test_a_key_that_is_not_there_is_asked_for_again_after_two_seconds(house: House) -> None:
    key = "rk_zzzzzzzz_" + "z" * 43
    for _ in range(3):
        assert await house.keys.check(key) is None
    assert house.key_store.looked == 1
    house.clock.advance(seconds=2)
    assert await house.keys.check(key) is None
    assert house.key_store.looked == 2


async def test_many_checks_at_once_ask_the_store_once(house: House) -> None:
    ana = await house.person("ana")
    made = await own_key(house, ana)
    found = await asyncio.gather(*(house.keys.check(made.key) for _ in range(50)))
    assert found == [made.info] * 50
    assert house.key_store.looked == 1


async def test_during_the_overlap_both_keys_work_and_then_only_the_new_one(house: House) -> None:
    ana = await house.person("ana")
    old = await own_key(house, ana, "cart", "orders", limit=RateLimit(per_minute=30, burst=5), life_s=86_400)
    assert await house.keys.check(old.key) is not None
    house.clock.advance(seconds=600)
    new = await house.keys.rotate(acting(ana), old.info.id, merchant_id=None, overlap_s=120)
    assert (new.info.scopes, new.info.limit, new.info.name) == (old.info.scopes, old.info.limit, old.info.name)
    assert new.info.expires_at == "2023-11-15T22:23:20.000Z"
    assert new.key != old.key
    for _ in range(2):
        assert (await checked(house, old)).id == old.info.id
        assert (await checked(house, new)).id == new.info.id
        house.clock.advance(seconds=59)
    house.clock.advance(seconds=2)
    assert await house.keys.check(old.key) is None
    assert (await checked(house, new)).id == new.info.id
    assert await house.trail() == ["api_key_created", "api_key_rotated"]


async def test_rotation_never_lengthens_a_life(house: House) -> None:
    ana = await house.person("ana")
    old = await own_key(house, ana, life_s=60)
    await house.keys.rotate(acting(ana), old.info.id, merchant_id=None, overlap_s=OVERLAP_MAX_S)
    house.clock.advance(seconds=60)
    assert await house.keys.check(old.key) is None


async def test_a_key_is_rotated_once_also_by_two_at_once(house: House) -> None:
    ana = await house.person("ana")
    old = await own_key(house, ana)
    done = await asyncio.gather(
        *(house.keys.rotate(acting(ana), old.info.id, merchant_id=None, overlap_s=60) for _ in range(4)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["KeyNotActive", "KeyNotActive", "KeyNotActive", "NewKey"]
    assert await house.rows("api_keys") == 2


async def test_a_retried_rotation_answers_with_the_same_successor(house: House) -> None:
    ana = await house.person("ana")
    old = await own_key(house, ana)
    first, again = [
        await house.keys.rotate(acting(ana), old.info.id, merchant_id=None, overlap_s=60, once=once("k1", scope=ana))
        for _ in range(2)
    ]
    assert first == again
    assert await house.keys.check(again.key) == again.info
    assert await house.rows("api_keys") == 2


async def test_a_retried_creation_answers_with_the_same_key(house: House) -> None:
    ana = await house.person("ana")
    made = await asyncio.gather(*(own_key(house, ana, once=once("k1", scope=ana)) for _ in range(5)))
    assert len({one.key for one in made}) == 1
    assert await house.rows("api_keys") == 1
    with pytest.raises(IdempotencyConflict):
        await own_key(house, ana, once=once("k1", scope=ana, fingerprint=b"another"))


@pytest.mark.parametrize(
    "beyond", ["account", "openid", "offline_access", "carts:any", "identity:admin", "catalog:write", "no:such", ""]
)
async def test_a_key_never_gets_more_than_its_maker_may_give(house: House, beyond: str) -> None:
    ana = await house.person("ana", "customer")
    with pytest.raises(ScopeNotAllowed) as refused:
        await own_key(house, ana, "cart", beyond)
    assert refused.value.extra == {"scope": beyond}
    assert await house.rows("api_keys") == 0


async def test_a_key_loses_what_its_maker_loses(house: House) -> None:
    fabio = await house.person("fabio", "customer", "finance")
    made = await own_key(house, fabio, "cart", "ledger:read")
    assert (await checked(house, made)).scopes == ("cart", "ledger:read")
    await house.set_stakeholders(fabio, "customer")
    house.clock.advance(seconds=5)
    assert (await checked(house, made)).scopes == ("cart",)
    await house.set_stakeholders(fabio, "operator")
    house.clock.advance(seconds=5)
    assert await house.keys.check(made.key) is None
    with pytest.raises(ScopeNotAllowed):
        await house.keys.rotate(acting(fabio), made.info.id, merchant_id=None, overlap_s=60)
    await house.set_stakeholders(fabio, "customer", "finance")
    house.clock.advance(seconds=5)
    assert (await checked(house, made)).scopes == ("cart", "ledger:read")


async def test_a_merchants_key_follows_its_makers_role(house: House) -> None:
    ana, _ = await house.person("ana"), await house.person("bruno")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    await house.join(ana, merchant.id, "bruno", "owner")
    made = await own_key(house, ana, "catalog:write", "merchant", merchant_id=merchant.id)
    assert made.info.merchant_id == merchant.id
    assert (await checked(house, made)).scopes == ("catalog:write", "merchant")
    await house.merchants.set_member(Caller(ana), merchant.id, "ana@example.com", "clerk")
    house.clock.advance(seconds=5)
    assert (await checked(house, made)).scopes == ("catalog:write",)


async def test_who_leaves_a_merchant_leaves_without_its_keys(house: House) -> None:
    ana, bruno = await house.person("ana"), await house.person("bruno")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    await house.join(ana, merchant.id, "bruno", "owner")
    made = await own_key(house, bruno, "catalog:write", merchant_id=merchant.id)
    own = await own_key(house, bruno, "cart")
    await house.merchants.remove_member(Caller(ana), merchant.id, bruno)
    house.clock.advance(seconds=5)
    assert await house.keys.check(made.key) is None
    assert (await checked(house, own)).scopes == ("cart",)
    await house.join(ana, merchant.id, "bruno", "owner")
    house.clock.advance(seconds=5)
    assert await house.keys.check(made.key) is None


async def test_the_keys_of_a_closed_merchant_are_over(house: House) -> None:
    ana = await house.person("ana")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    made = await own_key(house, ana, "catalog:write", merchant_id=merchant.id)
    await house.merchants.close(Caller(ana), merchant.id)
    house.clock.advance(seconds=5)
    assert await house.keys.check(made.key) is None


async def test_an_application_makes_no_key_that_may_more_than_itself(house: House) -> None:
    ana = await house.person("ana")
    for caller in (proved(ana), proved(ana, "orders", "account")):
        with pytest.raises(ScopeNotAllowed) as refused:
            await house.keys.create(caller, "k", ["cart", "orders"], merchant_id=None, life_s=None, limit=None)
        assert refused.value.extra == {"scope": "cart" if caller.may("orders") else "cart orders"}
    with pytest.raises(Unauthenticated):
        await house.keys.of_owner(ANONYMOUS, None)
    assert await house.rows("api_keys") == 0


async def test_a_key_was_made_at_one_moment_however_long_it_takes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await house.person("ana")
    ticks = count(house.clock.now_ms(), 7)
    monkeypatch.setattr(house.clock, "now_ms", lambda: next(ticks))
    made = await own_key(house, ana)
    (listed,) = await house.keys.of_owner(acting(ana), None)
    assert listed.created_at == made.info.created_at


async def test_another_owner_rotates_and_revokes_a_merchants_key(house: House) -> None:
    ana, bruno = await house.person("ana"), await house.person("bruno")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    await house.join(ana, merchant.id, "bruno", "owner")
    made = await own_key(house, ana, "catalog:write", merchant_id=merchant.id)
    successor = await house.keys.rotate(acting(bruno), made.info.id, merchant_id=merchant.id, overlap_s=0)
    assert successor.info.account_id == bruno
    await house.keys.revoke(acting(bruno), successor.info.id, merchant_id=merchant.id)
    assert await house.keys.check(successor.key) is None


async def test_a_key_of_others_does_not_exist(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    own, merchants = await own_key(house, ana), await own_key(house, ana, "catalog:write", merchant_id=merchant.id)
    for key_id in (own.info.id, merchants.info.id, "zzzzzzzz", "", "' OR 1=1 --"):
        with pytest.raises(KeyNotFound):
            await house.keys.rotate(acting(eva), key_id, merchant_id=None, overlap_s=0)
        with pytest.raises(KeyNotFound):
            await house.keys.revoke(acting(eva), key_id, merchant_id=None)
    with pytest.raises(MerchantNotFound):
        await house.keys.revoke(acting(eva), merchants.info.id, merchant_id=merchant.id)
    for owner, key in ((None, merchants), (merchant.id, own)):
        with pytest.raises(KeyNotFound):  # hers, but not of this place
            await house.keys.revoke(acting(ana), key.info.id, merchant_id=owner)
    with pytest.raises(MerchantNotFound):
        await own_key(house, eva, "catalog:write", merchant_id=merchant.id)
    assert await house.keys.of_owner(acting(eva), None) == ()
    assert await house.rows("api_keys") == 2
    assert await house.keys.check(own.key) == own.info


@pytest.mark.parametrize("role", ["manager", "clerk"])
async def test_only_owners_manage_a_merchants_keys(house: House, role: Any) -> None:
    ana, bruno = await house.person("ana"), await house.person("bruno")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    await house.join(ana, merchant.id, "bruno", role)
    made = await own_key(house, ana, "catalog:write", merchant_id=merchant.id)
    with pytest.raises(Forbidden):
        await own_key(house, bruno, "catalog:write", merchant_id=merchant.id)
    with pytest.raises(Forbidden):
        await house.keys.rotate(acting(bruno), made.info.id, merchant_id=merchant.id, overlap_s=0)
    with pytest.raises(Forbidden):
        await house.keys.revoke(acting(bruno), made.info.id, merchant_id=merchant.id)
    assert await house.keys.check(made.key) == made.info
    assert await house.rows("api_keys") == 1


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("life_s", {"life_s": 0}),
        ("life_s", {"life_s": -1}),
        ("life_s", {"life_s": KEY_LIFE_MAX_S + 1}),
        ("limit", {"limit": RateLimit(per_minute=0, burst=1)}),
        ("limit", {"limit": RateLimit(per_minute=PER_MINUTE_MAX + 1, burst=1)}),
        ("limit", {"limit": RateLimit(per_minute=1, burst=10**9)}),
    ],
)
async def test_lives_and_limits_have_bounds(house: House, field: str, more: dict[str, Any]) -> None:
    ana = await house.person("ana")
    with pytest.raises(OrganisationInvalid) as refused:
        await own_key(house, ana, "cart", **more)
    assert refused.value.extra == {"field": field}
    assert await house.rows("api_keys") == 0


async def test_a_key_needs_a_scope_and_an_overlap_has_bounds(house: House) -> None:
    ana = await house.person("ana")
    with pytest.raises(OrganisationInvalid):
        await house.keys.create(acting(ana), "a key", [], merchant_id=None, life_s=None, limit=None)
    made = await own_key(house, ana)
    for overlap_s in (-1, OVERLAP_MAX_S + 1):
        with pytest.raises(OrganisationInvalid):
            await house.keys.rotate(acting(ana), made.info.id, merchant_id=None, overlap_s=overlap_s)
    assert await house.rows("api_keys") == 1


async def test_there_is_a_bound_of_keys_that_work(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renga.domains.identity.api_keys.create_key.KEYS_PER_OWNER_MAX", 2)
    ana = await house.person("ana")
    made = await asyncio.gather(*(own_key(house, ana) for _ in range(5)), return_exceptions=True)
    kept = [one for one in made if isinstance(one, NewKey)]
    assert (len(kept), sum(isinstance(one, TooMany) for one in made)) == (2, 3)
    await house.keys.revoke(acting(ana), kept[0].info.id, merchant_id=None)
    await own_key(house, ana)
    assert await house.rows("api_keys") == 3


async def test_last_use_is_written_at_most_once_a_minute_and_in_one_batch(house: House) -> None:
    ana = await house.person("ana")
    one, two = await own_key(house, ana), await own_key(house, ana)
    for _ in range(100):
        await house.keys.check(one.key)
    await house.keys.check(two.key)
    assert (await house.keys.flush(), house.key_store.touched) == (2, 1)
    house.clock.advance(seconds=59, ms=999)
    await house.keys.check(one.key)
    assert (await house.keys.flush(), house.key_store.touched) == (0, 1)
    house.clock.advance(ms=1)
    await house.keys.check(one.key)
    assert (await house.keys.flush(), house.key_store.touched) == (1, 2)
    uses = {key.id: key.last_used_at for key in await house.keys.of_owner(acting(ana), None)}
    assert uses == {one.info.id: "2023-11-14T22:14:20.000Z", two.info.id: "2023-11-14T22:13:20.000Z"}


async def test_two_processes_write_a_keys_last_use_once_a_minute_together(house: House) -> None:
    ana = await house.person("ana")
    made = await own_key(house, ana)
    elsewhere = house.other_process()
    await house.keys.check(made.key)
    assert await house.keys.flush() == 1
    house.clock.advance(seconds=30)
    await elsewhere.check(made.key)
    assert await elsewhere.flush() == 0


async def test_a_wrong_or_revoked_key_is_not_used(house: House) -> None:
    ana = await house.person("ana")
    made = await own_key(house, ana)
    await house.keys.check(made.key[:-2] + "zz")
    await house.keys.revoke(acting(ana), made.info.id, merchant_id=None)
    await house.keys.check(made.key)
    assert await house.keys.flush() == 0
    assert (await house.keys.of_owner(acting(ana), None))[0].last_used_at is None


async def test_last_uses_that_could_not_be_written_are_written_the_next_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(uses: Any) -> int:
        raise Unavailable("the database is away")

    ana = await house.person("ana")
    made = await own_key(house, ana)
    await house.keys.check(made.key)
    with monkeypatch.context() as patch:
        patch.setattr(house.key_store, "touch", away)
        assert await house.keys.flush() == 0
    assert await house.keys.flush() == 1
    assert (await house.keys.of_owner(acting(ana), None))[0].last_used_at == "2023-11-14T22:13:20.000Z"


async def test_the_last_uses_are_written_when_the_process_ends(house: House) -> None:
    ana = await house.person("ana")
    made = await own_key(house, ana)
    await house.keys.check(made.key)
    job = asyncio.create_task(house.keys.keep_last_uses())
    await asyncio.sleep(0)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert (await house.keys.of_owner(acting(ana), None))[0].last_used_at == "2023-11-14T22:13:20.000Z"


def test_the_noted_uses_are_bounded() -> None:
    uses = LastUses()
    for number in range(USES_MAX + 5):
        uses.note(str(number), 1)
    taken = uses.take()
    assert len(taken) == USES_MAX
    assert "0" not in taken
    assert uses.take() == {}


def test_the_id_is_read_from_a_key_and_from_nothing_else() -> None:
    numbers = iter((7).to_bytes(size, "big") for size in (5, 32))
    key_id, key = key_format.new_key(lambda size: next(numbers))
    assert (key_id, id_of(key)) == ("aaaaaaah", "aaaaaaah")
    assert key == "rk_aaaaaaah_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAc"
