"""Reconciliation: nothing differs when all is right, and each kind of difference is found when it is planted."""

import msgspec
import pytest

from renga.domains.payments.contract.errors import ProviderAway, ProviderNotFound
from renga.domains.payments.contract.finance_errors import PayoutDayInvalid
from renga.domains.payments.contract.payments import Share
from renga.domains.payments.finance import reconcile_day
from renga.domains.payments.model.records import ProviderRecord
from renga.kernel.caller import InsufficientScope
from renga.kernel.money import Money
from renga.platform.postgres import calls
from tests.payments.finance.house import CUSTOMER, FINANCE, House, file, line

DAY = "2027-03-01"


async def differences(house: House, day: str = DAY) -> list[tuple[str, str, str, int | None, int | None]]:
    found, _ = await house.reconcile(day)
    return [(one.kind, one.what, one.ref, one.there, one.here) for one in found]


async def a_day(house: House) -> list[str]:
    """Three payments, one partly refunded, all settled, the file imported."""
    refs = [await house.sell(f"order:{number}", 1_000 * number) for number in (1, 2, 3)]
    await house.refund(refs[1], 500)
    lines = [line(f"l{ref}", ref, house.provider.truth[ref].captured, 30) for ref in refs]
    house.provider.files[DAY] = file(DAY, *lines, line("back", refs[1], -500))
    house.now("2027-03-02T01:00")
    await house.finance.fetch_settlement(FINANCE, "sim", DAY)
    return refs


async def test_nothing_differs(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_day(house)
    for size in (1, 2, 500):
        monkeypatch.setattr(reconcile_day, "PART", size)
        found, summary = await house.reconcile(DAY)
        assert found == []
        assert (summary.records, summary.settlement_lines, summary.differences) == (3, 4, 0)
    assert await calls.fetch(house.pool, "SELECT * FROM payments.reconciled_refs") == []


async def test_a_payment_that_the_shop_does_not_have(house: House) -> None:
    await a_day(house)
    strange = ProviderRecord(ref="x1", state="captured", amount=Money(777, "BRL"), captured=777)
    house.provider.truth["x1"] = strange
    house.provider.truth["x2"] = msgspec.structs.replace(strange, ref="x2", state="refused", captured=0)
    assert await differences(house) == [("missing_here", "payment", "x1", 777, None)]


async def test_a_payment_that_the_provider_does_not_have(house: House) -> None:
    refs = await a_day(house)
    house.provider.truth.pop(refs[2])
    assert await differences(house) == [("missing_there", "payment", refs[2], None, 3_000)]


async def test_a_payment_that_the_provider_counts_to_another_day_is_no_difference(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_day(house)

    async def nothing(day: str):  # type: ignore[no-untyped-def]
        for record in list[ProviderRecord]():
            yield record

    monkeypatch.setattr(house.provider, "records", nothing)
    found, summary = await house.reconcile(DAY)
    assert (found, summary.records) == ([], 3)


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"captured": 999}, ("amount_differs", "captured", 999, 1_000)),
        ({"captured": 1_000, "refunded": 1}, ("amount_differs", "refunded", 1, 0)),
        ({"amount": Money(1_000, "EUR")}, ("amount_differs", "currency", 1_000, 1_000)),
    ],
)
async def test_amounts_that_differ(house: House, change: dict[str, object], wanted: tuple[object, ...]) -> None:
    refs = await a_day(house)
    house.provider.change(refs[0], **change)
    found = [(one[0], one[1], one[3], one[4]) for one in await differences(house) if one[0] == "amount_differs"]
    assert found == [wanted]


async def test_a_ledger_that_differs_from_the_payment(house: House) -> None:
    refs = await a_day(house)
    await calls.execute(house.pool, "UPDATE payments.means SET captured = 1001 WHERE provider_ref = $1", refs[0])
    house.provider.change(refs[0], captured=1_001)
    assert await differences(house) == [("amount_differs", "ledger captured", refs[0], 1_001, 1_000)]


async def test_lines_and_fees_that_differ(house: House) -> None:
    refs = await a_day(house)
    before = house.provider.files[DAY]
    first, second, *rest = before.lines
    house.provider.files[DAY] = msgspec.structs.replace(
        before,
        lines=(
            msgspec.structs.replace(first, fee=31, net=969),
            msgspec.structs.replace(second, gross=2_001, net=1_971),
            *rest[:-1],
            line("new", refs[0], 5),
        ),
    )
    assert sorted(await differences(house), key=str) == sorted(
        [
            ("fee_differs", "settlement line", refs[0], 31, 30),
            ("amount_differs", "settlement line", refs[1], 2_001, 2_000),
            ("missing_here", "settlement line", refs[0], 5, None),
            ("missing_there", "settlement line", refs[1], None, -500),
        ],
        key=str,
    )


async def test_a_settlement_that_was_not_imported(house: House) -> None:
    ref = await house.sell("order:1", 1_000)
    house.provider.files[DAY] = file(DAY, line("l1", ref, 1_000, 30))
    assert await differences(house) == []  # the day is not over, and its file may grow
    house.now("2027-03-02T00:01")
    assert await differences(house) == [("missing_here", "settlement line", ref, 1_000, None)]


async def test_money_that_was_settled_twice(house: House) -> None:
    refs = await a_day(house)
    await house.finance.import_settlement(FINANCE, file("2027-03-02", line("again", refs[0], 1_000, 30)))
    assert await differences(house) == [("settled_twice", "captured", refs[0], 2_000, 1_000)]


async def test_money_that_was_not_settled_in_time(house: House) -> None:
    late = await house.sell("order:late", 4_000)
    instalments = await house.authorise("order:n", 600, Share(amount=600, merchant="olaria"), instalments=2)
    await house.capture(instalments)
    await a_day(house)
    house.now("2027-03-05T10:00")
    house.provider.files = {}
    found, _ = await house.reconcile("2027-03-04")  # three days after the captures
    assert [(one.kind, one.ref, one.there, one.here) for one in found] == [("unsettled", late, 0, 4_000)]
    due, _ = await house.reconcile("2027-04-03")  # three days after the first instalment was due
    assert [(one.kind, one.what, one.reference, one.here) for one in due] == [
        ("unsettled", "instalment of 2027-03-31", "order:n", 300)
    ]


async def test_what_changes_while_it_is_compared_is_looked_at_again(house: House) -> None:
    refs = await a_day(house)
    stale = house.provider.truth[refs[0]]
    truth = dict(house.provider.truth)

    async def old_list(day: str):  # type: ignore[no-untyped-def]
        for record in truth.values():
            yield msgspec.structs.replace(record, captured=0, state="authorised") if record == stale else record

    house.provider.records = old_list  # type: ignore[method-assign]
    assert await differences(house) == []


async def test_who_reconciles_and_what(house: House) -> None:
    with pytest.raises(InsufficientScope):
        [one async for one in house.finance.reconcile(CUSTOMER, "sim", DAY)]
    with pytest.raises(ProviderNotFound):
        [one async for one in house.finance.reconcile(FINANCE, "other", DAY)]
    with pytest.raises(PayoutDayInvalid):
        [one async for one in house.finance.reconcile(FINANCE, "sim", "1.3.2027")]
    house.provider.away = True
    house.now("2027-03-02T01:00")
    with pytest.raises(ProviderAway):
        await house.reconcile(DAY)
