"""Nobody becomes a member without accepting, whoever invites learns nothing of accounts, and a member may leave."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from renga.domains.identity.contract import (
    AccountNotFound,
    AlreadyMember,
    EmailInvalid,
    Invitation,
    InvitationNotFound,
    LastOwner,
    MemberNotFound,
    TooMany,
)
from renga.domains.identity.organisations.local import LocalMerchants
from renga.domains.identity.organisations.mail_invitation import CountedInvitationMails
from renga.domains.identity.stores.merchants import PostgresMerchants
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.errors import Forbidden, Unauthenticated, Unavailable
from tests.identity.accounts.people import HOME, People
from tests.identity.organisations.house import SECRET, House, once, proved
from tests.identity.organisations.rest import Rest

WEEK_S = 7 * 86_400


@pytest.fixture
async def rest(house: House) -> AsyncIterator[Rest]:
    rest = Rest(house)
    yield rest
    await rest.http.aclose()
    rest.people.passwords.close()


async def opened(house: House) -> tuple[str, str]:
    """Ana and the id of her merchant."""
    ana = await house.person("ana")
    return ana, (await house.merchants.create(Caller(ana), "Serra", "serra")).id


async def test_who_is_invited_is_no_member_before_accepting(house: House) -> None:
    ana, serra = await opened(house)
    bruno = await house.person("bruno")
    made = await house.merchants.invite(Caller(ana), serra, " BRUNO@example.com ", "manager", origin=HOME)
    assert (made.email, made.role, made.invited_at, made.expires_at) == (
        "bruno@example.com",
        "manager",
        "2023-11-14T22:13:20.000Z",
        "2023-11-21T22:13:20.000Z",
    )
    assert await house.rows("members") == 1
    assert await house.stakeholders(bruno) == ["customer"]
    link = house.links["bruno@example.com"]
    seen = await house.merchants.invitation(Caller(bruno), link)
    assert (seen.merchant_id, seen.merchant_name, seen.role) == (serra, "Serra", "manager")
    merchant, role = await house.merchants.accept_invitation(Caller(bruno), link, origin=HOME)
    assert (merchant.id, role) == (serra, "manager")
    assert await house.stakeholders(bruno) == ["customer", "merchant"]
    assert [(one.email, one.role) for one in await house.merchants.members(Caller(ana), serra)] == [
        ("ana@example.com", "owner"),
        ("bruno@example.com", "manager"),
    ]
    assert await house.merchants.invitations(Caller(ana), serra) == ()
    assert await house.trail() == ["merchant_created", "member_invited", "invitation_accepted"]


async def test_the_answer_and_the_work_are_the_same_for_an_address_without_an_account(house: House) -> None:
    ana, serra = await opened(house)
    await house.person("bruno")
    await house.person("nina", verified=False)
    answers = [
        await house.merchants.invite(Caller(ana), serra, f"{name}@example.com", "clerk", origin=HOME)
        for name in ("bruno", "nobody", "nina")
    ]
    plain = [(one.role, one.invited_at, one.expires_at) for one in answers]
    assert len(set(plain)) == 1
    assert set(house.links) == {"bruno@example.com", "nobody@example.com", "nina@example.com"}
    listed = await house.merchants.invitations(Caller(ana), serra)
    assert [one.email for one in listed] == ["bruno@example.com", "nina@example.com", "nobody@example.com"]
    assert all(one.__struct_fields__ == Invitation.__struct_fields__ for one in listed)


async def test_a_change_of_role_says_the_same_of_an_unknown_address_and_of_one_that_is_no_member(house: House) -> None:
    ana, serra = await opened(house)
    await house.person("bruno")
    refusals = []
    for email in ("bruno@example.com", "nobody@example.com"):
        with pytest.raises(MemberNotFound) as refused:
            await house.merchants.set_member(Caller(ana), serra, email, "clerk")
        refusals.append((refused.value.detail, refused.value.extra))
    assert refusals[0] == refusals[1]
    assert await house.rows("members") == 1


@pytest.mark.parametrize("link", ["", "0" * 64, "x" * 101, "\x00", "é" * 32])
async def test_a_link_that_is_none_opens_nothing(house: House, link: str) -> None:
    ana, _ = await opened(house)
    for ask in (house.merchants.invitation, house.merchants.accept_invitation):
        with pytest.raises(InvitationNotFound):
            await ask(Caller(ana), link)


async def test_a_link_is_for_the_account_of_its_address_only(house: House) -> None:
    ana, serra = await opened(house)
    eva, bruno = await house.person("eva"), await house.person("bruno")
    await house.merchants.invite(Caller(ana), serra, "bruno@example.com", "owner", origin=HOME)
    link = house.links["bruno@example.com"]
    for ask in (house.merchants.invitation, house.merchants.accept_invitation):
        with pytest.raises(InvitationNotFound):
            await ask(Caller(eva), link)
        with pytest.raises(Unauthenticated):
            await ask(ANONYMOUS, link)
        with pytest.raises(AccountNotFound):
            await ask(Caller("demo-service"), link)
    assert await house.rows("members") == 1
    await house.merchants.accept_invitation(Caller(bruno), link)


async def test_a_link_works_once_however_many_use_it_together(house: House) -> None:
    ana, serra = await opened(house)
    bruno = await house.person("bruno")
    await house.merchants.invite(Caller(ana), serra, "bruno@example.com", "clerk", origin=HOME)
    link = house.links["bruno@example.com"]
    done = await asyncio.gather(
        *(house.merchants.accept_invitation(Caller(bruno), link) for _ in range(5)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["InvitationNotFound"] * 4 + ["tuple"]
    assert (await house.trail()).count("invitation_accepted") == 1


async def test_accepting_again_with_the_same_key_answers_the_same(house: House) -> None:
    ana, serra = await opened(house)
    bruno = await house.person("bruno")
    await house.merchants.invite(Caller(ana), serra, "bruno@example.com", "clerk", origin=HOME)
    link = house.links["bruno@example.com"]
    first = await house.merchants.accept_invitation(Caller(bruno), link, once=once("k"))
    assert await house.merchants.accept_invitation(Caller(bruno), link, once=once("k")) == first


async def test_a_link_ends_by_time_by_revocation_and_by_another_one(house: House) -> None:
    ana, serra = await opened(house)
    bruno = await house.person("bruno")
    asked = (Caller(ana), serra, "bruno@example.com")
    made = await house.merchants.invite(*asked, "clerk", origin=HOME)
    first = house.links["bruno@example.com"]
    again = await house.merchants.invite(*asked, "owner", origin=HOME)
    second = house.links["bruno@example.com"]
    assert (again.id, again.role, first == second) == (made.id, "owner", False)
    with pytest.raises(InvitationNotFound):
        await house.merchants.accept_invitation(Caller(bruno), first)
    house.clock.advance(seconds=WEEK_S)
    with pytest.raises(InvitationNotFound):
        await house.merchants.accept_invitation(Caller(bruno), second)
    assert await house.merchants.invitations(Caller(ana), serra) == ()
    third = await house.merchants.invite(*asked, "clerk", origin=HOME)
    await house.merchants.revoke_invitation(Caller(ana), serra, third.id)
    with pytest.raises(InvitationNotFound):
        await house.merchants.accept_invitation(Caller(bruno), house.links["bruno@example.com"])
    for gone in (third.id, house.new_id(), "none"):
        with pytest.raises(InvitationNotFound):
            await house.merchants.revoke_invitation(Caller(ana), serra, gone)
    assert await house.rows("members") == 1


async def test_who_may_not_manage_members_neither_invites_nor_sees_nor_revokes(house: House) -> None:
    ana, serra = await opened(house)
    await house.person("bruno")
    bruno = await house.join(ana, serra, "bruno", "manager")
    made = await house.merchants.invite(Caller(ana), serra, "eva@example.com", "clerk", origin=HOME)
    before = await house.trail()
    for refused in (
        house.merchants.invite(Caller(bruno), serra, "caio@example.com", "clerk", origin=HOME),
        house.merchants.invitations(Caller(bruno), serra),
        house.merchants.revoke_invitation(Caller(bruno), serra, made.id),
    ):
        with pytest.raises(Forbidden):
            await refused
    assert await house.trail() == before
    assert await house.rows("invitations") == 1


async def test_a_member_is_not_invited_and_an_address_that_is_none_neither(house: House) -> None:
    ana, serra = await opened(house)
    for email, refusal in (("ana@example.com", AlreadyMember), ("no address", EmailInvalid), ("", EmailInvalid)):
        with pytest.raises(refusal):
            await house.merchants.invite(Caller(ana), serra, email, "clerk", origin=HOME)
    assert (await house.rows("invitations"), house.links) == (0, {})


async def test_there_is_a_bound_of_open_invitations(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renga.domains.identity.organisations.invite.INVITATIONS_PER_MERCHANT_MAX", 2)
    ana, serra = await opened(house)
    for name in ("a", "b", "b"):
        await house.merchants.invite(Caller(ana), serra, f"{name}@example.com", "clerk", origin=HOME)
    with pytest.raises(TooMany) as refused:
        await house.merchants.invite(Caller(ana), serra, "c@example.com", "clerk", origin=HOME)
    assert refused.value.extra == {"limit": 2}
    house.clock.advance(seconds=WEEK_S)
    await house.merchants.invite(Caller(ana), serra, "c@example.com", "clerk", origin=HOME)
    assert await house.rows("invitations") == 1


async def test_when_the_mail_could_not_go_out_inviting_again_sends_a_link_that_works(house: House) -> None:
    ana, serra = await opened(house)
    bruno = await house.person("bruno")
    house.mails_away = True
    with pytest.raises(Unavailable):
        await house.merchants.invite(Caller(ana), serra, "bruno@example.com", "clerk", origin=HOME)
    house.mails_away = False
    await house.merchants.invite(Caller(ana), serra, "bruno@example.com", "clerk", origin=HOME)
    await house.merchants.accept_invitation(Caller(bruno), house.links["bruno@example.com"])


async def test_the_mail_names_the_merchant_greets_nobody_and_is_in_the_language_of_its_reader(house: House) -> None:
    people = People(house.pool)
    ana, serra = await opened(house)
    await house.person("bruno")
    await house.pool.execute("UPDATE identity.accounts SET language = 'pt-BR' WHERE email = 'bruno@example.com'")
    merchants = people_merchants(people, house)
    for email in ("bruno@example.com", "nobody@example.com"):
        await merchants.invite(Caller(ana), serra, email, "clerk", origin=HOME)
    known, unknown = people.letterbox.mails
    assert [known.to, known.kind, unknown.to] == ["bruno@example.com", "invited_to_merchant", "nobody@example.com"]
    assert (known.subject, unknown.subject) == ("Convite para trabalhar em uma loja", "You are invited to a merchant")
    for mail in (known, unknown):
        assert "Serra" in mail.text
        assert "Bruno" not in mail.text
        assert "https://shop.example/invitation?link=" in mail.text
    for _ in range(20):
        await merchants.invite(Caller(ana), serra, "nobody@example.com", "clerk", origin=HOME)
    assert len([mail for mail in people.letterbox.mails if mail.to == "nobody@example.com"]) < 20
    people.passwords.close()


def people_merchants(people: People, house: House) -> LocalMerchants:
    """The merchants of the house, with real mails."""
    return LocalMerchants(
        PostgresMerchants(house.pool, secret=SECRET, clock=house.clock),
        house.clock,
        house.new_id,
        mails=CountedInvitationMails(people.dependencies),
        randomness=house.randomness,
        approval=False,
    )


async def test_links_are_nowhere_in_the_database_and_an_erased_address_is_forgotten(rest: Rest) -> None:
    house = rest.house
    ana, serra = await opened(house)
    bruno = await house.person("bruno")
    await house.merchants.invite(Caller(ana), serra, "bruno@example.com", "clerk", origin=HOME)
    assert house.links["bruno@example.com"] not in await rest.people.everything()
    exported = await rest.accounts.export(proved(bruno))
    assert [(one["name"], one["role"]) for one in exported["organisations"]["invitations"]] == [("Serra", "clerk")]
    await rest.accounts.erase(proved(bruno), HOME)
    assert await house.rows("invitations") == 0
    assert "bruno@example.com" not in await rest.people.everything()


async def test_the_invitations_of_a_closed_merchant_are_over(house: House) -> None:
    ana, serra = await opened(house)
    bruno = await house.person("bruno")
    await house.merchants.invite(Caller(ana), serra, "bruno@example.com", "clerk", origin=HOME)
    await house.merchants.close(Caller(ana), serra)
    with pytest.raises(InvitationNotFound):
        await house.merchants.accept_invitation(Caller(bruno), house.links["bruno@example.com"])
    assert await house.rows("invitations") == 0


async def test_over_rest_one_invites_lists_revokes_accepts_and_leaves(rest: Rest) -> None:
    ana, serra = await opened(rest.house)
    bruno = await rest.house.person("bruno")
    rest.let("ana", ana)
    # as after a password alone: nothing of what is staff's
    rest.let("bruno", bruno, frozenset({"account"}))
    place = f"/merchants/{serra}/invitations"
    asked = {"email": "bruno@example.com", "role": "clerk"}
    made = await rest.ask("ana", "PUT", place, asked)
    assert (made.status_code, made.json()["email"], made.json()["role"]) == (200, "bruno@example.com", "clerk")
    unknown = await rest.ask("ana", "PUT", place, asked | {"email": "nobody@example.com"})
    assert (unknown.status_code, set(unknown.json())) == (200, set(made.json()))
    assert [one["email"] for one in (await rest.ask("ana", "GET", place)).json()["items"]] == [
        "bruno@example.com",
        "nobody@example.com",
    ]
    assert (await rest.ask("ana", "DELETE", f"{place}/{unknown.json()['id']}")).status_code == 204
    gone = await rest.ask("ana", "DELETE", f"{place}/{unknown.json()['id']}")
    assert (gone.status_code, gone.json()["code"]) == (404, "invitation_not_found")
    link = {"link": rest.house.links["bruno@example.com"]}
    accepted = await rest.ask("bruno", "POST", "/me/invitations/accept", link)
    assert (accepted.status_code, accepted.json()["role"], accepted.json()["merchant"]["id"]) == (200, "clerk", serra)
    assert (await rest.ask("bruno", "POST", "/me/invitations/accept", link)).json()["code"] == "invitation_not_found"
    again = await rest.ask("ana", "PUT", place, asked)
    assert (again.status_code, again.json()["code"]) == (409, "already_member")
    assert (await rest.ask("bruno", "GET", "/me/merchants")).json()["items"] == [accepted.json()]
    assert (await rest.ask("bruno", "DELETE", f"/me/merchants/{serra}")).status_code == 204
    assert (await rest.ask("bruno", "DELETE", f"/me/merchants/{serra}")).status_code == 404
    assert await rest.house.stakeholders(bruno) == ["customer"]
    alone = await rest.ask("ana", "DELETE", f"/me/merchants/{serra}")
    assert (alone.status_code, alone.json()["code"]) == (409, "last_owner")


async def test_the_last_owner_does_not_leave(house: House) -> None:
    ana, serra = await opened(house)
    with pytest.raises(LastOwner):
        await house.merchants.remove_member(Caller(ana), serra, ana)
    assert await house.rows("members") == 1
