"""Payout accounts: who sets them, what is shown of them, what a change does."""

import msgspec
import pytest

from renga.domains.payments.contract.finance_errors import (
    PayoutAccountInvalid,
    PayoutAccountNotFound,
    PayoutScheduleInvalid,
)
from renga.domains.payments.contract.payouts import (
    BankDetails,
    BrazilianAccount,
    IbanAccount,
    PayoutAccount,
    PayoutSchedule,
    PixAccount,
)
from renga.domains.payments.finance.model.bank_details import last_of
from renga.domains.payments.finance.model.payout_schedule import latest_due, parsed_day
from renga.kernel.caller import FreshLoginRequired, InsufficientScope
from renga.kernel.errors import Forbidden, Unavailable
from renga.platform.postgres import calls
from tests.payments.finance.house import BANK, CLERK, CUSTOMER, FINANCE, OWNER, STRANGER, House


async def trail(house: House) -> list[tuple[str, str, str]]:
    rows = await calls.fetch(house.pool, "SELECT by, action, subject FROM payments.finance_trail ORDER BY position")
    return [(row[0], row[1], row[2]) for row in rows]


async def test_an_owner_sets_where_the_merchant_is_paid_out_and_sees_the_last_digits(house: House) -> None:
    account = await house.finance.put_payout_account(OWNER, "olaria", BANK)
    assert account == PayoutAccount(
        merchant="olaria", kind="bank_br", holder="Olaria Ltda", tax_id_last="0195", account_last="54-3",
        bank="001", changed_at="2027-03-01T12:00:00.000Z",
    )  # fmt: skip
    assert await house.finance.payout_account(OWNER, "olaria") == account
    assert await house.finance.payout_account(FINANCE, "olaria") == account
    assert await trail(house) == [("owner-1", "payout_account_changed", "olaria")]


async def test_bank_details_are_sealed_in_the_database_and_only_finance_reads_them(house: House) -> None:
    await house.finance.put_payout_account(OWNER, "olaria", BANK)
    row = await calls.fetch_row(house.pool, "SELECT a::text FROM payments.payout_accounts a")
    assert row is not None
    assert "987654" not in row[0]
    assert "12345678000195" not in row[0]
    assert await house.finance.bank_details(FINANCE, "olaria") == BANK
    assert (await trail(house))[-1] == ("finance-1", "bank_details_read", "olaria")
    with pytest.raises(InsufficientScope):
        await house.finance.bank_details(OWNER, "olaria")
    await calls.execute(house.pool, "UPDATE payments.payout_accounts SET merchant = 'outra'")
    with pytest.raises(Unavailable):  # sealed for another merchant
        await house.finance.bank_details(FINANCE, "outra")


async def test_the_same_details_again_change_nothing(house: House) -> None:
    first = await house.finance.put_payout_account(OWNER, "olaria", BANK)
    verified = await house.finance.verify_payout_account(FINANCE, "olaria", version=1)
    house.clock.advance(seconds=60)
    again = await house.finance.put_payout_account(
        OWNER, "olaria", msgspec.structs.replace(BANK, holder=" Olaria Ltda ")
    )
    assert again == verified == msgspec.structs.replace(first, verified=True)
    other = BrazilianAccount(bank="341", branch="0001-9", number="5-X")
    changed = await house.finance.put_payout_account(OWNER, "olaria", msgspec.structs.replace(BANK, account=other))
    assert (changed.version, changed.verified, changed.resumes_at) == (2, False, "2027-03-08T12:01:00.000Z")
    with pytest.raises(PayoutAccountNotFound):  # finance has looked at the one before
        await house.finance.verify_payout_account(FINANCE, "olaria", version=1)
    house.clock.advance(seconds=7 * 86_400)
    assert (await house.finance.payout_account(OWNER, "olaria")).resumes_at is None


