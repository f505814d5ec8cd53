"""The inbox of disputes, evidence, and what a partner account reads."""

import asyncio

import pytest

from renga.domains.payments.contract.disputes import DisputedShare, EvidenceDraft
from renga.domains.payments.contract.errors import ProviderNotFound
from renga.domains.payments.contract.finance_errors import (
    DisputeNotFound,
    EvidenceInvalid,
    EvidenceTooLate,
    FinanceCursorInvalid,
    PartnerInvalid,
)
from renga.domains.payments.contract.partners import PaymentPartner
from renga.domains.payments.contract.payments import Share
from renga.domains.payments.finance.keep_disputes import send_waiting_evidence
from renga.kernel.caller import InsufficientScope
from renga.kernel.errors import Invalid
from renga.kernel.money import Money
from renga.kernel.once import IdempotencyConflict
from tests.payments.finance.house import ADMIN, CUSTOMER, FINANCE, OWNER, PARTNER_ID, PROCESSOR, House, file

TEXT = EvidenceDraft(kind="delivery", text="Delivered on Monday, signed by Ana.")


async def disputed(house: House, reference: str = "order:1") -> str:
    ref = await house.sell(
        reference, 1_000, Share(amount=800, merchant="olaria"), Share(amount=150, merchant="outra"), Share(amount=50)
    )
    return await house.dispute(ref, "opened", 500)


async def test_a_dispute_is_in_the_inbox_with_whose_money_it_is(house: House) -> None:
    name = await disputed(house)
    (found,) = (await house.finance.disputes(FINANCE, state="opened")).items
    assert (found.id, found.state, found.amount, found.reference) == (name, "opened", Money(500, "BRL"), "order:1")
    assert found.shares == (
        DisputedShare(merchant="olaria", amount=Money(400, "BRL")),
        DisputedShare(merchant="outra", amount=Money(75, "BRL")),
    )
    assert (await house.balances())["disputes:sim"] == 500
    await house.dispute(found.provider_ref, "lost", 500)
    assert (await house.finance.disputes(FINANCE, state="opened")).items == ()
    lost = await house.finance.dispute(FINANCE, name)
    assert (lost.state, lost.shares) == ("lost", ())
    assert (await house.balances())["merchant:olaria"] == -400


async def test_evidence_is_kept_and_sent_once(house: House) -> None:
    name = await disputed(house)
    sent = await asyncio.gather(*(house.finance.submit_evidence(FINANCE, name, TEXT, key="k") for _ in range(3)))
    assert {len(one.evidence) for one in sent} == {1}
    (kept,) = (await house.finance.dispute(FINANCE, name)).evidence
    assert (kept.kind, kept.text, kept.state, kept.by) == ("delivery", TEXT.text, "sent", "finance-1")
    assert {one[1:] for one in house.provider.evidence} == {(name.partition(":")[2], "delivery", TEXT.text)}
    assert {one[0] for one in house.provider.evidence} == {kept.id}  # the same key each time: once in effect
    with pytest.raises(IdempotencyConflict):
        await house.finance.submit_evidence(FINANCE, name, EvidenceDraft(text="other"), key="k")


async def test_evidence_waits_for_a_provider_that_is_away(house: House) -> None:
    name = await disputed(house)
    house.provider.away = True
    first = await house.finance.submit_evidence(FINANCE, name, TEXT, key="k")
    assert [one.state for one in first.evidence] == ["waiting"]
    house.provider.away = False
    assert await send_waiting_evidence(house.finance.dependencies) == 0  # not yet
    house.clock.advance(seconds=61)
    both = await asyncio.gather(*(send_waiting_evidence(house.finance.dependencies) for _ in range(2)))
    assert sorted(both) == [0, 1]
    assert [one.state for one in (await house.finance.dispute(FINANCE, name)).evidence] == ["sent"]
    assert len(house.provider.evidence) == 1


async def test_a_provider_that_takes_none_leaves_it_kept(house: House) -> None:
    name = await disputed(house)
    house.provider.takes = False
    found = await house.finance.submit_evidence(FINANCE, name, TEXT)
    assert [one.state for one in found.evidence] == ["kept"]


