"""Changed and recovered passwords: every proof from before ends, links work once and in time, and nobody learns of whom."""

import asyncio

import pytest

from renga.domains.identity.accounts.providers.argon2 import Argon2Passwords, PasswordsBusy
from renga.domains.identity.contract import CallOrigin, CredentialsRefused, LinkInvalid, PasswordRefused
from renga.domains.identity.reactions import revocation_consumer
from renga.domains.identity.settings import PasswordSettings
from renga.kernel.errors import Unavailable
from renga.kernel.events import decode
from tests.identity.accounts.people import ANA, AWAY, CHEAP, HOME, OTHER_PASSWORD, PASSWORD, People, Remembering
from tests.identity.organisations.house import proved


async def test_a_changed_password_ends_what_the_old_one_opened_but_the_session_that_changed_it(people: People) -> None:
    account = await people.join()
    await people.accounts.change_password(proved(account.id), PASSWORD, OTHER_PASSWORD, HOME, keep_session="this one")
    assert people.ended == [(account.id, "this one")]
    with pytest.raises(CredentialsRefused):
        await people.accounts.log_in(ANA, PASSWORD, HOME)
    await people.accounts.log_in(ANA, OTHER_PASSWORD, HOME)
    assert people.letterbox.kinds()[-1] == "password_changed"
    event = (await people.events())[-1]
    assert (event["type"], event["data"]) == (
        "identity.PasswordChanged",
        {"account_id": account.id, "kept_session": "this one"},
    )
    assert "password_changed" in await people.actions(account.id)


async def test_without_the_present_password_nothing_changes(people: People) -> None:
    account = await people.join()
    before = await people.pool.fetchrow("SELECT * FROM identity.accounts")
    with pytest.raises(CredentialsRefused):
        await people.accounts.change_password(proved(account.id), OTHER_PASSWORD, OTHER_PASSWORD, HOME)
    with pytest.raises(PasswordRefused):
        await people.accounts.change_password(proved(account.id), PASSWORD, "1234567890", HOME)
    assert await people.pool.fetchrow("SELECT * FROM identity.accounts") == before
    assert people.ended == []
    assert await people.actions(account.id) == ["registration_asked", "email_verified", "password_change_failed"]


async def test_what_could_not_end_at_once_ends_when_the_news_arrives(people: People) -> None:
    account = await people.join()
    ended: list[tuple[str, str | None]] = []
    revoker = Remembering(ended)
    revoker.away = True
    await people.changed(revokers=(revoker,)).change_password(
        proved(account.id), PASSWORD, OTHER_PASSWORD, HOME, keep_session="s"
    )
    assert ended == []
    consumer = revocation_consumer((revoker,))
    body = await people.pool.fetchval("SELECT event::text FROM identity.outbox ORDER BY position DESC LIMIT 1")
    with pytest.raises(Unavailable):
        await consumer.handler([decode(body)])
    revoker.away = False
    await consumer.handler([decode(body)])
    assert ended == [(account.id, "s")]
    assert consumer.patterns == ("identity.PasswordChanged", "identity.AccountErased", "identity.AccountLocked")


async def test_a_recovery_link_sets_a_new_password_once(people: People) -> None:
    account = await people.join()
    await people.accounts.start_recovery("ANA@example.com", AWAY)
    assert people.letterbox.kinds() == ["verify_email", "recover_account"]
    link = people.letterbox.link()
    assert (await people.accounts.finish_recovery(link, OTHER_PASSWORD, AWAY)).id == account.id
    assert people.ended == [(account.id, None)]
    await people.accounts.log_in(ANA, OTHER_PASSWORD, HOME)
    with pytest.raises(LinkInvalid):
        await people.accounts.finish_recovery(link, PASSWORD, AWAY)
    await people.accounts.log_in(ANA, OTHER_PASSWORD, HOME)
    assert await people.actions(account.id) == [
        *("registration_asked", "email_verified", "recovery_asked", "password_changed", "logged_in", "logged_in")
    ]


