"""Lists and settlement files of every provider."""

import pytest

from renga.domains.payments.ports.provider import ProviderRecord
from renga.kernel.clock import DAY_MS
from renga.kernel.money import Money
from tests.ports.payment_lab import ProviderLab

#: What answers is a provider: its addresses may be like the shop's, its answers are its own.
pytestmark = pytest.mark.stand_ins


async def listed(lab: ProviderLab, day: str) -> list[ProviderRecord]:
    return [record async for record in lab.provider.records(day)]


async def test_the_list_of_a_day_has_each_payment_once_as_it_is_now(paying: ProviderLab) -> None:
    waiting = await paying.authorised()
    paid = await paying.captured(amount=Money(700, "BRL"))
    await paying.refund(paid.ref, 200)
    found = {record.ref: record for record in await listed(paying, paying.day())}
    assert len(await listed(paying, paying.day())) == 2
    assert found == {waiting.ref: waiting, paid.ref: await paying.now(paid.ref)}
    assert (found[paid.ref].captured, found[paid.ref].refunded) == (700, 200)
    assert await listed(paying, paying.day(before=1)) == []


async def test_a_key_that_the_list_tells_is_that_of_the_authorisation(paying: ProviderLab) -> None:
    order = paying.new()
    await paying.provider.authorise(order)
    (record,) = await listed(paying, paying.day())
    assert record.key in (order.key, None)


async def test_a_payment_that_changes_on_another_day_is_in_the_lists_of_both(paying: ProviderLab) -> None:
    paying.needs("time")
    paid = await paying.captured()
    made_on = paying.day()
    paying.advance(ms=3 * DAY_MS)
    assert (await paying.refund(paid.ref, 100)).kind == "accepted"
    assert [record.ref for record in await listed(paying, paying.day())] == [paid.ref]
    assert await listed(paying, paying.day(before=1)) == []
    (then,) = await listed(paying, made_on)
    assert then.refunded == 100


async def test_more_payments_than_a_page_are_listed(paying: ProviderLab) -> None:
    paying.needs("pages")
    made = {(await paying.authorised()).ref for _ in range(101)}
    assert {record.ref for record in await listed(paying, paying.day())} == made


async def test_a_settlement_file_adds_up(paying: ProviderLab) -> None:
    paying.needs("settlement")
    assert paying.pay_out is not None
    assert await paying.provider.settlement(paying.day()) is None
    record = await paying.captured()
    await paying.refund(record.ref, 300)
    day = await paying.pay_out()
    file = await paying.provider.settlement(day)
    assert file is not None
    assert (file.provider, file.day) == (paying.provider.name, day)
    assert len({line.id for line in file.lines}) == len(file.lines)
    assert all(line.gross - line.fee == line.net for line in file.lines)
    assert {line.ref for line in file.lines} == {record.ref}
    gross = {kind: sum(line.gross for line in file.lines if line.kind == kind) for kind in ("capture", "refund")}
    assert gross == {"capture": 1_000, "refund": -300}