async def test_evidence_has_bounds(house: House) -> None:
    name = await disputed(house)
    for text in ("", "  ", "a\0b", "a" * 10_001):
        with pytest.raises(EvidenceInvalid):
            await house.finance.submit_evidence(FINANCE, name, EvidenceDraft(text=text))
    for number in range(20):
        await house.finance.submit_evidence(FINANCE, name, EvidenceDraft(text=f"{number}"))
    with pytest.raises(EvidenceInvalid):
        await house.finance.submit_evidence(FINANCE, name, EvidenceDraft(text="21"))
    assert len(house.provider.evidence) == 20


async def test_a_closed_dispute_takes_none(house: House) -> None:
    name = await disputed(house)
    await house.dispute(name.partition(":dp_")[2], "won", 500)
    with pytest.raises(EvidenceTooLate):
        await house.finance.submit_evidence(FINANCE, name, TEXT)
    assert house.provider.evidence == []


async def test_who_reads_disputes_and_answers(house: House) -> None:
    name = await disputed(house)
    for caller in (CUSTOMER, OWNER):
        with pytest.raises(InsufficientScope):
            await house.finance.disputes(caller)
        with pytest.raises(InsufficientScope):
            await house.finance.dispute(caller, name)
    with pytest.raises(InsufficientScope):
        await house.finance.submit_evidence(PROCESSOR, name, TEXT)
    for unknown in ("sim:x", "other:dp_1", "sim", "", ":", "sim:\0", "a" * 300):
        with pytest.raises(DisputeNotFound):
            await house.finance.dispute(FINANCE, unknown)
    for cursor in ("x", "WzFd", "W10"):
        with pytest.raises(FinanceCursorInvalid):
            await house.finance.disputes(FINANCE, cursor=cursor)
    with pytest.raises(Invalid):
        await house.finance.disputes(FINANCE, limit=0)


async def test_pages_of_disputes(house: House) -> None:
    names = []
    for number in range(3):
        names.append(await disputed(house, f"order:{number}"))
        house.clock.advance(seconds=1)
    first = await house.finance.disputes(FINANCE, limit=2)
    rest = await house.finance.disputes(FINANCE, limit=2, cursor=first.next)
    assert [one.id for one in (*first.items, *rest.items)] == names[::-1]


async def test_a_partner_reads_what_is_of_its_own_provider(house: House) -> None:
    name = await disputed(house)
    await house.finance.import_settlement(FINANCE, file("2027-03-01"))
    assert (await house.finance.disputes(PROCESSOR)).items == ()
    with pytest.raises(DisputeNotFound):
        await house.finance.dispute(PROCESSOR, name)
    for read in (house.finance.settlements, house.finance.partner_payments):
        with pytest.raises(ProviderNotFound):
            await read(PROCESSOR, "sim")
    linked = await house.finance.put_partner(ADMIN, "sim", PaymentPartner(account=PARTNER_ID))
    assert linked == await house.finance.partner(ADMIN, "sim") == PaymentPartner(account=PARTNER_ID)
    (seen,) = (await house.finance.disputes(PROCESSOR)).items
    assert (seen.id, seen.shares) == (name, ())
    assert (await house.finance.dispute(PROCESSOR, name)).shares == ()
    (payment,) = (await house.finance.partner_payments(PROCESSOR, "sim")).items
    assert (payment.provider_ref, payment.captured, payment.state) == ("sim_1", Money(1_000, "BRL"), "disputed")
    assert [one.day for one in (await house.finance.settlements(PROCESSOR, "sim")).items] == ["2027-03-01"]
    await house.finance.put_partner(ADMIN, "sim", PaymentPartner(account=None))
    assert (await house.finance.disputes(PROCESSOR)).items == ()


async def test_who_links_partners(house: House) -> None:
    for caller in (FINANCE, PROCESSOR, CUSTOMER):
        with pytest.raises(InsufficientScope):
            await house.finance.put_partner(caller, "sim", PaymentPartner(account=PARTNER_ID))
        with pytest.raises(InsufficientScope):
            await house.finance.partner(caller, "sim")
    for account in ("x", "0192b3c4-d5e6-7f80-9a1b-2c3d4e5f6072", ""):
        with pytest.raises(PartnerInvalid):
            await house.finance.put_partner(ADMIN, "sim", PaymentPartner(account=account))
    with pytest.raises(ProviderNotFound):
        await house.finance.put_partner(ADMIN, "other", PaymentPartner(account=PARTNER_ID))
    assert await house.finance.partner(ADMIN, "sim") == PaymentPartner(account=None)
