"""Registration and verification: nobody learns who has an account, and a link works once, in time, for its own request."""

import asyncio

import pytest

from renga.domains.identity.contract import (
    AccountNotFound,
    CredentialsRefused,
    EmailInvalid,
    LinkInvalid,
    NameInvalid,
    PasswordRefused,
)
from tests.identity.accounts.people import ANA, AWAY, HOME, OTHER_PASSWORD, PASSWORD, People
from tests.identity.organisations.house import proved


async def test_an_account_begins_when_its_address_is_verified(people: People) -> None:
    await people.accounts.register(" Ana@Example.COM ", PASSWORD, " Ana   Ribeiro ", "pt", HOME)
    assert await people.events() == []
    with pytest.raises(CredentialsRefused):
        await people.accounts.log_in(ANA, PASSWORD, HOME)
    account = await people.accounts.verify_email(people.letterbox.link())
    assert (account.email, account.email_verified, account.name) == (ANA, True, "Ana Ribeiro")
    assert (account.language, account.stakeholders, account.second_factor) == ("pt-BR", ("customer",), False)
    assert await people.accounts.find(proved(account.id)) == account
    events = await people.events()
    assert [(e["type"], e["subject"], e["sequence"]) for e in events] == [
        ("identity.AccountRegistered", account.id, "1"),
        ("identity.EmailVerified", account.id, "2"),
    ]
    assert ANA not in str(events)
    assert await people.actions(account.id) == ["registration_asked", "email_verified"]


async def test_a_mail_tells_the_owner_and_nothing_tells_the_asker_that_an_address_is_taken(people: People) -> None:
    account = await people.join()
    before = await people.everything()
    hashes = people.passwords.hashes
    await people.accounts.register(ANA, OTHER_PASSWORD, "Mallory", "en", AWAY)
    assert people.passwords.hashes == hashes + 1
    assert people.letterbox.kinds() == ["verify_email", "already_registered"]
    assert "link=" not in people.letterbox.mails[-1].text
    assert people.letterbox.mails[-1].subject == "Você já tem uma conta"
    after = await people.everything()
    assert [line for line in after.splitlines() if line.startswith(("accounts", "registrations", "outbox"))] == [
        line for line in before.splitlines() if line.startswith(("accounts", "registrations", "outbox"))
    ]
    assert await people.accounts.find(proved(account.id)) == account


async def test_the_same_statements_run_for_a_new_address_and_a_taken_one(people: People) -> None:
    await people.join()
    new = await people.statements(people.accounts.register("bia@example.com", PASSWORD, "Bia", "en", AWAY))
    taken = await people.statements(people.accounts.register(ANA, PASSWORD, "Ana", "en", AWAY))
    assert new == taken


async def test_a_verification_link_works_once(people: People) -> None:
    account = await people.join()
    with pytest.raises(LinkInvalid):
        await people.accounts.verify_email(people.letterbox.link())
    assert await people.actions(account.id) == ["registration_asked", "email_verified"]


