"""Payouts: what is paid out, when, once, and statements that add up to the cent."""

import asyncio

import msgspec
import pytest

from renga.domains.payments.contract.commissions import CommissionRule
from renga.domains.payments.contract.finance_errors import (
    PayoutAccountNotReady,
    PayoutDayInvalid,
    PayoutNotFound,
    PayoutStateConflict,
)
from renga.domains.payments.contract.ledger import LedgerEntry, LedgerTransaction
from renga.domains.payments.contract.payments import Share
from renga.domains.payments.contract.payouts import PayoutMove, PayoutSchedule, PayoutStatement
from renga.domains.payments.finance.dependencies import FinanceRules
from renga.domains.payments.finance.jobs import pay_out_until_cancelled
from renga.domains.payments.finance.local import LocalFinance
from renga.domains.payments.finance.model.statements import line_kind
from renga.kernel.caller import InsufficientScope
from renga.kernel.money import Money
from tests.payments.finance.house import BANK, CLERK, CUSTOMER, DAILY, FINANCE, OWNER, STRANGER, House, file, line

TENTH = CommissionRule(basis_points=1_000, valid_from="2020-01-01T00:00:00Z")


def adds_up(statement: PayoutStatement) -> bool:
    between = (
        statement.sales + statement.commission + statement.refunds + statement.disputes + statement.adjustments
        + statement.returned_payouts
    )  # fmt: skip
    lines = sum(line.amount for line in statement.lines) if statement.next is None else between
    return statement.opening + between + statement.paid_out == statement.closing and lines == between


async def test_a_payout_with_its_statement_to_the_cent(house: House) -> None:
    await house.rules(TENTH)
    await house.account()
    first = await house.sell("order:1", 10_005)
    await house.sell("order:2", 3_333, Share(amount=3_000, merchant="olaria"), Share(kind="shipping", amount=333))
    await house.refund(first, 2_500)
    house.now("2027-03-02T00:05")
    (payout,) = await house.run()
    # commission: 1001 (1000.5 rounded up) + 300 - what the refund gives back: 1001 - 1001 * 7505 / 10005 = 250.12...
    returned = 1_001 * 2_500 // 10_005
    amount = 10_005 + 3_000 - 1_301 - 2_500 + returned
    assert payout.amount == Money(amount, "BRL")
    assert (payout.state, payout.from_day, payout.to_day, payout.held.amount) == ("scheduled", None, "2027-03-02", 0)
    statement = await house.finance.payout_statement(FINANCE, payout.id)
    assert (statement.opening, statement.sales, statement.refunds, statement.closing) == (0, 13_005, -2_500, 0)
    assert (statement.commission, statement.paid_out) == (-1_301 + returned, -amount)
    assert adds_up(statement)
    balances = await house.balances()
    assert balances["payout:olaria"] == -amount
    assert "merchant:olaria" not in balances
    assert sum(balances.values()) == 0


async def test_each_period_is_paid_once_and_the_next_one_begins_where_it_ended(house: House) -> None:
    await house.account()
    await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:05")
    assert [one.amount.amount for one in await house.run()] == [1_000]
    assert await house.run() == []
    assert await house.run("2027-03-02") == []
    await house.sell("order:2", 700)
    house.now("2027-03-04T09:00")
    (second,) = await house.run()
    assert (second.amount.amount, second.from_day, second.to_day) == (700, "2027-03-02", "2027-03-04")
    house.now("2027-03-05T09:00")
    assert await house.run() == []  # nothing has happened


async def test_two_runs_at_once_pay_once(house: House) -> None:
    await house.account()
    for number in range(5):
        await house.sell(f"order:{number}", 1_000)
    house.now("2027-03-02T00:05")
    runs = await asyncio.gather(*(house.run() for _ in range(4)))
    assert sorted(len(run) for run in runs) == [0, 0, 0, 1]
    assert (await house.balances())["payout:olaria"] == -5_000


async def test_a_refund_that_meets_a_run_is_taken_off_this_payout_or_the_next(house: House) -> None:
    await house.account()
    ref = await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:05")
    run, _ = await asyncio.gather(house.run(), house.refund(ref, 400))
    assert run[0].amount.amount in {600, 1_000}
    await house.sell("order:2", 500)
    house.now("2027-03-03T00:05")
    (second,) = await house.run()
    assert run[0].amount.amount + second.amount.amount == 1_100
    assert adds_up(await house.finance.payout_statement(FINANCE, run[0].id))
    assert adds_up(await house.finance.payout_statement(FINANCE, second.id))


