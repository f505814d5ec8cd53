"""Settlement files: into the ledger whole, once, and what does not fit is told."""

import asyncio

import msgspec
import pytest

from renga.domains.payments.contract.errors import ProviderAway, ProviderNotFound
from renga.domains.payments.contract.finance_errors import (
    FinanceCursorInvalid,
    SettlementConflict,
    SettlementInvalid,
    SettlementNotFound,
)
from renga.domains.payments.contract.payments import Share
from renga.domains.payments.contract.settlements import SettlementLine
from renga.domains.payments.finance.jobs import fetch_settlements
from renga.domains.payments.finance.settlement_rows import settlement_of_csv
from renga.kernel.caller import InsufficientScope
from renga.kernel.money import Money
from renga.platform.postgres import calls
from tests.payments.finance.house import FINANCE, OWNER, PROCESSOR, House, file, line

DAY = "2027-03-01"


async def rows(house: House) -> int:
    row = await calls.fetch_row(house.pool, "SELECT count(*) FROM payments.settlement_lines")
    assert row is not None
    return int(row[0])


async def test_net_to_the_bank_fees_paid_clearing_empty(house: House) -> None:
    ref = await house.sell("order:1", 10_000)
    await house.refund(ref, 2_500)
    imported = file(DAY, line("l1", ref, 10_000, 300), line("l2", ref, -2_500, 0))
    report = await house.finance.import_settlement(FINANCE, imported)
    assert (report.gross, report.fees, report.net) == (
        (Money(7_500, "BRL"),),
        (Money(300, "BRL"),),
        (Money(7_200, "BRL"),),
    )
    assert (report.again, report.differences_count, report.lines) == (False, 0, 2)
    assert await house.balances() == {"bank:sim": 7_200, "fees:sim": 300, "merchant:olaria": -7_500}


async def test_the_same_file_again_writes_nothing_and_another_content_is_refused(house: House) -> None:
    ref = await house.sell("order:1", 1_000)
    imported = file(DAY, line("l1", ref, 1_000, 30))
    first = await house.finance.import_settlement(FINANCE, imported)
    assert await house.finance.import_settlement(FINANCE, imported) == msgspec.structs.replace(first, again=True)
    before = await house.balances()
    for wrong in (
        file(DAY, line("l1", ref, 1_000, 31)),
        file(DAY, line("l0", ref, 1), line("l1", ref, 1_000, 29), name="other"),
    ):
        with pytest.raises(SettlementConflict):
            await house.finance.import_settlement(FINANCE, wrong)
    assert (await house.balances(), await rows(house)) == (before, 1)


async def test_a_file_that_comes_twice_at_once_is_written_once(house: House) -> None:
    ref = await house.sell("order:1", 1_000)
    imported = file(DAY, line("l1", ref, 1_000, 30))
    reports = await asyncio.gather(*(house.finance.import_settlement(FINANCE, imported) for _ in range(4)))
    assert sorted(one.again for one in reports) == [False, True, True, True]
    assert (await house.balances())["bank:sim"] == 970


async def test_a_line_in_two_files_moves_money_once_and_is_told(house: House) -> None:
    ref = await house.sell("order:1", 1_000)
    await house.finance.import_settlement(FINANCE, file(DAY, line("l1", ref, 1_000)))
    report = await house.finance.import_settlement(FINANCE, file("2027-03-02", line("l1", ref, 1_000)))
    assert [(one.kind, one.what, one.line) for one in report.differences] == [("settled_twice", "line", "l1")]
    assert await house.balances() == {"bank:sim": 1_000, "merchant:olaria": -1_000}


async def test_money_that_was_settled_twice_and_unknown_payments_are_told(house: House) -> None:
    ref = await house.sell("order:1", 1_000)
    report = await house.finance.import_settlement(
        FINANCE,
        file(
            DAY,
            line("l1", ref, 1_000),
            line("l2", ref, 1_000),
            line("l3", "nobody", 50),
            line("l4", ref, -10),
            line("l5", ref, 1, currency="EUR"),
        ),
    )
    assert [(one.kind, one.what, one.ref, one.there, one.here) for one in report.differences] == [
        ("settled_twice", "captured", ref, 2_000, 1_000),
        ("missing_here", "payment", "nobody", 50, None),
        ("settled_twice", "refunded", ref, 10, 0),
        ("amount_differs", "currency", ref, 1, None),
    ]
    # the money is at the bank all the same; what nobody knows stays on clearing
    assert await house.balances() == {"bank:sim": 2_040, "clearing:sim": -1_040, "merchant:olaria": -1_000}