async def test_two_uses_of_one_recovery_link_at_once_set_one_password(people: People) -> None:
    await people.join()
    await people.accounts.start_recovery(ANA, AWAY)
    link = people.letterbox.link()
    passwords = [f"{OTHER_PASSWORD} {number}" for number in range(4)]
    uses = [people.accounts.finish_recovery(link, password, AWAY) for password in passwords]
    outcomes = await asyncio.gather(*uses, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["Account", *["LinkInvalid"] * 3]
    winner = [not isinstance(one, Exception) for one in outcomes].index(True)
    await people.accounts.log_in(ANA, passwords[winner], HOME)


async def test_a_used_recovery_link_takes_the_others_with_it(people: People) -> None:
    await people.join()
    links = []
    for _ in range(2):
        await people.accounts.start_recovery(ANA, AWAY)
        links.append(people.letterbox.link())
    await people.accounts.finish_recovery(links[1], OTHER_PASSWORD, AWAY)
    with pytest.raises(LinkInvalid):
        await people.accounts.finish_recovery(links[0], PASSWORD, AWAY)


async def test_a_recovery_link_ends_after_half_an_hour(people: People) -> None:
    await people.join()
    await people.accounts.start_recovery(ANA, AWAY)
    people.clock.advance(seconds=1_800)
    with pytest.raises(LinkInvalid):
        await people.accounts.finish_recovery(people.letterbox.link(), OTHER_PASSWORD, AWAY)
    await people.accounts.log_in(ANA, PASSWORD, HOME)


async def test_an_easy_password_leaves_the_link_as_it_is(people: People) -> None:
    await people.join()
    await people.accounts.start_recovery(ANA, AWAY)
    with pytest.raises(PasswordRefused):
        await people.accounts.finish_recovery(people.letterbox.link(), "1234567890", AWAY)
    await people.accounts.finish_recovery(people.letterbox.link(), OTHER_PASSWORD, AWAY)


@pytest.mark.parametrize("link", ["", "0" * 64, "x" * 10_000, "\x00"])
async def test_a_link_that_was_never_sent_costs_no_hash(people: People, link: str) -> None:
    hashes = people.passwords.hashes
    for use in (people.accounts.finish_recovery(link, PASSWORD, AWAY), people.accounts.verify_email(link)):
        with pytest.raises(LinkInvalid):
            await use
    assert people.passwords.hashes == hashes


async def test_nobody_learns_from_a_recovery_who_has_an_account(people: People) -> None:
    await people.join()
    known = await people.statements(people.accounts.start_recovery(ANA, AWAY))
    mails = len(people.letterbox.mails)
    unknown = await people.statements(people.accounts.start_recovery("nobody@example.com", AWAY))
    nonsense = await people.statements(people.accounts.start_recovery("not an address", AWAY))
    assert known == unknown == nonsense
    assert len(people.letterbox.mails) == mails
    assert await people.pool.fetchval("SELECT count(*) FROM identity.recoveries") == 1


async def test_who_recovers_is_not_refused_for_the_guesses_before(people: People) -> None:
    await people.join()
    for _ in range(8):
        with pytest.raises(CredentialsRefused):
            await people.accounts.log_in(ANA, OTHER_PASSWORD, AWAY)
    await people.accounts.start_recovery(ANA, AWAY)
    await people.accounts.finish_recovery(people.letterbox.link(), OTHER_PASSWORD, AWAY)
    await people.accounts.log_in(ANA, OTHER_PASSWORD, AWAY)


async def test_a_recovery_keeps_the_second_factor(people: People) -> None:
    account = await people.join()
    await people.with_totp(account.id)
    await people.accounts.start_recovery(ANA, AWAY)
    await people.accounts.finish_recovery(people.letterbox.link(), OTHER_PASSWORD, AWAY)
    assert (await people.accounts.log_in(ANA, OTHER_PASSWORD, AWAY)).second_factor_needed is True


async def test_an_account_without_a_password_gets_one_by_recovery_and_its_address_is_proved(people: People) -> None:
    account = await people.accounts.add_account(ANA, "Ana", language="en", stakeholders=("customer",), by="system")
    assert account.email_verified is False
    with pytest.raises(CredentialsRefused):
        await people.accounts.log_in(ANA, "", HOME)
    await people.accounts.start_recovery(ANA, HOME)
    assert (await people.accounts.finish_recovery(people.letterbox.link(), PASSWORD, HOME)).email_verified is True
    await people.accounts.log_in(ANA, PASSWORD, HOME)


async def test_other_stakeholders_end_her_sessions(people: People) -> None:
    account = await people.join()
    changed = await people.accounts.set_stakeholders(account.id, ("customer", "finance"), by="system")
    assert changed.stakeholders == ("customer", "finance")
    assert (await people.accounts.log_in(ANA, PASSWORD, HOME)).second_factor_needed is True
    assert people.ended == [(account.id, None)]


async def test_mails_speak_her_language_and_lead_to_our_pages(people: People) -> None:
    await people.accounts.register("bob@example.com", PASSWORD, "Bob", "en-GB", HOME)
    mail = people.letterbox.mails[-1]
    assert mail.subject == "Confirm your e-mail address"
    assert f"https://shop.example/verify?link={people.letterbox.link()}\n" in mail.text
    await people.join()
    await people.accounts.start_recovery(ANA, CallOrigin(address="192.0.2.77"))
    mail = people.letterbox.mails[-1]
    assert mail.subject == "Escolha uma nova senha"
    assert f"https://shop.example/recover/new?link={people.letterbox.link()}\n" in mail.text


async def test_too_many_waiting_hashes_are_refused_at_once() -> None:
    passwords = Argon2Passwords(CHEAP)
    try:
        outcomes = await asyncio.gather(*(passwords.hash(PASSWORD) for _ in range(70)), return_exceptions=True)
        assert sum(isinstance(one, PasswordsBusy) for one in outcomes) == 6
        assert sum(isinstance(one, str) for one in outcomes) == 64
    finally:
        passwords.close()


async def test_the_loop_goes_on_while_a_password_is_hashed() -> None:
    passwords = Argon2Passwords(PasswordSettings())
    try:
        hashing = asyncio.create_task(passwords.hash(PASSWORD))
        turns = 0
        while not hashing.done():
            await asyncio.sleep(0)
            turns += 1
        assert turns > 10
        assert (await hashing).startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    finally:
        passwords.close()
