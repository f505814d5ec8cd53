"""Administrators: who is listed, what a lock closes and how fast, and that everything is in the trail."""

import asyncio

import pytest

from renga.domains.identity.administration.administer import LocalAdministration
from renga.domains.identity.contract import (
    ADMINISTRATION,
    AUDIT_TRAIL,
    Account,
    AccountNotFound,
    CredentialsRefused,
    LinkInvalid,
    OwnAccount,
    PasskeyRefused,
    SecondFactorRefused,
)
from renga.domains.identity.stores.directory import PostgresDirectory
from renga.domains.identity.stores.merchants import PostgresMerchants
from renga.kernel.caller import ANONYMOUS, Caller, InsufficientScope
from renga.kernel.errors import Invalid, RengaError, Unauthenticated
from tests.identity.accounts.authenticator import Authenticator
from tests.identity.accounts.people import ANA, HOME, ORIGIN, OTHER_PASSWORD, PASSWORD, People
from tests.identity.organisations.house import ADMIN, AUDITOR, House, acting, proved

SECRET = b"a secret of the tests"


def administrator(account_id: str) -> Caller:
    return proved(account_id, ADMINISTRATION)


@pytest.fixture
def desk(people: People) -> LocalAdministration:
    return LocalAdministration(
        people.dependencies,
        PostgresDirectory(people.pool, secret=SECRET, clock=people.clock),
        PostgresMerchants(people.pool, secret=SECRET, clock=people.clock),
    )


async def admin(people: People) -> Account:
    return await people.accounts.add_account(
        "ada@example.com", "Ada", language="en", stakeholders=("admin",), by=None, password=PASSWORD, verified=True
    )


async def test_accounts_are_listed_newest_first_by_pages_and_found_by_address(
    people: People, desk: LocalAdministration
) -> None:
    made = []
    for n in range(5):
        people.clock.advance(ms=1)
        made.append(await people.join(f"p{n}@example.com", name=f"P {n}"))
    people.clock.advance(ms=1)
    ada = await admin(people)
    first = await desk.accounts(ADMIN, limit=2)
    assert [one.account for one in first] == [ada, made[4]]
    rest = await desk.accounts(ADMIN, limit=10, before=first[-1].account.id)
    assert [one.account for one in rest] == made[3::-1]
    assert [one.account for one in await desk.accounts(ADMIN, email="P2@Example.com", limit=9)] == [made[2]]
    assert await desk.accounts(ADMIN, email="no address", limit=9) == ()
    assert [one.account for one in await desk.accounts(ADMIN, stakeholder="admin", limit=9)] == [ada]
    await people.accounts.erase(proved(made[2].id), HOME)
    assert await desk.accounts(ADMIN, email="p2@example.com", limit=9) == ()
    with pytest.raises(AccountNotFound):
        await desk.accounts(ADMIN, limit=9, before="nobody")
    with pytest.raises(AccountNotFound):
        await desk.account(ADMIN, made[2].id)


async def test_merchants_are_listed_with_their_members(people: People, desk: LocalAdministration) -> None:
    house = House(people.pool)
    ana = await house.person("ana")
    await house.person("bruno")
    house.clock.advance(ms=1)
    serra = await house.merchants.create(proved(ana), "Serra", "serra")
    await house.join(ana, serra.id, "bruno", "clerk")
    house.clock.advance(ms=1)
    vale = await house.merchants.create(proved(ana), "Vale", "vale")
    assert [(one.merchant, one.members) for one in await desk.merchants(ADMIN, limit=9)] == [(vale, 1), (serra, 2)]
    assert [one.merchant for one in await desk.merchants(ADMIN, limit=9, before=vale.id)] == [serra]
    await house.merchants.close(proved(ana), vale.id)
    assert [one.merchant for one in await desk.merchants(ADMIN, limit=9)] == [serra]


async def test_a_locked_account_is_closed_by_every_way_and_open_again_after(
    people: People, desk: LocalAdministration
) -> None:
    ana, ada = await people.join(), await admin(people)
    key = Authenticator(ORIGIN)
    await people.accounts.finish_passkey(
        proved(ana.id), key.create(await people.accounts.start_passkey(proved(ana.id))), "phone"
    )
    totp, _ = await people.with_totp(ana.id)
    await people.accounts.start_recovery(ANA, HOME)
    link = people.letterbox.link()
    standing = await desk.lock(administrator(ada.id), ana.id, reason=" a ticket ", origin=HOME)
    assert standing.locked_at == "2023-11-14T22:13:50.000Z"
    assert people.ended == [(ana.id, None)]
    with pytest.raises(CredentialsRefused):
        await people.accounts.log_in(ANA, PASSWORD, HOME)
    with pytest.raises(SecondFactorRefused):
        await people.accounts.check_second_factor(ana.id, people.code(totp), HOME)
    challenge, options = await people.accounts.start_passkey_login()
    with pytest.raises(PasskeyRefused):
        await people.accounts.passkey_login(challenge, key.get(options), HOME)
    with pytest.raises(LinkInvalid):
        await people.accounts.finish_recovery(link, OTHER_PASSWORD, HOME)
    assert (await desk.unlock(administrator(ada.id), ana.id, origin=HOME)).locked_at is None
    assert (await people.accounts.log_in(ANA, PASSWORD, HOME)).account.id == ana.id
    people.clock.advance(seconds=30)
    assert "otp" in (await people.accounts.check_second_factor(ana.id, people.code(totp), HOME)).amr
    entries = await people.audit.entries(AUDITOR, account_id=ana.id, limit=50)
    mark_announced = {one.action: (one.by, one.details) for one in entries if one.action in ("locked", "unlocked")}
    assert mark_announced == {"locked": (ada.id, {"reason": "a ticket"}), "unlocked": (ada.id, {})}
    assert [one["type"] for one in await people.events()][-2:] == [
        "identity.AccountLocked",
        "identity.AccountUnlocked",
    ]


