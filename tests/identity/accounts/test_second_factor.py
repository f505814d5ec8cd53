"""Second factors: codes work once and near their time, staff cannot do without, guesses are refused."""

import asyncio

import pyotp
import pytest

from renga.domains.identity.contract import (
    Account,
    AccountNotFound,
    CallOrigin,
    SecondFactorRefused,
    SecondFactorRequired,
    Stakeholder,
)
from tests.identity.accounts.people import ANA, AWAY, HOME, PASSWORD, People
from tests.identity.organisations.house import proved


async def _staff(people: People, kind: Stakeholder = "finance") -> Account:
    return await people.accounts.add_account(
        ANA, "Ana", language="en", stakeholders=(kind,), by="system", password=PASSWORD, verified=True
    )


async def test_an_enrolment_shows_its_secret_as_text_link_and_picture(people: People) -> None:
    account = await people.join()
    enrolment = await people.accounts.start_totp(proved(account.id))
    parsed = pyotp.parse_uri(enrolment.uri)
    assert (parsed.secret, parsed.name, parsed.issuer) == (enrolment.secret, ANA, "Renga")
    assert len(enrolment.secret) == 32
    assert enrolment.picture.startswith("<svg ")
    assert enrolment.secret not in await people.everything()
    assert (await people.accounts.find(proved(account.id))).second_factor is False


async def test_a_second_factor_is_active_after_its_first_code(people: People) -> None:
    account = await people.join()
    totp, codes = await people.with_totp(account.id)
    assert len(set(codes)) == 10
    assert all(len(code) == 19 for code in codes)
    assert (await people.accounts.find(proved(account.id))).second_factor is True
    first = await people.accounts.log_in(ANA, PASSWORD, HOME)
    assert (first.second_factor_needed, first.amr) == (True, ("pwd",))
    second = await people.accounts.check_second_factor(account.id, people.code(totp), HOME)
    assert (second.second_factor_needed, second.amr) == (False, ("pwd", "otp", "mfa"))
    assert await people.actions(account.id) == [
        *("registration_asked", "email_verified", "second_factor_added", "password_accepted", "logged_in"),
    ]


async def test_a_wrong_first_code_activates_nothing(people: People) -> None:
    account = await people.join()
    await people.accounts.start_totp(proved(account.id))
    with pytest.raises(SecondFactorRefused):
        await people.accounts.confirm_totp(proved(account.id), "000000")
    assert (await people.accounts.find(proved(account.id))).second_factor is False
    assert await people.pool.fetchval("SELECT count(*) FROM identity.recovery_codes") == 0


async def test_a_code_works_once(people: People) -> None:
    account = await people.join()
    totp, _ = await people.with_totp(account.id)
    code = people.code(totp)
    await people.accounts.check_second_factor(account.id, code, HOME)
    with pytest.raises(SecondFactorRefused):
        await people.accounts.check_second_factor(account.id, code, HOME)


async def test_the_code_of_the_enrolment_is_used_up_by_it(people: People) -> None:
    account = await people.join()
    enrolment = await people.accounts.start_totp(proved(account.id))
    code = people.code(pyotp.TOTP(enrolment.secret))
    await people.accounts.confirm_totp(proved(account.id), code)
    with pytest.raises(SecondFactorRefused):
        await people.accounts.check_second_factor(account.id, code, HOME)


async def test_one_code_at_the_same_moment_works_once(people: People) -> None:
    account = await people.join()
    totp, codes = await people.with_totp(account.id)
    for code in (people.code(totp), codes[0]):
        visitors = [CallOrigin(address=f"192.0.2.{number}") for number in range(4)]
        uses = [people.accounts.check_second_factor(account.id, code, origin) for origin in visitors]
        outcomes = await asyncio.gather(*uses, return_exceptions=True)
        assert sorted(type(one).__name__ for one in outcomes) == ["Authenticated", *["SecondFactorRefused"] * 3]


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_code_of_the_step_before_or_after_is_right_as_well(people: People, steps: int, right: bool) -> None:
    account = await people.join()
    totp, _ = await people.with_totp(account.id)
    people.clock.advance(seconds=300)
    code = people.code(totp, steps=steps)
    if right:
        await people.accounts.check_second_factor(account.id, code, HOME)
    else:
        with pytest.raises(SecondFactorRefused):
            await people.accounts.check_second_factor(account.id, code, HOME)


async def test_a_code_before_the_last_one_used_is_refused(people: People) -> None:
    account = await people.join()
    totp, _ = await people.with_totp(account.id)
    people.clock.advance(seconds=300)
    await people.accounts.check_second_factor(account.id, people.code(totp, steps=1), HOME)
    with pytest.raises(SecondFactorRefused):
        await people.accounts.check_second_factor(account.id, people.code(totp), HOME)