async def test_who_may_not_set_it(house: House) -> None:
    old = msgspec.structs.replace(OWNER, proved_ms=house.clock.now_ms() - 16 * 60_000)
    key = msgspec.structs.replace(OWNER, proved_ms=None)
    not_a_member = msgspec.structs.replace(OWNER, subject="former-owner")
    for caller, refusal in (
        (CLERK, Forbidden),
        (STRANGER, PayoutAccountNotFound),
        (CUSTOMER, InsufficientScope),
        (old, FreshLoginRequired),
        (key, FreshLoginRequired),
        (not_a_member, PayoutAccountNotFound),
        (msgspec.structs.replace(FINANCE, proved_ms=0), FreshLoginRequired),
    ):
        with pytest.raises(refusal):
            await house.finance.put_payout_account(caller, "olaria", BANK)
    with pytest.raises(PayoutAccountNotFound):
        await house.finance.payout_account(FINANCE, "olaria")
    assert await trail(house) == []
    for caller in (OWNER, CLERK):
        with pytest.raises(InsufficientScope):
            await house.finance.verify_payout_account(caller, "olaria", version=1)
        with pytest.raises(InsufficientScope):
            await house.finance.put_payout_schedule(caller, "olaria", PayoutSchedule())
    with pytest.raises(Forbidden):
        await house.finance.payout_account(CLERK, "olaria")
    with pytest.raises(PayoutAccountNotFound):
        await house.finance.payout_schedule(STRANGER, "olaria")


@pytest.mark.parametrize(
    ("account", "field"),
    [
        (IbanAccount(iban="DE89370400440532013001"), "account.iban"),
        (IbanAccount(iban="DE89"), "account.iban"),
        (PixAccount(key="a b@c.example"), "account.key"),
        (PixAccount(key="\0\0\0\0\0"), "account.key"),
        (BrazilianAccount(bank="\u0660\u0660\u0661", branch="1234", number="1"), "account.number"),
    ],
)
async def test_details_that_cannot_be_right_are_refused(house: House, account: BankDetails, field: str) -> None:
    with pytest.raises(PayoutAccountInvalid) as refused:
        await house.finance.put_payout_account(OWNER, "olaria", msgspec.structs.replace(BANK, account=account))
    assert refused.value.extra == {"field": field}


@pytest.mark.parametrize("holder", ["", "   ", "a\0b", "\ud800", "a\nb"])
async def test_a_holder_has_a_name(house: House, holder: str) -> None:
    with pytest.raises(PayoutAccountInvalid):
        await house.finance.put_payout_account(OWNER, "olaria", msgspec.structs.replace(BANK, holder=holder))


@pytest.mark.parametrize("merchant", ["", "a" * 121, "a\0", "a:b", "\ud800"])
async def test_no_such_merchant(house: House, merchant: str) -> None:
    with pytest.raises(PayoutAccountNotFound):
        await house.finance.put_payout_account(FINANCE, merchant, BANK)
    with pytest.raises(PayoutAccountNotFound):
        await house.finance.payout_account(FINANCE, merchant)


async def test_ibans_and_pix_keys(house: House) -> None:
    for account, last in (
        (IbanAccount(iban="DE89370400440532013000"), "3000"),
        (PixAccount(key="ana@demo.example"), "mple"),
        (PixAccount(key="ab@cd"), "cd"),
    ):
        shown = await house.finance.put_payout_account(OWNER, "olaria", msgspec.structs.replace(BANK, account=account))
        assert shown.account_last == last


def test_never_more_than_half_of_a_number_is_shown() -> None:
    assert [last_of(one) for one in ("1", "12", "123456", "123456789")] == ["", "2", "456", "6789"]


async def test_a_schedule_has_bounds(house: House) -> None:
    for wrong in ({"XXX": 1}, {"BRL": -1}, {"BRL": 2**60}):
        with pytest.raises(PayoutScheduleInvalid):
            await house.finance.put_payout_schedule(FINANCE, "olaria", PayoutSchedule(minimum=wrong))
    assert await house.finance.payout_schedule(OWNER, "olaria") == PayoutSchedule()


@pytest.mark.parametrize(
    ("schedule", "day", "due"),
    [
        (PayoutSchedule(every="daily"), "2027-03-01", "2027-03-01"),
        (PayoutSchedule(every="weekly", weekday=1), "2027-03-01", "2027-03-01"),
        (PayoutSchedule(every="weekly", weekday=7), "2027-03-01", "2027-02-28"),
        (PayoutSchedule(every="weekly", weekday=2), "2027-03-01", "2027-02-23"),
        (PayoutSchedule(every="monthly", month_day=1), "2027-03-01", "2027-03-01"),
        (PayoutSchedule(every="monthly", month_day=28), "2027-03-01", "2027-02-28"),
        (PayoutSchedule(every="monthly", month_day=2), "2027-01-01", "2026-12-02"),
    ],
)
def test_due_days(schedule: PayoutSchedule, day: str, due: str) -> None:
    assert latest_due(schedule, parsed_day(day)).isoformat() == due
