"""Passkeys, by real ceremonies with an authenticator in software: what is not exactly right is refused."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from renga.domains.identity.accounts.passkeys import PasskeyLimitReached
from renga.domains.identity.contract import PasskeyRefused
from tests.identity.accounts.authenticator import Authenticator
from tests.identity.accounts.people import ANA, HOME, ORIGIN, PASSWORD, People
from tests.identity.organisations.house import proved


async def _kept(people: People, account_id: str) -> Authenticator:
    authenticator = Authenticator(ORIGIN)
    credential = authenticator.create(await people.accounts.start_passkey(proved(account_id)))
    await people.accounts.finish_passkey(proved(account_id), credential, "My phone")
    return authenticator


async def test_a_passkey_logs_in_with_both_factors_at_once(people: People) -> None:
    account = await people.join()
    authenticator = await _kept(people, account.id)
    (passkey,) = await people.accounts.passkeys(proved(account.id))
    assert (passkey.name, passkey.used_at) == ("My phone", None)
    challenge, options = await people.accounts.start_passkey_login()
    authenticated = await people.accounts.passkey_login(challenge, authenticator.get(options), HOME)
    assert authenticated.account == await people.accounts.find(proved(account.id))
    assert (authenticated.account.passkeys, authenticated.second_factor_needed) == (1, False)
    assert authenticated.amr == ("hwk", "mfa")
    assert (await people.accounts.passkeys(proved(account.id)))[0].used_at == "2023-11-14T22:13:20.000Z"
    assert await people.actions(account.id) == ["registration_asked", "email_verified", "passkey_added", "logged_in"]


async def test_the_options_demand_a_discoverable_credential_and_user_verification(people: People) -> None:
    account = await people.join()
    await _kept(people, account.id)
    options = await people.accounts.start_passkey(proved(account.id))
    assert options["rp"] == {"name": "Renga", "id": "shop.example"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert len(options["excludeCredentials"]) == 1
    assert ANA not in str(options["user"]["id"])
    _, request = await people.accounts.start_passkey_login()
    assert (request["rpId"], request["userVerification"]) == ("shop.example", "required")
    assert request.get("allowCredentials", []) == []


async def test_staff_with_a_passkey_need_no_code(people: People) -> None:
    account = await people.accounts.add_account(
        ANA, "Ana", language="en", stakeholders=("admin",), by="system", password=PASSWORD, verified=True
    )
    authenticator = await _kept(people, account.id)
    challenge, options = await people.accounts.start_passkey_login()
    authenticated = await people.accounts.passkey_login(challenge, authenticator.get(options), HOME)
    assert authenticated.second_factor_needed is False


def _other_origin(authenticator: Authenticator) -> None:
    authenticator.origin = "https://shop.example.evil.example"


def _other_party(authenticator: Authenticator) -> None:
    authenticator.rp_id = "evil.example"


def _nobody_verified(authenticator: Authenticator) -> None:
    authenticator.user_verified = False


def _counter_set_back(authenticator: Authenticator) -> None:
    authenticator.counter = 0


def _other_user(authenticator: Authenticator) -> None:
    authenticator.user_handle = bytes(16)


def _other_credential(authenticator: Authenticator) -> None:
    authenticator.credential_id = bytes(32)


def _other_key(authenticator: Authenticator) -> None:
    authenticator._key = Authenticator(ORIGIN)._key


WRONG_ANSWERS = [
    *(_other_origin, _other_party, _nobody_verified, _counter_set_back, _other_user, _other_credential, _other_key)
]


@pytest.mark.parametrize("wrong", WRONG_ANSWERS)
async def test_an_answer_that_is_not_exactly_right_does_not_log_in(
    people: People, wrong: Callable[[Authenticator], None]
) -> None:
    account = await people.join()
    authenticator = await _kept(people, account.id)
    challenge, options = await people.accounts.start_passkey_login()
    await people.accounts.passkey_login(challenge, authenticator.get(options), HOME)
    before = await people.pool.fetch("SELECT * FROM identity.passkeys")
    challenge, options = await people.accounts.start_passkey_login()
    wrong(authenticator)
    with pytest.raises(PasskeyRefused):
        await people.accounts.passkey_login(challenge, authenticator.get(options), HOME)
    assert await people.pool.fetch("SELECT * FROM identity.passkeys") == before
    assert (await people.actions())[-1] == "login_failed"


@pytest.mark.parametrize("wrong", [_other_origin, _other_party, _nobody_verified])
async def test_a_credential_that_is_not_exactly_right_is_not_kept(
    people: People, wrong: Callable[[Authenticator], None]
) -> None:
    account = await people.join()
    authenticator = Authenticator(ORIGIN)
    wrong(authenticator)
    credential = authenticator.create(await people.accounts.start_passkey(proved(account.id)))
    with pytest.raises(PasskeyRefused):
        await people.accounts.finish_passkey(proved(account.id), credential, "My phone")
    assert await people.accounts.passkeys(proved(account.id)) == ()


async def test_a_challenge_answers_once_also_at_the_same_moment(people: People) -> None:
    account = await people.join()
    authenticator = await _kept(people, account.id)
    challenge, options = await people.accounts.start_passkey_login()
    answers = [authenticator.get(options) for _ in range(4)]
    uses = [people.accounts.passkey_login(challenge, answer, HOME) for answer in answers]
    outcomes = await asyncio.gather(*uses, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["Authenticated", *["PasskeyRefused"] * 3]


async def test_a_challenge_ends_after_five_minutes(people: People) -> None:
    account = await people.join()
    authenticator = await _kept(people, account.id)
    challenge, options = await people.accounts.start_passkey_login()
    people.clock.advance(seconds=300)
    with pytest.raises(PasskeyRefused):
        await people.accounts.passkey_login(challenge, authenticator.get(options), HOME)


async def test_a_challenge_is_for_its_account_and_its_ceremony(people: People) -> None:
    ana, bia = await people.join(), await people.join("bia@example.com")
    authenticator = Authenticator(ORIGIN)
    credential = authenticator.create(await people.accounts.start_passkey(proved(ana.id)))
    with pytest.raises(PasskeyRefused):
        await people.accounts.finish_passkey(proved(bia.id), credential, "Hers")
    _, request = await people.accounts.start_passkey_login()
    options = await people.accounts.start_passkey(proved(ana.id)) | {"challenge": request["challenge"]}
    with pytest.raises(PasskeyRefused):
        await people.accounts.finish_passkey(proved(ana.id), authenticator.create(options), "Mine")
    challenge, _ = await people.accounts.start_passkey_login()
    kept = await _kept(people, ana.id)
    _, other = await people.accounts.start_passkey_login()
    with pytest.raises(PasskeyRefused):
        await people.accounts.passkey_login(challenge, kept.get(other), HOME)


async def test_a_credential_that_is_kept_already_is_not_anothers(people: People) -> None:
    ana, bia = await people.join(), await people.join("bia@example.com")
    authenticator = await _kept(people, ana.id)
    credential = authenticator.create(await people.accounts.start_passkey(proved(bia.id)))
    with pytest.raises(PasskeyRefused):
        await people.accounts.finish_passkey(proved(bia.id), credential, "Hers")
    assert await people.accounts.passkeys(proved(bia.id)) == ()
    assert len(await people.accounts.passkeys(proved(ana.id))) == 1


async def test_a_removed_passkey_logs_nobody_in_and_only_its_owner_removes_it(people: People) -> None:
    ana, bia = await people.join(), await people.join("bia@example.com")
    authenticator = await _kept(people, ana.id)
    (passkey,) = await people.accounts.passkeys(proved(ana.id))
    await people.accounts.remove_passkey(proved(bia.id), passkey.id)
    assert len(await people.accounts.passkeys(proved(ana.id))) == 1
    for _ in range(2):
        await people.accounts.remove_passkey(proved(ana.id), passkey.id)
    challenge, options = await people.accounts.start_passkey_login()
    with pytest.raises(PasskeyRefused):
        await people.accounts.passkey_login(challenge, authenticator.get(options), HOME)
    assert (await people.actions(ana.id)).count("passkey_removed") == 1


async def test_an_account_has_ten_passkeys_at_most(people: People) -> None:
    account = await people.join()
    for _ in range(10):
        await _kept(people, account.id)
    with pytest.raises(PasskeyLimitReached):
        await people.accounts.start_passkey(proved(account.id))


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"response": None},
        {"response": {"clientDataJSON": "?"}},
        {"response": {"clientDataJSON": "bnVsbA"}},
        {"id": "x", "rawId": 7, "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiAiQUFBQSJ9"}},
        {"response": {"clientDataJSON": "A" * 100_000}},
    ],
)
async def test_what_is_no_credential_is_refused(people: People, credential: dict[str, Any]) -> None:
    account = await people.join()
    challenge, _ = await people.accounts.start_passkey_login()
    with pytest.raises(PasskeyRefused):
        await people.accounts.passkey_login(challenge, credential, HOME)
    with pytest.raises(PasskeyRefused):
        await people.accounts.finish_passkey(proved(account.id), credential, "x")
