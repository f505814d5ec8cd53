"""What every provider of an asynchronous method does: the buyer pays later, elsewhere, or never."""

import binascii
import re

import pytest

from renga.kernel.clock import DAY_MS, from_rfc3339
from tests.ports.payment_lab import AMOUNT, ProviderLab

#: What answers is a provider: its addresses may be like the shop's, its answers are its own.
pytestmark = pytest.mark.stand_ins

TOTAL = AMOUNT.amount


async def test_a_charge_waits_for_the_buyer(later: ProviderLab) -> None:
    record = await later.authorised()
    assert (record.state, record.amount, record.captured) == ("pending", AMOUNT, 0)
    assert (record.paid_ms, record.card) == (None, None)
    assert await later.now(record.ref) == record


async def test_a_pix_charge_has_a_br_code_with_its_checksum_and_ends(later: ProviderLab) -> None:
    record = await later.authorised()
    if later.method != "pix":
        pytest.skip("not a Pix")
    assert record.pix is not None
    payload = record.pix.payload
    assert payload.startswith("000201")
    assert "br.gov.bcb.pix" in payload.lower()
    assert payload[-8:-4] == "6304"
    assert payload[-4:] == f"{binascii.crc_hqx(payload[:-4].encode(), 0xFFFF):04X}"
    assert from_rfc3339(record.pix.expires_at) > later.clock.now_ms()


async def test_a_boleto_has_47_digits_and_a_barcode(later: ProviderLab) -> None:
    record = await later.authorised()
    if later.method != "boleto":
        pytest.skip("not a boleto")
    assert record.boleto is not None
    assert re.fullmatch(r"\d{47}", record.boleto.line)
    assert re.fullmatch(r"\d{44}", record.boleto.barcode)


async def test_when_the_buyer_has_paid_the_money_is_taken(later: ProviderLab) -> None:
    record = await later.captured()
    assert (record.state, record.captured, record.refunded) == ("captured", TOTAL, 0)
    assert record.paid_ms is not None
    assert abs(record.paid_ms - later.clock.now_ms()) < 60_000


async def test_there_is_nothing_to_capture(later: ProviderLab) -> None:
    assert later.can.captures == "none"
    record = await later.authorised()
    outcome = await later.capture(record.ref, TOTAL)
    assert (outcome.kind, outcome.reason) == ("refused", "method_unavailable")
    assert await later.now(record.ref) == record


async def test_a_charge_that_nobody_paid_can_be_withdrawn(later: ProviderLab) -> None:
    record = await later.authorised()
    outcome = await later.void(record.ref)
    assert outcome.kind == "accepted"
    assert (await later.now(record.ref)).state == "voided"
    assert (await later.now(record.ref)).captured == 0


async def test_a_charge_that_is_paid_cannot_be_withdrawn(later: ProviderLab) -> None:
    record = await later.captured()
    assert (await later.void(record.ref)).kind == "refused"
    assert (await later.now(record.ref)).captured == TOTAL


async def test_late_money_is_told_in_the_totals(later: ProviderLab) -> None:
    later.needs("late money")
    assert later.buyer_pays is not None
    record = await later.authorised()
    await later.void(record.ref)
    await later.buyer_pays(record.ref)
    assert (await later.now(record.ref)).captured == TOTAL


async def test_a_charge_ends_with_its_time(later: ProviderLab) -> None:
    later.needs("time")
    record = await later.authorised()
    if later.method != "pix":
        pytest.skip("only a Pix says to the second when it ends")
    assert record.pix is not None
    later.advance(ms=from_rfc3339(record.pix.expires_at) - later.clock.now_ms() - 1_000)
    assert (await later.now(record.ref)).state == "pending"
    later.advance(ms=2_000)
    assert (await later.now(record.ref)).state == "expired"
    assert (await later.now(record.ref)).captured == 0


async def test_a_charge_that_is_paid_on_another_day_is_in_the_list_of_that_day(later: ProviderLab) -> None:
    assert later.buyer_pays is not None
    life = {} if "due_on" in later.order or later.method != "pix" else {"expires_in_s": 3 * 86_400}
    record = await later.authorised(**life)
    later.advance(ms=2 * DAY_MS)
    assert [one async for one in later.provider.records(later.day())] == []
    await later.buyer_pays(record.ref)
    (found,) = [one async for one in later.provider.records(later.day())]
    assert (found.ref, found.captured) == (record.ref, TOTAL)
    assert [one async for one in later.provider.records(later.day(before=1))] == []