async def test_instalments_are_settled_from_their_days(house: House) -> None:
    ref = await house.authorise("order:1", 1_000, Share(amount=1_000, merchant="olaria"), instalments=3)
    await house.capture(ref)
    days = ["receivable:sim:2027-03-31", "receivable:sim:2027-04-30", "receivable:sim:2027-05-30"]
    assert [(await house.balances())[day] for day in days] == [334, 333, 333]
    await house.finance.import_settlement(FINANCE, file("2027-03-31", line("l1", ref, 334, 4, number=1, of=3)))
    assert [(await house.balances()).get(day) for day in days] == [None, 333, 333]
    await house.finance.import_settlement(
        FINANCE,
        file("2027-04-30", line("l2", ref, 333, 3, number=2, of=3), line("l3", ref, 333, 3, number=3, of=3)),
    )
    assert await house.balances() == {"bank:sim": 990, "fees:sim": 10, "merchant:olaria": -1_000}


async def test_disputes_are_settled(house: House) -> None:
    ref = await house.sell("order:1", 1_000)
    await house.dispute(ref, "opened", 1_000)
    await house.finance.import_settlement(
        FINANCE, file(DAY, line("l1", ref, 1_000, 30), line("l2", ref, -1_000, 1_500, kind="dispute"))
    )
    assert await house.balances() == {
        "bank:sim": -1_530, "fees:sim": 1_530, "disputes:sim": 1_000, "merchant:olaria": -1_000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "number"),
    [
        ({"gross": 1_001}, 2),
        ({"gross": 2**60, "net": 2**60 - 30}, 2),
        ({"currency": "XXX"}, 2),
        ({"id": ""}, 2),
        ({"id": "a" * 121}, 2),
        ({"id": "a\0"}, 2),
        ({"id": "l0"}, 2),
        ({"ref": "\ud800"}, 2),
        ({"kind": "refund"}, 2),
        ({"number": 2}, 2),
        ({"of": 25}, 2),
        ({"number": 0}, 2),
    ],
)
async def test_a_wrong_line_refuses_the_file(house: House, wrong: dict[str, object], number: int) -> None:
    ref = await house.sell("order:1", 1_000)
    before = await house.balances()
    known = {"id": "l1", "ref": ref, "kind": "capture", "currency": "BRL", "gross": 1_000, "fee": 30, "net": 970}
    bad = SettlementLine(**{**known, **wrong})  # type: ignore[arg-type]
    with pytest.raises(SettlementInvalid) as refused:
        await house.finance.import_settlement(FINANCE, file(DAY, line("l0", ref, 1_000), bad))
    assert refused.value.extra == {"line": number}
    assert (await house.balances(), await rows(house)) == (before, 0)


async def test_a_wrong_file_is_refused(house: House) -> None:
    for wrong in (file("2027-13-01"), file(DAY, name="\0"), file("tomorrow")):
        with pytest.raises(SettlementInvalid):
            await house.finance.import_settlement(FINANCE, wrong)
    with pytest.raises(ProviderNotFound):
        await house.finance.import_settlement(FINANCE, msgspec.structs.replace(file(DAY), provider="other"))