async def test_two_uses_of_one_link_at_once_make_one_account(people: People) -> None:
    await people.accounts.register(ANA, PASSWORD, "Ana", "en", HOME)
    link = people.letterbox.link()
    outcomes = await asyncio.gather(*(people.accounts.verify_email(link) for _ in range(5)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["Account", *["LinkInvalid"] * 4]
    assert await people.pool.fetchval("SELECT count(*) FROM identity.accounts") == 1


async def test_two_links_of_one_address_at_once_make_one_account(people: People) -> None:
    links = []
    for _ in range(2):
        await people.accounts.register(ANA, PASSWORD, "Ana", "en", HOME)
        links.append(people.letterbox.link())
    outcomes = await asyncio.gather(*map(people.accounts.verify_email, links), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["Account", "LinkInvalid"]
    assert await people.pool.fetchval("SELECT count(*) FROM identity.accounts") == 1


async def test_a_verification_link_ends_after_a_day(people: People) -> None:
    await people.accounts.register(ANA, PASSWORD, "Ana", "en", HOME)
    people.clock.advance(seconds=86_400)
    with pytest.raises(LinkInvalid):
        await people.accounts.verify_email(people.letterbox.link())
    assert await people.pool.fetchval("SELECT count(*) FROM identity.accounts") == 0


async def test_who_clicks_decides_whose_password_counts(people: People) -> None:
    await people.accounts.register(ANA, OTHER_PASSWORD, "Mallory", "en", AWAY)
    stolen = people.letterbox.link()
    await people.join()
    with pytest.raises(LinkInvalid):
        await people.accounts.verify_email(stolen)
    with pytest.raises(CredentialsRefused):
        await people.accounts.log_in(ANA, OTHER_PASSWORD, AWAY)
    assert (await people.accounts.log_in(ANA, PASSWORD, HOME)).account.name == "Ana Ribeiro"


async def test_links_and_passwords_are_kept_as_hashes_only(people: People) -> None:
    await people.join()
    await people.accounts.start_recovery(ANA, HOME)
    await people.accounts.register("bia@example.com", PASSWORD, "Bia", "en", HOME)
    kept = await people.everything()
    assert PASSWORD not in kept
    for mail in people.letterbox.mails:
        assert mail.text.partition("link=")[2][:64] not in kept


async def test_mail_to_one_address_is_bounded_for_each_network_and_free_for_others(people: People) -> None:
    for _ in range(8):
        await people.accounts.register(ANA, PASSWORD, "Ana", "en", AWAY)
    assert len(people.letterbox.mails) == 5
    assert await people.pool.fetchval("SELECT count(*) FROM identity.registrations") == 5
    await people.accounts.register(ANA, PASSWORD, "Ana", "en", HOME)
    assert len(people.letterbox.mails) == 6


async def test_living_links_of_an_address_are_bounded_and_old_ones_are_swept(people: People) -> None:
    for number in range(12):
        origin = type(HOME)(address=f"192.0.2.{number}")
        await people.accounts.register(ANA, PASSWORD, "Ana", "en", origin)
    assert await people.pool.fetchval("SELECT count(*) FROM identity.registrations") == 10
    people.clock.advance(seconds=86_400)
    await people.accounts.register("bia@example.com", PASSWORD, "Bia", "en", HOME)
    assert await people.pool.fetchval("SELECT array_agg(email) FROM identity.registrations") == ["bia@example.com"]


@pytest.mark.parametrize(
    "email",
    [
        *("", "ana", "@example.com", "ana@", "ana@localhost", "a b@example.com", "ana@exa_mple.com"),
        *("ána@example.com", "ana@example.com\nBcc: x@example.com", "a" * 65 + "@example.com", "ana@1.2.3.4"),
        "a..b@example.com",
    ],
)
async def test_what_is_no_address_is_refused_and_nothing_is_kept(people: People, email: str) -> None:
    with pytest.raises(EmailInvalid):
        await people.accounts.register(email, PASSWORD, "Ana", "en", HOME)
    assert people.letterbox.mails == []
    assert await people.everything() == await people.blank()


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "too_short"),
        ("x" * 129, "too_long"),
        ("1234567890", "breached"),
        ("qwertyuiop", "breached"),
        ("aaaaaaaaaaaa", "weak"),
        ("ana@example.com", "weak"),
        ("Ribeiro2026", "weak"),
        ("rengarenga", "weak"),
    ],
)
async def test_easy_passwords_are_refused_and_nothing_is_kept(people: People, password: str, reason: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        await people.accounts.register(ANA, password, "Ana Ribeiro", "en", HOME)
    assert refused.value.extra == {"reason": reason}
    assert await people.everything() == await people.blank()


async def test_a_password_is_the_same_in_every_unicode_form_of_it(people: People) -> None:
    await people.join(password="cora\u00e7\u00e3o-de-\ufb01gueira")
    found = await people.accounts.log_in(ANA, "corac\u0327a\u0303o-de-figueira", HOME)
    assert (found.account.email, found.amr) == (ANA, ("pwd",))


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "Ana\u202egro", "Ana\x00"])
async def test_a_name_has_characters_that_are_seen(people: People, name: str) -> None:
    with pytest.raises(NameInvalid):
        await people.accounts.register(ANA, PASSWORD, name, "en", HOME)
    assert people.letterbox.mails == []


@pytest.mark.parametrize("account_id", ["", "nobody", "00000000-0000-0000-0000-000000000000"])
async def test_an_id_of_nobody_finds_nobody(people: People, account_id: str) -> None:
    with pytest.raises(AccountNotFound):
        await people.accounts.find(proved(account_id))