async def test_a_lock_that_comes_while_she_logs_in_wins(people: People, desk: LocalAdministration) -> None:
    ana, ada = await people.join(), await admin(people)
    outcomes = await asyncio.gather(
        desk.lock(administrator(ada.id), ana.id, reason="x", origin=HOME),
        *(people.accounts.log_in(ANA, PASSWORD, HOME) for _ in range(5)),
        return_exceptions=True,
    )
    assert all(not isinstance(one, BaseException) or isinstance(one, CredentialsRefused) for one in outcomes)
    with pytest.raises(CredentialsRefused):
        await people.accounts.log_in(ANA, PASSWORD, HOME)
    actions = [one for one in await people.actions(ana.id) if one in ("locked", "logged_in")]
    assert actions[-1] == "locked", "nobody came in after it"


async def test_what_cannot_be_locked_changes_nothing(people: People, desk: LocalAdministration) -> None:
    ana, ada = await people.join(), await admin(people)
    before = await people.everything()
    with pytest.raises(OwnAccount):
        await desk.lock(administrator(ada.id), ada.id.upper(), reason="x", origin=HOME)
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(Invalid):
            await desk.lock(administrator(ada.id), ana.id, reason=reason, origin=HOME)
    for nobody in ("nobody", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(AccountNotFound):
            await desk.lock(administrator(ada.id), nobody, reason="x", origin=HOME)
        with pytest.raises(AccountNotFound):
            await desk.end_sessions(administrator(ada.id), nobody, origin=HOME)
    await desk.unlock(administrator(ada.id), ana.id, origin=HOME)
    assert await people.everything() == before
    assert people.ended == []


async def test_a_second_lock_is_no_news(people: People, desk: LocalAdministration) -> None:
    ana, ada = await people.join(), await admin(people)
    first = await desk.lock(administrator(ada.id), ana.id, reason="x", origin=HOME)
    people.clock.advance(seconds=9)
    assert await desk.lock(administrator(ada.id), ana.id, reason="y", origin=HOME) == first
    assert (await people.actions(ana.id)).count("locked") == 1


async def test_somebody_is_logged_out_everywhere(people: People, desk: LocalAdministration) -> None:
    ana, ada = await people.join(), await admin(people)
    await desk.end_sessions(administrator(ada.id), ana.id, origin=HOME)
    assert people.ended == [(ana.id, None)]
    assert (await people.actions(ana.id))[-1] == "sessions_ended"
    assert (await people.accounts.log_in(ANA, PASSWORD, HOME)).account.id == ana.id


async def test_keys_of_a_locked_account_do_not_work_until_it_is_unlocked(
    people: People, desk: LocalAdministration
) -> None:
    house = House(people.pool)
    ana, ada = await house.person("ana"), (await admin(people)).id
    made = await house.keys.create(acting(ana), "k", ["cart"], merchant_id=None, life_s=None, limit=None)
    assert await house.keys.check(made.key) == made.info
    await desk.lock(administrator(ada), ana, reason="x", origin=HOME)
    house.keys.forget_account(ana)
    assert await house.keys.check(made.key) is None
    await desk.unlock(administrator(ada), ana, origin=HOME)
    house.keys.forget_account(ana)
    house.clock.advance(seconds=2)
    assert await house.keys.check(made.key) == made.info


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [
        (ANONYMOUS, Unauthenticated),
        (proved("ana", "account", "merchant", AUDIT_TRAIL), InsufficientScope),
        (Caller.of_system("tests"), InsufficientScope),
    ],
)
async def test_who_is_no_administrator_sees_nobody_and_changes_nothing(
    people: People, desk: LocalAdministration, caller: Caller, refusal: type[RengaError]
) -> None:
    ana = await people.join()
    before = await people.everything()
    for call in (
        desk.accounts(caller, limit=9),
        desk.account(caller, ana.id),
        desk.lock(caller, ana.id, reason="x", origin=HOME),
        desk.unlock(caller, ana.id, origin=HOME),
        desk.end_sessions(caller, ana.id, origin=HOME),
        desk.merchants(caller, limit=9),
    ):
        with pytest.raises(refusal):
            await call
    assert (await people.everything(), people.ended) == (before, [])


async def test_the_trail_names_the_program_that_did_it(people: People, desk: LocalAdministration) -> None:
    ana = await people.join()
    await desk.lock(Caller.of_system("fraud", ADMINISTRATION), ana.id, reason="x", origin=HOME)
    entries = await people.audit.entries(AUDITOR, account_id=ana.id)
    assert [one.by for one in entries if one.action == "locked"] == ["system:fraud"]


async def test_the_trail_is_read_by_its_own_person_and_by_auditors_only(people: People) -> None:
    ana = await people.join()
    own = await people.audit.entries(proved(ana.id), account_id=ana.id)
    assert own == await people.audit.entries(AUDITOR, account_id=ana.id) != ()
    with pytest.raises(Unauthenticated):
        await people.audit.entries(ANONYMOUS, account_id=None)
    for caller, whose in (
        (proved(ana.id), None),
        (proved("bia"), ana.id),
        (ADMIN, ana.id),
        (Caller.of_system("x"), None),
    ):
        with pytest.raises(InsufficientScope):
            await people.audit.entries(caller, account_id=whose)
