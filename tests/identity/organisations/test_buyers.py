"""Customer groups, tax numbers and exemptions: who may set what, what counts, and who learns nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import msgspec
import pytest

from renga.domains.identity.buyers.cached import FRESH_MS, CachedBuyerFacts
from renga.domains.identity.contract import (
    AccountNotFound,
    BuyerFactsInvalid,
    CallOrigin,
    CustomerGroupInvalid,
    CustomerGroupNotFound,
    EmailInvalid,
    MerchantNotFound,
    TaxExemption,
    TaxIdChanged,
    TaxIdInvalid,
    TooMany,
)
from renga.domains.identity.reactions import follow_buyers
from renga.kernel.buyer_terms import GROUPS_MAX, NOTHING_VERIFIED, VerifiedFacts
from renga.kernel.caller import ANONYMOUS, Caller, InsufficientScope
from renga.kernel.errors import Forbidden, Unavailable
from renga.kernel.events import Event
from renga.kernel.group_codes import may_price
from renga.platform.bus.port import Bus
from tests.identity.accounts.people import People
from tests.identity.organisations.house import ADMIN, House, acting

ORIGIN = CallOrigin(address="203.0.113.9")
CNPJ, CPF = "11222333000181", "52998224725"


async def merchant_of(house: House, owner: str, slug: str) -> str:
    return (await house.merchants.create(Caller(owner), slug.title(), slug)).id


async def news(house: House) -> list[str]:
    """The accounts whose facts changed, oldest first."""
    rows = await house.pool.fetch("SELECT event::text FROM identity.outbox ORDER BY position")
    events = [msgspec.json.decode(row[0]) for row in rows]
    return [one["subject"] for one in events if one["type"].endswith("BuyerFactsChanged")]


async def shop_group(house: House, code: str) -> None:
    await house.buyers.put_group(ADMIN, code, {"en": code.title()}, origin=ORIGIN)


async def test_an_administrator_gives_an_account_its_groups(house: House) -> None:
    ana = await house.person("ana")
    await shop_group(house, "trade")
    await shop_group(house, "staff")
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
    profile = await house.buyers.set_account_groups(ADMIN, ana, ("trade", "staff", "trade"), origin=ORIGIN)
    assert [group.code for group in profile.groups] == ["staff", "trade"]
    assert profile.groups[1].name == {"en": "Trade"}
    assert await house.buyers.verified_facts(ana) == VerifiedFacts(groups=("staff", "trade"))
    await house.buyers.set_account_groups(ADMIN, ana, ("staff",), origin=ORIGIN)
    await house.buyers.set_account_groups(ADMIN, ana, ("staff",), origin=ORIGIN)
    assert (await house.buyers.verified_facts(ana)).groups == ("staff",)
    assert await news(house) == [ana, ana]  # a repeated call is no change
    assert (await house.trail())[-2:] == ["customer_groups_set", "customer_groups_set"]
    with pytest.raises(CustomerGroupNotFound):
        await house.buyers.set_account_groups(ADMIN, ana, ("staff", "none"), origin=ORIGIN)
    with pytest.raises(AccountNotFound):
        await house.buyers.set_account_groups(ADMIN, house.new_id(), ("staff",), origin=ORIGIN)
    assert (await house.buyers.verified_facts(ana)).groups == ("staff",)


async def test_only_administrators_change_what_is_verified(house: House) -> None:
    ana = await house.person("ana")
    buyer = Caller(ana, frozenset({"account", "merchant"}))
    await shop_group(house, "trade")
    await house.buyers.state_tax_id(buyer, "BR", CNPJ, "Vale", origin=ORIGIN)
    refused: list[Any] = [
        lambda who: house.buyers.groups(who),
        lambda who: house.buyers.put_group(who, "mine", {"en": "Mine"}, origin=ORIGIN),
        lambda who: house.buyers.remove_group(who, "trade", origin=ORIGIN),
        lambda who: house.buyers.set_account_groups(who, ana, ("trade",), origin=ORIGIN),
        lambda who: house.buyers.verify_tax_id(who, ana, CNPJ, verified=True, origin=ORIGIN),
        lambda who: house.buyers.set_exemption(who, ana, TaxExemption(certificate="EX-1"), origin=ORIGIN),
    ]
    for ask in refused:
        with pytest.raises(InsufficientScope):
            await ask(buyer)
    with pytest.raises(InsufficientScope):
        await house.buyers.profile(Caller(await house.person("eva")), ana)
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
    assert [group.code for group in await house.buyers.groups(ADMIN)] == ["trade"]


@pytest.mark.parametrize("code", ["", "Trade", "a b", "a" * 41, "-x", "ab--cd", "nul\0"])
async def test_a_code_that_is_none_is_refused(house: House, code: str) -> None:
    with pytest.raises(CustomerGroupInvalid):
        await shop_group(house, code)
    assert await house.rows("customer_groups") == 0


@pytest.mark.parametrize("name", [{}, {"en": ""}, {"en": " "}, {"e": "X"}, {"en": "x" * 81}, {"en": "a\nb"}])
async def test_a_name_that_is_none_is_refused(house: House, name: dict[str, str]) -> None:
    with pytest.raises(CustomerGroupInvalid):
        await house.buyers.put_group(ADMIN, "trade", name, origin=ORIGIN)


async def test_a_merchant_puts_addresses_into_its_own_groups_only(house: House) -> None:
    rui, eva, ana = await house.person("rui"), await house.person("eva"), await house.person("ana")
    serra, vale = await merchant_of(house, rui, "serra"), await merchant_of(house, eva, "vale")
    cafes = await house.buyers.put_merchant_group(acting(rui), serra, "cafes", {"en": "Cafés"}, origin=ORIGIN)
    assert (cafes.code, cafes.merchant_id) == (f"{serra[-12:]}--cafes", serra)
    assert (may_price(cafes.code, serra), may_price(cafes.code, vale), may_price("trade", vale)) == (True, False, True)
    await house.buyers.set_group_customer(acting(rui), serra, "cafes", " Ana@Example.com ", member=True, origin=ORIGIN)
    assert await house.buyers.verified_facts(ana) == VerifiedFacts(groups=(cafes.code,))
    assert [one.email for one in await house.buyers.group_customers(acting(rui), serra, "cafes")] == ["ana@example.com"]
    await shop_group(house, "trade")
    for asked in ("trade", cafes.code, "none", "Not A Code", "nul\0"):
        with pytest.raises(CustomerGroupNotFound):
            await house.buyers.set_group_customer(
                acting(eva), vale, asked, "ana@example.com", member=True, origin=ORIGIN
            )
        with pytest.raises(CustomerGroupNotFound):
            await house.buyers.remove_merchant_group(acting(eva), vale, asked, origin=ORIGIN)
    for ask in (
        house.buyers.group_customers(acting(eva), serra, "cafes"),
        house.buyers.merchant_groups(acting(eva), serra),
    ):
        with pytest.raises(MerchantNotFound):
            await ask
    assert await house.buyers.merchant_groups(acting(eva), vale) == ()
    await house.buyers.set_group_customer(acting(rui), serra, "cafes", "ana@example.com", member=False, origin=ORIGIN)
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
    assert await news(house) == [ana, ana]


async def test_a_clerk_manages_no_customers(house: House) -> None:
    rui = await house.person("rui")
    serra = await merchant_of(house, rui, "serra")
    await house.person("caio")
    caio = await house.join(rui, serra, "caio", "clerk")
    with pytest.raises(Forbidden):
        await house.buyers.put_merchant_group(acting(caio), serra, "cafes", {"en": "Cafés"}, origin=ORIGIN)
    with pytest.raises(Forbidden):
        await house.buyers.merchant_groups(acting(caio), serra)
    assert await house.rows("customer_groups") == 0


async def test_a_merchant_learns_nothing_about_addresses_and_they_count_once_somebody_has_them(house: House) -> None:
    rui, ana = await house.person("rui"), await house.person("ana")
    serra = await merchant_of(house, rui, "serra")
    cafes = await house.buyers.put_merchant_group(acting(rui), serra, "cafes", {"en": "Cafés"}, origin=ORIGIN)
    for email in ("ana@example.com", "nobody@example.com"):
        await house.buyers.set_group_customer(acting(rui), serra, "cafes", email, member=True, origin=ORIGIN)
    await house.buyers.leave_group(Caller(ana), cafes.code, origin=ORIGIN)
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
    shown = [one.email for one in await house.buyers.group_customers(acting(rui), serra, "cafes")]
    assert shown == ["ana@example.com", "nobody@example.com"]
    # putting them in again does not bring back who left
    for member in (False, True):
        await house.buyers.set_group_customer(
            acting(rui), serra, "cafes", "ana@example.com", member=member, origin=ORIGIN
        )
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
    nobody = await house.person("nobody")
    assert (await house.buyers.verified_facts(nobody)).groups == (cafes.code,)
    unproved = await house.person("unproved", verified=False)
    await house.buyers.set_group_customer(
        acting(rui), serra, "cafes", "unproved@example.com", member=True, origin=ORIGIN
    )
    assert await house.buyers.verified_facts(unproved) == NOTHING_VERIFIED
    for email in ("", "ana", "a@b", "ana@example.com\0"):
        with pytest.raises(EmailInvalid):
            await house.buyers.set_group_customer(acting(rui), serra, "cafes", email, member=True, origin=ORIGIN)


async def test_groups_of_a_merchant_that_is_closed_or_not_approved_count_nowhere(house: House) -> None:
    rui, ana = await house.person("rui"), await house.person("ana")
    serra = await merchant_of(house, rui, "serra")
    await house.buyers.put_merchant_group(acting(rui), serra, "cafes", {"en": "Cafés"}, origin=ORIGIN)
    await house.buyers.set_group_customer(acting(rui), serra, "cafes", "ana@example.com", member=True, origin=ORIGIN)
    await house.pool.execute("UPDATE identity.merchants SET status = 'pending'")
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
    await house.pool.execute("UPDATE identity.merchants SET status = 'approved'")
    assert len((await house.buyers.verified_facts(ana)).groups) == 1
    await house.merchants.close(Caller(rui), serra)
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED


async def test_no_merchant_crowds_out_anothers_groups_nor_the_shops(house: House) -> None:
    rui, eva, ana = await house.person("rui"), await house.person("eva"), await house.person("ana")
    serra, vale = await merchant_of(house, rui, "serra"), await merchant_of(house, eva, "vale")
    for number in range(GROUPS_MAX + 5):
        house.clock.advance(seconds=1)
        await house.buyers.put_merchant_group(acting(rui), serra, f"g{number:02}", {"en": "G"}, origin=ORIGIN)
        await house.buyers.set_group_customer(
            acting(rui), serra, f"g{number:02}", "ana@example.com", member=True, origin=ORIGIN
        )
    await house.buyers.put_merchant_group(acting(eva), vale, "last", {"en": "L"}, origin=ORIGIN)
    await house.buyers.set_group_customer(acting(eva), vale, "last", "ana@example.com", member=True, origin=ORIGIN)
    await shop_group(house, "trade")
    await house.buyers.set_account_groups(ADMIN, ana, ("trade",), origin=ORIGIN)
    groups = (await house.buyers.verified_facts(ana)).groups
    assert len(groups) == GROUPS_MAX
    assert {"trade", f"{vale[-12:]}--last", f"{serra[-12:]}--g00"} < set(groups)


async def test_groups_are_bounded_also_under_races(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("renga.domains.identity.buyers.put_group.SHOP_GROUPS_MAX", 3)
    made = await asyncio.gather(*(shop_group(house, f"g{n}") for n in range(8)), return_exceptions=True)
    assert [type(one) for one in made if one is not None] == [TooMany] * 5
    assert await house.rows("customer_groups") == 3


async def test_a_removed_group_counts_for_nobody_and_is_announced_for_each(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    await shop_group(house, "trade")
    for account in (ana, eva):
        await house.buyers.set_account_groups(ADMIN, account, ("trade",), origin=ORIGIN)
    await house.buyers.remove_group(ADMIN, "trade", origin=ORIGIN)
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
    assert (await news(house))[2:] == sorted((ana, eva))
    with pytest.raises(CustomerGroupNotFound):
        await house.buyers.remove_group(ADMIN, "trade", origin=ORIGIN)


async def test_a_stated_tax_number_counts_once_verified_and_a_new_one_again(house: House) -> None:
    ana = await house.person("ana")
    profile = await house.buyers.state_tax_id(Caller(ana), "BR", "11.222.333/0001-81", " Vale  Ltda. ", origin=ORIGIN)
    assert profile.tax is not None
    assert (profile.tax.tax_id, profile.tax.company, profile.tax.verified_at) == (CNPJ, "Vale Ltda.", None)
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
    with pytest.raises(TaxIdChanged):
        await house.buyers.verify_tax_id(ADMIN, ana, CPF, verified=True, origin=ORIGIN)
    await house.buyers.verify_tax_id(ADMIN, ana, CNPJ, verified=True, origin=ORIGIN)
    assert await house.buyers.verified_facts(ana) == VerifiedFacts(tax_id=CNPJ, company=True)
    # the same number again keeps its verification, another ends it
    await house.buyers.state_tax_id(Caller(ana), "BR", CNPJ, "Vale Ltda.", origin=ORIGIN)
    assert (await house.buyers.verified_facts(ana)).tax_id == CNPJ
    await house.buyers.state_tax_id(Caller(ana), "BR", CPF, "", origin=ORIGIN)
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
    await house.buyers.verify_tax_id(ADMIN, ana, CPF, verified=True, origin=ORIGIN)
    assert await house.buyers.verified_facts(ana) == VerifiedFacts(tax_id=CPF)
    await house.buyers.verify_tax_id(ADMIN, ana, CPF, verified=False, origin=ORIGIN)
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
    await house.buyers.remove_tax_id(Caller(ana), origin=ORIGIN)
    assert (await house.buyers.profile(Caller(ana), ana)).tax is None
    with pytest.raises(TaxIdChanged):
        await house.buyers.verify_tax_id(ADMIN, ana, CPF, verified=True, origin=ORIGIN)
    assert "tax_id_verified" in await house.trail()
    assert CNPJ not in str(await house.pool.fetch("SELECT details::text FROM identity.audit"))


async def test_another_company_name_needs_another_verification(house: House) -> None:
    ana = await house.person("ana")
    await house.buyers.state_tax_id(Caller(ana), "DE", "DE 123456789", "Kaffee GmbH", origin=ORIGIN)
    await house.buyers.verify_tax_id(ADMIN, ana, "DE123456789", verified=True, origin=ORIGIN)
    assert await house.buyers.verified_facts(ana) == VerifiedFacts(tax_id="DE123456789", company=True)
    await house.buyers.state_tax_id(Caller(ana), "DE", "DE123456789", "Tee GmbH", origin=ORIGIN)
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED


async def test_an_exemption_counts_until_its_end(house: House) -> None:
    ana = await house.person("ana")
    until = "2023-11-20T00:00:00-03:00"
    await house.buyers.set_exemption(ADMIN, ana, TaxExemption(certificate=" EX-1 ", expires_at=until), origin=ORIGIN)
    assert await house.buyers.verified_facts(ana) == VerifiedFacts(exemption="EX-1")
    house.clock.advance(seconds=10 * 86_400)
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
    await house.buyers.set_exemption(ADMIN, ana, TaxExemption(certificate="EX-2"), origin=ORIGIN)
    assert (await house.buyers.verified_facts(ana)).exemption == "EX-2"
    await house.buyers.remove_exemption(ADMIN, ana, origin=ORIGIN)
    assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
    for number, end in (("", None), ("x\0", None), ("EX-3", "soon")):
        wrong = TaxExemption(certificate=number, expires_at=end)
        with pytest.raises(BuyerFactsInvalid):
            await house.buyers.set_exemption(ADMIN, ana, wrong, origin=ORIGIN)


@pytest.mark.parametrize(
    ("country", "number"),
    [("BR", "11222333000180"), ("BR", "11111111111"), ("DE", "DE12"), ("br", CPF), ("US", "1"), ("US", "12345\0")],
)
async def test_a_tax_number_that_is_none_is_refused(house: House, country: str, number: str) -> None:
    ana = await house.person("ana")
    with pytest.raises(TaxIdInvalid):
        await house.buyers.state_tax_id(Caller(ana), country, number, "", origin=ORIGIN)
    assert await house.rows("buyer_tax") == 0


async def test_cached_facts_change_at_once_here_with_their_event_elsewhere_and_in_a_minute_without(
    house: House,
) -> None:
    ana = await house.person("ana")
    await shop_group(house, "trade")
    loads = []

    async def load(account_id: str) -> VerifiedFacts:
        loads.append(account_id)
        return await house.buyers.verified_facts(account_id)

    elsewhere = CachedBuyerFacts(load, house.clock)
    for facts in (house.facts, elsewhere):
        assert facts.known(Caller(ana)) is None
        assert await facts.facts(Caller(ana)) == NOTHING_VERIFIED
        assert facts.known(Caller(ana)) == NOTHING_VERIFIED
    await house.buyers.set_account_groups(ADMIN, ana, ("trade",), origin=ORIGIN)
    assert (await house.facts.facts(Caller(ana))).groups == ("trade",)
    assert (await elsewhere.facts(Caller(ana))).groups == ()
    elsewhere.drop(await news(house))
    assert (await elsewhere.facts(Caller(ana))).groups == ("trade",)
    assert (await elsewhere.facts(Caller(ana))).groups == ("trade",)
    assert loads == [ana, ana]
    house.clock.advance(seconds=FRESH_MS // 1000)
    assert elsewhere.known(Caller(ana)) is None


async def test_guests_and_programs_have_no_facts_and_nothing_is_asked(house: House) -> None:
    async def load(account_id: str) -> VerifiedFacts:
        raise AssertionError(account_id)

    facts = CachedBuyerFacts(load, house.clock)
    for caller in (ANONYMOUS, Caller("demo-service", program=True), Caller("no-account")):
        assert facts.known(caller) == NOTHING_VERIFIED
        assert await facts.facts(caller) == NOTHING_VERIFIED


async def test_old_facts_are_served_while_the_store_is_away(house: House) -> None:
    ana, away = await house.person("ana"), False

    async def load(account_id: str) -> VerifiedFacts:
        if away:
            raise Unavailable
        return VerifiedFacts(groups=("trade",))

    facts = CachedBuyerFacts(load, house.clock)
    await facts.facts(Caller(ana))
    away = True
    house.clock.advance(seconds=600)
    assert (await facts.facts(Caller(ana))).groups == ("trade",)
    house.clock.advance(seconds=3_600)
    with pytest.raises(Unavailable):
        await facts.facts(Caller(ana))


async def test_a_store_that_hangs_keeps_nobody_waiting(house: House) -> None:
    ana, rui, loads = await house.person("ana"), await house.person("rui"), list[str]()
    hangs = False

    async def load(account_id: str) -> VerifiedFacts:
        loads.append(account_id)
        if hangs:
            await asyncio.Event().wait()
        return VerifiedFacts(groups=("trade",))

    facts = CachedBuyerFacts(load, house.clock)
    await facts.facts(Caller(ana))
    hangs = True
    house.clock.advance(seconds=FRESH_MS // 1000)
    async with asyncio.timeout(5):
        assert [(await facts.facts(Caller(ana))).groups for _ in range(3)] == [("trade",)] * 3
        with pytest.raises(Unavailable):
            await facts.facts(Caller(rui))
    assert loads == [ana, ana], "after the first that was late nobody asks for a moment"


async def test_an_export_has_what_the_shop_knows_of_the_buyer_and_an_erasure_leaves_nothing(house: House) -> None:
    people = People(house.pool)
    try:
        ana, rui = await house.person("ana"), await house.person("rui")
        serra = await merchant_of(house, rui, "serra")
        cafes = await house.buyers.put_merchant_group(acting(rui), serra, "cafes", {"en": "Cafés"}, origin=ORIGIN)
        await house.buyers.set_group_customer(
            acting(rui), serra, "cafes", "ana@example.com", member=True, origin=ORIGIN
        )
        await shop_group(house, "trade")
        await house.buyers.set_account_groups(ADMIN, ana, ("trade",), origin=ORIGIN)
        await house.buyers.leave_group(Caller(ana), cafes.code, origin=ORIGIN)
        await house.buyers.state_tax_id(Caller(ana), "BR", CPF, "", origin=ORIGIN)
        await house.buyers.set_exemption(ADMIN, ana, TaxExemption(certificate="EX-77"), origin=ORIGIN)
        exported = (await people.accounts.export(acting(ana)))["buyer"]
        assert {group["code"]: group["left_at"] is not None for group in exported["groups"]} == {
            "trade": False,
            cafes.code: True,
        }
        assert (exported["tax"]["tax_id"], exported["tax"]["certificate"]) == (CPF, "EX-77")
        await people.accounts.erase(acting(ana), ORIGIN)
        left = await people.everything()
        for gone in ("ana@example.com", CPF, "EX-77"):
            assert gone not in left
        for table in ("account_groups", "group_addresses", "left_groups", "buyer_tax"):
            assert await house.rows(table) == 0
        assert await house.buyers.verified_facts(ana) == NOTHING_VERIFIED
        with pytest.raises(AccountNotFound):
            await house.buyers.profile(ADMIN, ana)
    finally:
        people.passwords.close()


async def test_news_from_another_process_drop_cached_facts(house: House) -> None:
    ana, eva = await house.person("ana"), await house.person("eva")
    await shop_group(house, "trade")
    elsewhere = CachedBuyerFacts(house.buyers.verified_facts, house.clock)
    for account in (ana, eva):
        await elsewhere.facts(Caller(account))
    await house.buyers.set_account_groups(ADMIN, ana, ("trade",), origin=ORIGIN)
    rows = await house.pool.fetch("SELECT event::text FROM identity.outbox ORDER BY position")
    events = [msgspec.json.decode(row[0], type=Event, strict=False) for row in rows]

    class Tail:
        async def tail(self, patterns: tuple[str, ...]) -> AsyncIterator[Event]:
            for event in events:
                if event.type in patterns:
                    yield event

    await follow_buyers(cast(Bus, Tail()), elsewhere)
    assert elsewhere.known(Caller(ana)) is None
    assert elsewhere.known(Caller(eva)) == NOTHING_VERIFIED
    assert (await elsewhere.facts(Caller(ana))).groups == ("trade",)