async def test_each_recovery_code_works_once_however_it_is_typed(people: People) -> None:
    account = await people.join()
    _, codes = await people.with_totp(account.id)
    assert codes[0] not in await people.everything()
    await people.accounts.check_second_factor(account.id, codes[0].lower().replace("-", " "), HOME)
    with pytest.raises(SecondFactorRefused):
        await people.accounts.check_second_factor(account.id, codes[0], HOME)
    await people.accounts.check_second_factor(account.id, codes[1], HOME)
    assert await people.pool.fetchval("SELECT count(*) FROM identity.recovery_codes") == 8


async def test_guesses_are_refused_and_from_everywhere_else_too(people: People) -> None:
    account = await people.join()
    totp, _ = await people.with_totp(account.id)
    await people.accounts.check_second_factor(account.id, people.code(totp), HOME)
    people.clock.advance(seconds=30)
    for number in range(10):
        with pytest.raises(SecondFactorRefused):
            await people.accounts.check_second_factor(account.id, "000000", CallOrigin(address=f"192.0.2.{number}"))
    with pytest.raises(SecondFactorRefused):
        await people.accounts.check_second_factor(account.id, people.code(totp), AWAY)
    await people.accounts.check_second_factor(account.id, people.code(totp), HOME)


async def test_guesses_from_a_known_network_are_refused_as_well(people: People) -> None:
    account = await people.join()
    totp, _ = await people.with_totp(account.id)
    await people.accounts.check_second_factor(account.id, people.code(totp), HOME)
    people.clock.advance(seconds=30)
    for _ in range(5):
        with pytest.raises(SecondFactorRefused):
            await people.accounts.check_second_factor(account.id, "000000", HOME)
    with pytest.raises(SecondFactorRefused):
        await people.accounts.check_second_factor(account.id, people.code(totp), HOME)
    people.clock.advance(seconds=1)
    await people.accounts.check_second_factor(account.id, people.code(totp), HOME)


@pytest.mark.parametrize("kind", ["merchant", "operator", "finance", "processor", "admin"])
async def test_a_password_alone_never_logs_staff_in(people: People, kind: Stakeholder) -> None:
    account = await _staff(people, kind)
    assert (await people.accounts.log_in(ANA, PASSWORD, HOME)).second_factor_needed is True
    with pytest.raises(SecondFactorRefused):
        await people.accounts.check_second_factor(account.id, "000000", HOME)
    totp, _ = await people.with_totp(account.id)
    assert (await people.accounts.log_in(ANA, PASSWORD, HOME)).second_factor_needed is True
    authenticated = await people.accounts.check_second_factor(account.id, people.code(totp), HOME)
    assert authenticated.second_factor_needed is False


async def test_staff_keep_their_second_factor_and_customers_may_remove_theirs(people: People) -> None:
    staff = await _staff(people)
    totp, _ = await people.with_totp(staff.id)
    with pytest.raises(SecondFactorRequired):
        await people.accounts.remove_totp(proved(staff.id), people.code(totp))
    assert (await people.accounts.find(proved(staff.id))).second_factor is True
    customer = await people.join("bia@example.com")
    totp, codes = await people.with_totp(customer.id)
    with pytest.raises(SecondFactorRefused):
        await people.accounts.remove_totp(proved(customer.id), "000000")
    await people.accounts.remove_totp(proved(customer.id), people.code(totp))
    assert (await people.accounts.find(proved(customer.id))).second_factor is False
    with pytest.raises(SecondFactorRefused):
        await people.accounts.check_second_factor(customer.id, codes[0], HOME)
    assert "second_factor_removed" in await people.actions(customer.id)


async def test_an_active_second_factor_is_replaced_only_soon_after_a_code_of_it(people: People) -> None:
    account = await people.join()
    old, old_codes = await people.with_totp(account.id)
    people.clock.advance(seconds=3_600)
    with pytest.raises(SecondFactorRequired):
        await people.accounts.start_totp(proved(account.id))
    await people.accounts.check_second_factor(account.id, people.code(old), HOME)
    new, _ = await people.with_totp(account.id)
    await people.accounts.check_second_factor(account.id, people.code(new), HOME)
    for gone in (people.code(old), old_codes[0]):
        with pytest.raises(SecondFactorRefused):
            await people.accounts.check_second_factor(account.id, gone, HOME)
    assert "second_factor_replaced" in await people.actions(account.id)


async def test_nobody_has_no_second_factor(people: People) -> None:
    with pytest.raises(AccountNotFound):
        await people.accounts.check_second_factor("00000000-0000-0000-0000-000000000000", "000000", HOME)
    assert await people.everything() == await people.blank()
