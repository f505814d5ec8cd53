"""The first factor: one answer and one amount of work for everybody who may not come in, and no way to shut a stranger out."""

import asyncio

import pytest

from renga.domains.identity.contract import CallOrigin, CredentialsRefused
from renga.domains.identity.settings import PasswordSettings
from tests.identity.accounts.people import ANA, AWAY, HOME, OTHER_PASSWORD, PASSWORD, People
from tests.identity.organisations.house import AUDITOR, proved

STRANGER = "nobody@example.com"


async def _expect_refusal(people: People, email: str, password: str, origin: CallOrigin) -> str:
    with pytest.raises(CredentialsRefused) as refused:
        await people.accounts.log_in(email, password, origin)
    return f"{refused.value.code} {refused.value.detail} {refused.value.extra}"


async def _guess(people: People, times: int, origin: CallOrigin, email: str = ANA) -> None:
    for _ in range(times):
        await _expect_refusal(people, email, OTHER_PASSWORD, origin)


async def test_the_right_password_logs_a_customer_in(people: People) -> None:
    account = await people.join()
    authenticated = await people.accounts.log_in("ANA@example.com", PASSWORD, HOME)
    assert (authenticated.account, authenticated.second_factor_needed, authenticated.amr) == (account, False, ("pwd",))
    entry = (await people.audit.entries(AUDITOR, account_id=account.id, limit=1))[0]
    assert (entry.action, entry.by, entry.address, entry.details) == (
        "logged_in",
        account.id,
        HOME.address,
        {"method": "pwd"},
    )


async def test_nobody_learns_from_the_answer_who_has_an_account(people: People) -> None:
    await people.join()
    await people.accounts.register("unverified@example.com", PASSWORD, "Bia", "en", HOME)
    wrong = await _expect_refusal(people, ANA, OTHER_PASSWORD, AWAY)
    await _guess(people, 5, CallOrigin(address="192.0.2.1"))
    locked = await _expect_refusal(people, ANA, PASSWORD, CallOrigin(address="192.0.2.1"))
    unknown = await _expect_refusal(people, STRANGER, PASSWORD, AWAY)
    unverified = await _expect_refusal(people, "unverified@example.com", PASSWORD, AWAY)
    no_address = await _expect_refusal(people, "not an address", PASSWORD, AWAY)
    assert {wrong, locked, unknown, unverified, no_address} == {wrong}


async def test_everybody_who_is_refused_costs_one_verification_and_the_same_statements(people: People) -> None:
    await people.join()
    await people.accounts.register("unverified@example.com", PASSWORD, "Bia", "en", HOME)
    locked = CallOrigin(address="192.0.2.1")
    await _guess(people, 5, locked)
    work = []
    for email, origin in [
        (ANA, AWAY),
        (ANA, locked),
        (STRANGER, AWAY),
        ("unverified@example.com", AWAY),
        ("not an address", AWAY),
    ]:
        people.passwords.verifications = people.passwords.hashes = 0
        statements = await people.statements(people.accounts.log_in(email, OTHER_PASSWORD, origin))
        work.append((people.passwords.verifications, people.passwords.hashes, statements))
    assert work[0][:2] == (1, 0)
    assert all(one == work[0] for one in work)


async def test_a_pair_that_guesses_is_refused_even_the_right_password_until_its_delay_is_over(people: People) -> None:
    await people.join()
    await _guess(people, 5, AWAY)
    await _expect_refusal(people, ANA, PASSWORD, AWAY)
    people.clock.advance(ms=999)
    await _expect_refusal(people, ANA, PASSWORD, AWAY)
    people.clock.advance(ms=1)
    assert (await people.accounts.log_in(ANA, PASSWORD, AWAY)).account.email == ANA


async def test_the_delay_of_a_pair_doubles_up_to_a_quarter_of_an_hour(people: People) -> None:
    await people.join()
    await _guess(people, 5, AWAY)
    for delay_s in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900):
        people.clock.advance(ms=delay_s * 1000 - 1)
        await _expect_refusal(people, ANA, PASSWORD, AWAY)
        people.clock.advance(ms=1)
        await _expect_refusal(people, ANA, OTHER_PASSWORD, AWAY)
    people.clock.advance(seconds=900)
    assert (await people.accounts.log_in(ANA, PASSWORD, AWAY)).account.email == ANA


async def test_guesses_from_anywhere_never_refuse_or_slow_the_owner_where_she_has_logged_in(people: People) -> None:
    await people.join()
    await people.accounts.log_in(ANA, PASSWORD, HOME)
    for number in range(30):
        await _guess(people, 2, CallOrigin(address=f"203.0.113.{number}"))
    people.waits.clear()
    await people.accounts.log_in(ANA, PASSWORD, HOME)
    assert people.waits == []


