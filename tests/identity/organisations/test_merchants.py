"""Merchants and members: the matrix of roles, the last owner, who is a stakeholder, races."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import get_args

import pytest

from renga.domains.identity.contract import (
    AccountNotFound,
    CallOrigin,
    LastOwner,
    Member,
    MemberNotFound,
    MerchantNotFound,
    MerchantRole,
    MerchantSlugTaken,
    OrganisationInvalid,
    Stakeholder,
    TooMany,
)
from renga.domains.identity.model.roles import Right, may
from renga.domains.identity.organisations.model import limits as organisation_limits
from renga.kernel.caller import ANONYMOUS, Caller
from renga.kernel.errors import Forbidden, Unauthenticated
from renga.kernel.once import IdempotencyConflict
from tests.identity.organisations.house import House, acting, once
from tests.modules import GRANTS

#: Written out once more, so that a change of the table is a change of two places.
MATRIX = {
    ("owner", "see"): True,
    ("owner", "see_members"): True,
    ("owner", "rename"): True,
    ("owner", "manage_members"): True,
    ("owner", "manage_keys"): True,
    ("owner", "manage_customers"): True,
    ("owner", "close"): True,
    ("manager", "see"): True,
    ("manager", "see_members"): True,
    ("manager", "rename"): True,
    ("manager", "manage_members"): False,
    ("manager", "manage_keys"): False,
    ("manager", "manage_customers"): True,
    ("manager", "close"): False,
    ("clerk", "see"): True,
    ("clerk", "see_members"): False,
    ("clerk", "rename"): False,
    ("clerk", "manage_members"): False,
    ("clerk", "manage_keys"): False,
    ("clerk", "manage_customers"): False,
    ("clerk", "close"): False,
}


def test_the_matrix_of_roles_is_complete_and_as_written_here() -> None:
    assert {(role, right): may(role, right) for role in get_args(MerchantRole) for right in get_args(Right)} == MATRIX
    assert not any(may(None, right) for right in get_args(Right))


def test_every_stakeholder_and_role_has_scopes_that_exist() -> None:
    assert set(GRANTS.of_stakeholder) == set(get_args(Stakeholder))
    assert set(GRANTS.of_role) == set(get_args(MerchantRole))
    used = set().union(*GRANTS.of_stakeholder.values(), *GRANTS.of_role.values())
    assert used == set(GRANTS.scopes)


def test_only_services_reach_every_cart_and_only_admins_administer() -> None:
    assert [who for who, scopes in GRANTS.of_stakeholder.items() if "carts:any" in scopes] == ["service"]
    assert [who for who, scopes in GRANTS.of_stakeholder.items() if "identity:admin" in scopes] == ["admin"]


def _act(house: House, by: str, merchant: str, right: Right) -> Awaitable[object]:
    acts: dict[Right, Callable[[], Awaitable[object]]] = {
        "see": lambda: house.merchants.find(Caller(by), merchant),
        "see_members": lambda: house.merchants.members(Caller(by), merchant),
        "rename": lambda: house.merchants.rename(Caller(by), merchant, "Another name"),
        "manage_members": lambda: house.merchants.invite(
            Caller(by), merchant, "eva@example.com", "clerk", origin=CallOrigin(address="")
        ),
        "manage_keys": lambda: house.keys.of_owner(acting(by), merchant),
        "manage_customers": lambda: house.buyers.put_merchant_group(
            Caller(by), merchant, "trade", {"en": "Trade"}, origin=CallOrigin(address="")
        ),
        "close": lambda: house.merchants.close(Caller(by), merchant),
    }
    return acts[right]()


@pytest.mark.parametrize(("role", "right"), MATRIX)
async def test_the_use_cases_keep_to_the_matrix(house: House, role: MerchantRole, right: Right) -> None:
    ana, bruno, _ = await house.person("ana"), await house.person("bruno"), await house.person("eva")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    await house.join(ana, merchant.id, "bruno", role)
    before = await house.trail()
    if MATRIX[role, right]:
        await _act(house, bruno, merchant.id, right)
        return
    with pytest.raises(Forbidden) as refused:
        await _act(house, bruno, merchant.id, right)
    assert type(refused.value) is Forbidden
    assert await house.trail() == before
    assert (await house.merchants.find(Caller(ana), merchant.id)).name == "Serra"
    assert await house.rows("members") == 2


@pytest.mark.parametrize("right", get_args(Right))
async def test_a_merchant_does_not_exist_for_who_is_no_member(house: House, right: Right) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    for merchant_id in (merchant.id, house.new_id(), "not-an-id", ""):
        with pytest.raises(MerchantNotFound):
            await _act(house, eva, merchant_id, right)
    assert await house.merchants.of_account(Caller(ana)) == ((merchant, "owner"),)


async def test_who_opens_a_merchant_owns_it_and_is_a_merchant_from_then_on(house: House) -> None:
    ana = await house.person("ana")
    merchant = await house.merchants.create(
        Caller(ana), "  Serra Lenta ", "serra", origin=CallOrigin(address="203.0.113.7")
    )
    assert (merchant.name, merchant.slug, merchant.created_at) == ("Serra Lenta", "serra", "2023-11-14T22:13:20.000Z")
    assert await house.merchants.of_account(Caller(ana)) == ((merchant, "owner"),)
    assert await house.stakeholders(ana) == ["customer", "merchant"]
    row = await house.pool.fetchrow("SELECT action, account_id::text, by, address, details FROM identity.audit")
    assert row is not None
    assert tuple(row)[:4] == ("merchant_created", ana, ana, "203.0.113.7")


async def test_a_merchant_was_made_at_one_moment_however_long_it_takes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await house.person("ana")
    started = house.clock.now_ms()
    ticks = count(started, 7)
    monkeypatch.setattr(house.clock, "now_ms", lambda: next(ticks))
    made = await house.merchants.create(Caller(ana), "Serra", "serra", once=once("k1", scope=ana))
    assert await house.merchants.find(Caller(ana), made.id) == made
    assert await house.merchants.of_account(Caller(ana)) == ((made, "owner"),)
    assert await house.merchants.create(Caller(ana), "Serra", "serra", once=once("k1", scope=ana)) == made


async def test_a_taken_slug_is_refused_and_nothing_changes(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    await house.merchants.create(Caller(ana), "Serra", "serra")
    with pytest.raises(MerchantSlugTaken):
        await house.merchants.create(Caller(eva), "Other", "serra")
    assert await house.merchants.of_account(Caller(eva)) == ()
    assert await house.stakeholders(eva) == ["customer"]
    assert await house.trail() == ["merchant_created"]


@pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a b", "a" * 64, "ção", "a/b", "a\n"])
async def test_a_slug_that_is_none_is_refused(house: House, slug: str) -> None:
    ana = await house.person("ana")
    with pytest.raises(OrganisationInvalid):
        await house.merchants.create(Caller(ana), "Serra", slug)
    assert await house.rows("merchants") == 0


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b", "a\nb"])
async def test_a_name_that_is_none_is_refused(house: House, name: str) -> None:
    ana = await house.person("ana")
    with pytest.raises(OrganisationInvalid):
        await house.merchants.create(Caller(ana), name, "serra")
    assert await house.rows("merchants") == 0


async def test_a_service_or_an_unverified_account_opens_no_merchant(house: House) -> None:
    nina = await house.person("nina", verified=False)
    for by in ("demo-service", nina, house.new_id()):
        with pytest.raises(AccountNotFound):
            await house.merchants.create(Caller(by), "Serra", "serra")
    assert await house.rows("merchants") == 0
    assert await house.merchants.of_account(Caller("demo-service")) == ()


async def test_there_is_a_bound_of_merchants_per_account(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renga.domains.identity.organisations.create_merchant.MERCHANTS_PER_ACCOUNT_MAX", 2)
    ana = await house.person("ana")
    made = await asyncio.gather(
        *(house.merchants.create(Caller(ana), "Serra", f"serra-{n}") for n in range(5)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in made) == ["Merchant", "Merchant", "TooMany", "TooMany", "TooMany"]
    assert await house.rows("merchants") == 2


async def test_members_are_listed_owners_first(house: House) -> None:
    ana, bruno, caio = await house.person("ana"), await house.person("bruno"), await house.person("caio")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    await house.join(ana, merchant.id, "bruno", "clerk")
    await house.join(ana, merchant.id, "caio", "manager")
    assert await house.merchants.members(Caller(caio), merchant.id) == (
        Member(account_id=ana, email="ana@example.com", name="Ana", role="owner"),
        Member(account_id=caio, email="caio@example.com", name="Caio", role="manager"),
        Member(account_id=bruno, email="bruno@example.com", name="Bruno", role="clerk"),
    )


@pytest.mark.parametrize("email", ["nobody@example.com", "nina@example.com", "no address", "", "a@b\x00.com"])
async def test_only_a_verified_account_becomes_a_member(house: House, email: str) -> None:
    ana = await house.person("ana")
    await house.person("nina", verified=False)
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    with pytest.raises(MemberNotFound):
        await house.merchants.set_member(Caller(ana), merchant.id, email, "clerk")
    assert await house.rows("members") == 1


async def test_the_last_owner_neither_leaves_nor_steps_down(house: House) -> None:
    ana = await house.person("ana")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    with pytest.raises(LastOwner):
        await house.merchants.remove_member(Caller(ana), merchant.id, ana)
    with pytest.raises(LastOwner):
        await house.merchants.set_member(Caller(ana), merchant.id, "ana@example.com", "clerk")
    assert await house.merchants.of_account(Caller(ana)) == ((merchant, "owner"),)
    assert await house.trail() == ["merchant_created"]


async def test_of_two_owners_who_leave_at_the_same_time_one_stays(house: House) -> None:
    ana, bruno = await house.person("ana"), await house.person("bruno")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    await house.join(ana, merchant.id, "bruno", "owner")
    done = await asyncio.gather(
        house.merchants.remove_member(Caller(ana), merchant.id, ana),
        house.merchants.remove_member(Caller(bruno), merchant.id, bruno),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["LastOwner", "NoneType"]
    assert await house.pool.fetchval("SELECT count(*) FROM identity.members WHERE role = 'owner'") == 1


async def test_two_owners_who_demote_each_other_leave_one_owner(house: House) -> None:
    ana, bruno = await house.person("ana"), await house.person("bruno")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    await house.join(ana, merchant.id, "bruno", "owner")
    done = await asyncio.gather(
        house.merchants.set_member(Caller(ana), merchant.id, "bruno@example.com", "clerk"),
        house.merchants.set_member(Caller(bruno), merchant.id, "ana@example.com", "clerk"),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["Forbidden", "Member"]
    assert await house.pool.fetchval("SELECT count(*) FROM identity.members WHERE role = 'owner'") == 1


async def test_who_leaves_her_last_merchant_is_no_merchant_any_more(house: House) -> None:
    ana, bruno = await house.person("ana"), await house.person("bruno", "customer", "finance")
    one = await house.merchants.create(Caller(ana), "Serra", "serra")
    two = await house.merchants.create(Caller(ana), "Vale", "vale")
    for merchant in (one, two):
        await house.join(ana, merchant.id, "bruno", "clerk")
    await house.merchants.remove_member(Caller(bruno), one.id, bruno)
    assert await house.stakeholders(bruno) == ["customer", "finance", "merchant"]
    await house.merchants.remove_member(Caller(ana), two.id, bruno)
    assert await house.stakeholders(bruno) == ["customer", "finance"]
    with pytest.raises(MemberNotFound):
        await house.merchants.remove_member(Caller(ana), two.id, bruno)


async def test_a_clerk_removes_nobody_but_herself(house: House) -> None:
    ana, bruno = await house.person("ana"), await house.person("bruno")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    await house.join(ana, merchant.id, "bruno", "clerk")
    for other in (ana, house.new_id(), "nobody"):
        with pytest.raises(Forbidden):
            await house.merchants.remove_member(Caller(bruno), merchant.id, other)
    assert await house.rows("members") == 2
    await house.merchants.remove_member(Caller(bruno), merchant.id, bruno)
    assert await house.rows("members") == 1


async def test_there_is_a_bound_of_members(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renga.domains.identity.organisations.accept_invitation.MEMBERS_PER_MERCHANT_MAX", 2)
    ana, _, _ = await house.person("ana"), await house.person("bruno"), await house.person("caio")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    await house.join(ana, merchant.id, "bruno", "clerk")
    with pytest.raises(TooMany) as refused:
        await house.join(ana, merchant.id, "caio", "clerk")
    assert refused.value.extra == {"limit": 2}
    changed = await house.merchants.set_member(Caller(ana), merchant.id, "bruno@example.com", "manager")
    assert changed.role == "manager"


async def test_a_closed_merchant_is_gone_and_keeps_its_slug(house: House) -> None:
    ana, bruno = await house.person("ana"), await house.person("bruno")
    merchant = await house.merchants.create(Caller(ana), "Serra", "serra")
    await house.join(ana, merchant.id, "bruno", "clerk")
    await house.merchants.close(Caller(ana), merchant.id)
    assert await house.merchants.of_account(Caller(ana)) == ()
    assert await house.stakeholders(bruno) == ["customer"]
    with pytest.raises(MerchantNotFound):
        await house.merchants.find(Caller(ana), merchant.id)
    with pytest.raises(MerchantSlugTaken):
        await house.merchants.create(Caller(bruno), "Serra", "serra")
    assert await house.rows("merchants") == 1


async def test_the_same_key_opens_one_merchant_however_many_ask_at_once(house: House) -> None:
    ana = await house.person("ana")
    made = await asyncio.gather(
        *(house.merchants.create(Caller(ana), "Serra", "serra", once=once("k1")) for _ in range(6))
    )
    assert len({merchant.id for merchant in made}) == 1
    assert await house.rows("merchants") == 1
    assert await house.trail() == ["merchant_created"]


async def test_the_same_key_with_another_request_is_refused(house: House) -> None:
    ana = await house.person("ana")
    await house.merchants.create(Caller(ana), "Serra", "serra", once=once("k1"))
    with pytest.raises(IdempotencyConflict):
        await house.merchants.create(Caller(ana), "Vale", "vale", once=once("k1", fingerprint=b"another"))
    assert await house.rows("merchants") == 1


async def test_a_key_is_its_callers_own(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    one = await house.merchants.create(Caller(ana), "Serra", "serra", once=once("k1", scope=ana))
    two = await house.merchants.create(Caller(eva), "Vale", "vale", once=once("k1", scope=eva))
    assert one.id != two.id


async def test_a_refused_request_leaves_its_key_free(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    taken = await house.merchants.create(Caller(eva), "Serra", "serra")
    with pytest.raises(MerchantSlugTaken):
        await house.merchants.create(Caller(ana), "Serra", "serra", once=once("k1"))
    assert await house.rows("idempotency") == 0
    await house.pool.execute("UPDATE identity.merchants SET slug = 'old' WHERE id = $1", taken.id)
    made = await house.merchants.create(Caller(ana), "Serra", "serra", once=once("k1"))
    assert await house.merchants.of_account(Caller(ana)) == ((made, "owner"),)


def test_the_bounds_are_what_the_readme_says() -> None:
    assert (organisation_limits.MERCHANTS_PER_ACCOUNT_MAX, organisation_limits.MEMBERS_PER_MERCHANT_MAX) == (20, 200)


async def test_a_guest_and_a_program_have_no_merchant_and_a_member_of_one_is_none_of_another(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    serra, vale = [
        await house.merchants.create(Caller(who), slug, slug) for who, slug in ((ana, "serra"), (eva, "vale"))
    ]
    for call in (
        house.merchants.create(ANONYMOUS, "X", "x"),
        house.merchants.of_account(ANONYMOUS),
        house.merchants.find(ANONYMOUS, serra.id),
        house.merchants.rename(ANONYMOUS, serra.id, "X"),
    ):
        with pytest.raises(Unauthenticated):
            await call
    everything = frozenset(GRANTS.scopes)
    for caller in (Caller(eva, everything), Caller(eva, everything, frozenset({serra.id}))):
        with pytest.raises(MerchantNotFound):
            await house.merchants.rename(caller, serra.id, "X")
    assert await house.merchants.of_account(Caller.of_system("tests", *GRANTS.scopes)) == ()
    with pytest.raises(AccountNotFound):
        await house.merchants.find(Caller.of_system("tests", *GRANTS.scopes), serra.id)
    assert [(await house.merchants.find(Caller(ana), serra.id)).name, vale.slug] == ["serra", "vale"]