async def test_a_refund_after_the_period_lowers_what_is_paid_out(house: House) -> None:
    await house.account()
    ref = await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:05")
    await house.refund(ref, 400)
    (payout,) = await house.run()
    assert (payout.amount.amount, payout.held.amount) == (600, 400)
    house.now("2027-03-03T00:05")
    (carried,) = await house.run()
    assert (carried.state, carried.amount.amount, carried.reason) == ("carried", 0, "minimum")
    statement = await house.finance.payout_statement(FINANCE, carried.id)
    assert (statement.opening, statement.refunds, statement.closing) == (400, -400, 0)


async def test_a_negative_balance_is_carried_to_the_next_payout(house: House) -> None:
    await house.account()
    ref = await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:05")
    assert [one.amount.amount for one in await house.run()] == [1_000]
    await house.refund(ref, 1_000)
    house.now("2027-03-03T00:05")
    (owing,) = await house.run()
    assert (owing.state, owing.reason, owing.amount.amount) == ("carried", "negative", 0)
    assert (await house.finance.payout_statement(FINANCE, owing.id)).closing == -1_000
    await house.sell("order:2", 1_700)
    house.now("2027-03-04T00:05")
    (payout,) = await house.run()
    statement = await house.finance.payout_statement(FINANCE, payout.id)
    assert (statement.opening, statement.sales, statement.paid_out, statement.closing) == (-1_000, 1_700, -700, 0)


async def test_a_sale_is_available_after_the_delay(house: House) -> None:
    await house.account(msgspec.structs.replace(DAILY, delay_days=2))
    await house.sell("order:1", 1_000)
    house.now("2027-03-02T12:00")
    await house.sell("order:2", 50)
    house.now("2027-03-03T00:05")
    (held,) = await house.run()
    assert (held.state, held.reason, held.held.amount) == ("carried", "not_available", 1_050)
    house.now("2027-03-04T00:05")
    (first,) = await house.run()  # captured on the 1st: more than two whole days ago
    assert (first.amount.amount, first.held.amount) == (1_000, 50)
    house.now("2027-03-05T00:05")
    assert [one.amount.amount for one in await house.run()] == [50]


async def test_less_than_the_minimum_is_carried(house: House) -> None:
    await house.account(msgspec.structs.replace(DAILY, minimum={"BRL": 1_000}))
    await house.sell("order:1", 999)
    house.now("2027-03-02T00:05")
    assert [(one.state, one.reason) for one in await house.run()] == [("carried", "minimum")]
    await house.sell("order:2", 1)
    house.now("2027-03-03T00:05")
    assert [one.amount.amount for one in await house.run()] == [1_000]


async def test_only_a_verified_account_is_paid_out_to_and_a_change_pauses(house: House) -> None:
    await house.finance.put_payout_schedule(FINANCE, "olaria", DAILY)
    await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:05")
    assert [one.reason for one in await house.run()] == ["no_account"]
    account = await house.finance.put_payout_account(OWNER, "olaria", BANK)
    await house.sell("order:2", 1)
    house.now("2027-03-03T00:05")
    assert [one.reason for one in await house.run()] == ["unverified"]
    await house.finance.verify_payout_account(FINANCE, "olaria", version=account.version)
    changed = await house.finance.put_payout_account(
        OWNER, "olaria", msgspec.structs.replace(BANK, holder="Somebody Else")
    )
    assert changed.verified is False
    await house.finance.verify_payout_account(FINANCE, "olaria", version=changed.version)
    await house.sell("order:3", 1)
    house.now("2027-03-04T00:05")
    assert [one.reason for one in await house.run()] == ["paused"]
    house.now("2027-03-11T00:05")
    await house.sell("order:4", 1)
    house.now("2027-03-12T00:05")
    assert [one.amount.amount for one in await house.run()] == [1_003]


async def test_a_dispute_freezes_the_share_of_its_merchant(house: House) -> None:
    await house.rules(TENTH)
    for merchant in ("olaria", "outra"):
        await house.account(merchant=merchant)
    ref = await house.sell(
        "order:1", 3_000, Share(amount=2_000, merchant="olaria"), Share(amount=1_000, merchant="outra")
    )
    await house.sell("order:2", 500)
    await house.dispute(ref, "opened", 1_500)
    house.now("2027-03-02T00:05")
    runs = {one.merchant: one for one in await house.run()}
    # half of the payment: 1000 of olaria less 100 commission, 500 of outra less 50
    assert (runs["olaria"].amount.amount, runs["olaria"].held.amount) == (1_800 + 450 - 900, 900)
    assert (runs["outra"].amount.amount, runs["outra"].held.amount) == (900 - 450, 450)
    await house.dispute(ref, "lost", 1_500)
    house.now("2027-03-03T00:05")
    lost = {one.merchant: one for one in await house.run()}
    statement = await house.finance.payout_statement(FINANCE, lost["olaria"].id)
    assert (statement.opening, statement.disputes, statement.commission, statement.closing) == (900, -1_000, 100, 0)
    assert adds_up(statement)
    balances = await house.balances()
    assert "disputes:sim" not in balances
    assert sum(balances.values()) == 0