async def test_guesses_from_anywhere_only_slow_the_owner_at_a_new_address_and_by_a_bounded_time(people: People) -> None:
    await people.join()
    for number in range(40):
        await _guess(people, 1, CallOrigin(address=f"203.0.113.{number}"))
    people.waits.clear()
    await people.accounts.log_in(ANA, PASSWORD, CallOrigin(address="192.0.2.50"))
    assert people.waits == [8.0]


async def test_guesses_at_an_unknown_address_are_slowed_like_those_at_a_known_one(people: People) -> None:
    await people.join()
    waits = []
    for email in (ANA, STRANGER):
        people.waits.clear()
        for number in range(16):
            await _guess(
                people, 1, CallOrigin(address=f"203.0.113.{number}" if email == ANA else f"192.0.2.{number}"), email
            )
        waits.append(list(people.waits))
    assert waits == [[0.25, 0.5, 1.0, 2.0, 4.0, 8.0]] * 2


async def test_a_network_that_tries_many_accounts_is_slowed_but_not_for_who_is_known_there(people: People) -> None:
    await people.join()
    await people.accounts.log_in(ANA, PASSWORD, AWAY)
    for number in range(25):
        await _guess(people, 1, AWAY, f"victim{number}@example.com")
    assert people.waits == [0.25, 0.5, 1.0, 2.0, 4.0]
    people.waits.clear()
    await people.accounts.log_in(ANA, PASSWORD, AWAY)
    assert people.waits == []


async def test_a_login_of_ones_own_does_not_clear_a_networks_record(people: People) -> None:
    await people.join("mallory@example.com", OTHER_PASSWORD, "Mallory")
    for number in range(21):
        await _guess(people, 1, AWAY, f"victim{number}@example.com")
    await people.accounts.log_in("mallory@example.com", OTHER_PASSWORD, AWAY)
    people.waits.clear()
    await _guess(people, 1, AWAY, "victim99@example.com")
    assert people.waits == [0.5]


async def test_guesses_at_the_owners_own_network_slow_her_there_and_never_refuse_her(people: People) -> None:
    await people.join()
    await people.accounts.log_in(ANA, PASSWORD, HOME)
    await _guess(people, 12, HOME)
    people.waits.clear()
    await people.accounts.log_in(ANA, PASSWORD, HOME)
    assert people.waits == [8.0]


async def test_guesses_at_the_same_moment_see_each_other(people: People) -> None:
    await people.join()
    guesses = [people.accounts.log_in(ANA, OTHER_PASSWORD, AWAY) for _ in range(20)]
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    assert {type(one) for one in outcomes} == {CredentialsRefused}
    entries = await people.audit.entries(AUDITOR, account_id=None, limit=20)
    assert sorted(entry.details["delayed"] for entry in entries) == [False] * 5 + [True] * 15


async def test_one_site_of_ipv6_is_one_network(people: People) -> None:
    await people.join()
    for number in range(5):
        await _guess(people, 1, CallOrigin(address=f"2001:db8::{number + 1:x}"))
    await _expect_refusal(people, ANA, PASSWORD, CallOrigin(address="2001:db8::ffff"))
    elsewhere = CallOrigin(address="2001:db8:0:1::1")
    assert (await people.accounts.log_in(ANA, PASSWORD, elsewhere)).account.email == ANA


async def test_counters_name_nobody_and_are_forgotten(people: People) -> None:
    await _guess(people, 3, AWAY, STRANGER)
    kept = await people.everything()
    assert STRANGER not in kept
    assert "attempts" in kept
    people.clock.advance(seconds=86_401)
    await _guess(people, 1, HOME, "other@example.com")
    assert await people.pool.fetchval("SELECT count(*) FROM identity.attempts") == 3


async def test_a_hash_with_older_parameters_is_made_again_at_login(people: People) -> None:
    await people.join()
    old = await people.pool.fetchval("SELECT password FROM identity.accounts")
    newer = People(people.pool, PasswordSettings(argon2_memory_kib=128, argon2_passes=2))
    await newer.accounts.log_in(ANA, PASSWORD, HOME)
    now = await people.pool.fetchval("SELECT password FROM identity.accounts")
    newer.passwords.close()
    assert old.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert now.startswith("$argon2id$v=19$m=128,t=2,p=1$")
    await people.accounts.log_in(ANA, PASSWORD, HOME)


async def test_a_password_that_changes_while_it_is_checked_does_not_log_in(people: People) -> None:
    account = await people.join()
    verify = people.passwords.verify

    async def slow(hashed: str | None, password: str) -> bool:
        right = await verify(hashed, password)
        people.passwords.verify = verify  # type: ignore[method-assign]  # the first call only
        await people.accounts.change_password(proved(account.id), PASSWORD, OTHER_PASSWORD, HOME)
        return right

    people.passwords.verify = slow  # type: ignore[method-assign]
    await _expect_refusal(people, ANA, PASSWORD, AWAY)
    assert "logged_in" not in await people.actions(account.id)