async def test_a_crash_in_the_middle_writes_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from renga.domains.payments.finance.stores import settlements
    from renga.domains.payments.stores import ledger_writing

    ref = await house.sell("order:1", 10_000)
    before = await house.balances()
    monkeypatch.setattr("renga.domains.payments.finance.import_settlement.LINES_AT_ONCE", 1)
    posted, calls_so_far = ledger_writing.post, 0

    async def dies(*arguments: object) -> None:
        nonlocal calls_so_far
        calls_so_far += 1
        if calls_so_far == 2:
            raise RuntimeError("the process dies")
        await posted(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(settlements, "post", dies)
    imported = file(DAY, line("l1", ref, 4_000), line("l2", ref, 6_000))
    with pytest.raises(RuntimeError):
        await house.finance.import_settlement(FINANCE, imported)
    assert (await house.balances(), await rows(house)) == (before, 0)
    monkeypatch.setattr(settlements, "post", posted)
    assert (await house.finance.import_settlement(FINANCE, imported)).again is False
    assert await house.balances() == {"bank:sim": 10_000, "merchant:olaria": -10_000}


async def test_the_worker_fetches_the_files_of_the_last_days_once(house: House) -> None:
    ref = await house.sell("order:1", 1_000)
    house.now("2027-03-03T08:00")
    house.provider.files[DAY] = file(DAY, line("l1", ref, 1_000, 30))
    assert await fetch_settlements(house.finance.dependencies) == 1
    assert await fetch_settlements(house.finance.dependencies) == 0
    assert (await house.balances())["bank:sim"] == 970
    house.provider.away = True
    assert await fetch_settlements(house.finance.dependencies) == 0


async def test_fetching_says_why_there_is_nothing(house: House) -> None:
    house.provider.files[DAY] = file(DAY)
    with pytest.raises(SettlementNotFound):  # the day is not over
        await house.finance.fetch_settlement(FINANCE, "sim", DAY)
    house.provider.files = {}
    house.now("2027-03-02T01:00")
    with pytest.raises(SettlementNotFound):
        await house.finance.fetch_settlement(FINANCE, "sim", DAY)
    with pytest.raises(ProviderNotFound):
        await house.finance.fetch_settlement(FINANCE, "other", DAY)
    house.provider.away = True
    with pytest.raises(ProviderAway):
        await house.finance.fetch_settlement(FINANCE, "sim", DAY)


async def test_who_imports_and_reads_settlements(house: House) -> None:
    for caller in (OWNER, PROCESSOR):
        with pytest.raises(InsufficientScope):
            await house.finance.import_settlement(caller, file(DAY))
    with pytest.raises(InsufficientScope):
        await house.finance.settlements(OWNER, "sim")
    with pytest.raises(ProviderNotFound):
        await house.finance.settlements(PROCESSOR, "sim")
    for day in ("2027-03-01", "2027-03-02", "2027-03-03"):
        await house.finance.import_settlement(FINANCE, file(day))
    first = await house.finance.settlements(FINANCE, "sim", limit=2)
    rest = await house.finance.settlements(FINANCE, "sim", limit=2, cursor=first.next)
    assert [one.day for one in (*first.items, *rest.items)] == ["2027-03-03", "2027-03-02", "2027-03-01"]
    for cursor in ("x", "WzEsMl0", "WyJ4IiwieSJd", "\u00e9"):
        with pytest.raises(FinanceCursorInvalid):
            await house.finance.settlements(FINANCE, "sim", cursor=cursor)


async def test_csv_is_the_same_file() -> None:
    text = "id,ref,kind,currency,gross,fee,net,of,number\r\nl1,r,capture,BRL,100,3,97,,\r\nl2,r,refund,BRL,-10,0,-10,3,2\r\n"
    found = await settlement_of_csv("sim", "f", DAY, b"\xef\xbb\xbf" + text.encode())
    assert found == msgspec.structs.replace(
        file(DAY, line("l1", "r", 100, 3), line("l2", "r", -10, of=3, number=2)), id="f"
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (b"", 1),
        (b"\xff\xfe", 1),
        (b"id,ref\n", 1),
        (b"id,ref,kind,currency,gross,fee,net,net\n", 1),
        (b"id,ref,kind,currency,gross,fee,net,extra\n", 1),
        (b"id,ref,kind,currency,gross,fee,net\na,b,capture,BRL,1,0\n", 2),
        (b"id,ref,kind,currency,gross,fee,net\na,b,capture,BRL,1,0,1,9\n", 2),
        (b"id,ref,kind,currency,gross,fee,net\na,b,capture,BRL,1.5,0,1\n", 2),
        (b"id,ref,kind,currency,gross,fee,net\na,b,charge,BRL,1,0,1\n", 2),
        (b'id,ref,kind,currency,gross,fee,net\n"a,b,capture,BRL,1,0,1\n', 2),
    ],
)
async def test_csv_that_is_none_is_refused(text: bytes, number: int) -> None:
    with pytest.raises(SettlementInvalid) as refused:
        await settlement_of_csv("sim", "f", DAY, text)
    assert refused.value.extra["line"] == number