async def test_a_dispute_that_is_won_is_paid_out_after_all(house: House) -> None:
    await house.account()
    ref = await house.sell("order:1", 1_000)
    await house.dispute(ref, "opened", 400)
    house.now("2027-03-02T00:05")
    assert [one.amount.amount for one in await house.run()] == [600]
    await house.dispute(ref, "won", 400)
    house.now("2027-03-03T00:05")
    assert [one.amount.amount for one in await house.run()] == [400]


async def test_states_of_a_payout_and_the_ledger(house: House) -> None:
    await house.account()
    await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:05")
    (payout,) = await house.run()
    with pytest.raises(PayoutStateConflict):
        await house.finance.move_payout(FINANCE, payout.id, PayoutMove(state="paid"))
    sent = await house.finance.move_payout(FINANCE, payout.id, PayoutMove(state="sent", detail="batch 7"))
    assert (sent.state, sent.detail) == ("sent", "batch 7")
    assert await house.finance.move_payout(FINANCE, payout.id, PayoutMove(state="sent")) == sent
    paid = await asyncio.gather(
        *(house.finance.move_payout(FINANCE, payout.id, PayoutMove(state="paid")) for _ in range(3))
    )
    assert {one.state for one in paid} == {"paid"}
    balances = await house.balances()
    assert (balances["bank:payouts"], balances.get("payout:olaria")) == (-1_000, None)
    await house.finance.move_payout(FINANCE, payout.id, PayoutMove(state="returned", detail="account closed"))
    assert (await house.balances())["merchant:olaria"] == -1_000
    house.now("2027-03-03T00:05")
    (again,) = await house.run()
    statement = await house.finance.payout_statement(FINANCE, again.id)
    assert (statement.opening, statement.returned_payouts, statement.paid_out) == (0, 1_000, -1_000)


async def test_nothing_is_sent_to_an_account_that_changed_meanwhile(house: House) -> None:
    await house.account()
    await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:05")
    (payout,) = await house.run()
    other = msgspec.structs.replace(BANK, holder="A Thief")
    changed = await house.finance.put_payout_account(OWNER, "olaria", other)
    with pytest.raises(PayoutAccountNotReady):
        await house.finance.move_payout(FINANCE, payout.id, PayoutMove(state="sent"))
    await house.finance.verify_payout_account(FINANCE, "olaria", version=changed.version)
    with pytest.raises(PayoutAccountNotReady):
        await house.finance.move_payout(FINANCE, payout.id, PayoutMove(state="sent"))
    assert (await house.finance.payout(FINANCE, payout.id)).state == "scheduled"
    house.now("2027-03-09T00:06")
    assert (await house.finance.move_payout(FINANCE, payout.id, PayoutMove(state="sent"))).state == "sent"


async def test_what_the_provider_has_not_settled_stays_back_where_the_setting_says_so(house: House) -> None:
    rules = FinanceRules(after_settlement=True)
    finance = LocalFinance(msgspec.structs.replace(house.finance.dependencies, rules=rules))
    await house.account()
    settled = await house.sell("order:1", 1_000)
    await house.sell("order:2", 500)
    half = await house.authorise("order:3", 300, Share(amount=300, merchant="olaria"), instalments=3)
    await house.capture(half)
    house.now("2027-03-02T00:05")
    run = await finance.run_payouts(FINANCE)
    assert [(one.state, one.reason, one.held.amount) for one in run.payouts] == [("carried", "not_available", 1_800)]
    lines = (line("l1", settled, 1_000, 30), line("l2", half, 100, number=1, of=3))
    await finance.import_settlement(FINANCE, file("2027-03-02", *lines))
    await house.sell("order:4", 1)
    house.now("2027-03-03T00:05")
    (paid,) = (await finance.run_payouts(FINANCE)).payouts
    assert (paid.amount.amount, paid.held.amount) == (1_100, 701)


async def test_a_worker_pays_out_once_a_day(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.account()
    await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:05")
    looked = asyncio.Semaphore(0)

    async def sleep(seconds: float) -> None:
        assert seconds >= 30
        looked.release()
        await forever.wait()

    forever = asyncio.Event()
    monkeypatch.setattr("renga.domains.payments.finance.jobs.asyncio.sleep", sleep)
    workers = [asyncio.create_task(pay_out_until_cancelled(house.finance.dependencies)) for _ in range(2)]
    for _ in workers:
        await looked.acquire()
    for one in workers:
        one.cancel()
    assert [one.amount.amount for one in (await house.finance.payouts(FINANCE)).items] == [1_000]


async def test_a_payout_that_failed_is_given_back(house: House) -> None:
    await house.account()
    await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:05")
    (payout,) = await house.run()
    for state in ("sent", "failed", "returned"):
        await house.finance.move_payout(FINANCE, payout.id, PayoutMove(state=state))
    assert await house.balances() == {"clearing:sim": 1_000, "merchant:olaria": -1_000}


async def test_who_sees_and_makes_payouts(house: House) -> None:
    await house.account()
    await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:05")
    with pytest.raises(InsufficientScope):
        await house.finance.run_payouts(OWNER)
    (payout,) = await house.run()
    assert (await house.finance.payouts(OWNER)).items == (payout,)
    assert (await house.finance.payouts(STRANGER)).items == ()
    assert (await house.finance.payouts(STRANGER, merchant="olaria")).items == ()
    assert (await house.finance.payout_statement(OWNER, payout.id)).payout == payout
    for read in (house.finance.payout, house.finance.payout_statement):
        with pytest.raises(PayoutNotFound):
            await read(STRANGER, payout.id)
        with pytest.raises(InsufficientScope):
            await read(CUSTOMER, payout.id)
    assert (await house.finance.payouts(CLERK)).items == ()
    with pytest.raises(PayoutNotFound):
        await house.finance.payout(CLERK, payout.id)
    key = msgspec.structs.replace(OWNER, subject="key-1", proved_ms=None)
    assert (await house.finance.payouts(key)).items == (payout,)
    with pytest.raises(InsufficientScope):
        await house.finance.move_payout(OWNER, payout.id, PayoutMove(state="sent"))


@pytest.mark.parametrize(
    "day", ["2027-03-02", "2099-01-01", "1999-12-31", "2027-02-30", "2027-3-01", "x", "٢٠٢٧-03-01"]
)
async def test_a_day_that_has_not_ended_cannot_be_paid_out(house: House, day: str) -> None:
    await house.account()
    await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:00")
    with pytest.raises(PayoutDayInvalid):
        await house.run(day)
    assert (await house.finance.payouts(FINANCE)).items == ()


async def test_pages_of_payouts(house: House) -> None:
    for merchant in ("a", "b", "c"):
        await house.account(merchant=merchant)
        await house.sell(f"order:{merchant}", 100, Share(amount=100, merchant=merchant))
    house.now("2027-03-02T00:05")
    await house.run()
    first = await house.finance.payouts(FINANCE, limit=2)
    second = await house.finance.payouts(FINANCE, limit=2, cursor=first.next)
    assert [one.merchant for one in (*first.items, *second.items)] == ["c", "b", "a"]
    assert second.next is None


async def test_weekly_and_monthly_payouts_come_on_their_days(house: House) -> None:
    await house.account(PayoutSchedule(every="weekly", weekday=3, delay_days=0))
    await house.sell("order:1", 1_000)  # Monday
    house.now("2027-03-02T00:05")
    assert await house.run() == []
    house.now("2027-03-05T00:05")
    (late,) = await house.run()  # the run of Wednesday was missed: it is made with Wednesday's end
    assert (late.to_day, late.amount.amount) == ("2027-03-03", 1_000)


async def test_an_entry_of_the_past_stops_the_payout_rather_than_a_wrong_statement(house: House) -> None:
    await house.account()
    await house.sell("order:1", 1_000)
    house.now("2027-03-02T00:05")
    await house.run()
    await house.sell("order:2", 1_000)
    forged = LedgerTransaction(
        key="late", kind="adjustment", reference="x",
        entries=(LedgerEntry("merchant:olaria", -7, "BRL"), LedgerEntry("platform", 7, "BRL")),
    )  # fmt: skip
    async with house.pool.acquire() as connection, connection.transaction():
        from renga.domains.payments.stores.ledger_writing import post

        await post(connection, [forged], house.clock.now_ms() - 86_400_000)  # type: ignore[arg-type]
    house.now("2027-03-03T00:05")
    assert await house.run() == []
    assert (await house.balances())["merchant:olaria"] == -1_007


def test_kinds_of_lines() -> None:
    assert [line_kind("capture", one) for one in (-1, 1)] == ["sale", "commission"]
    assert [line_kind("refund_asked", one) for one in (-1, 1)] == ["commission", "refund"]
    assert [line_kind("something", one) for one in (-1, 1)] == ["adjustment", "adjustment"]
