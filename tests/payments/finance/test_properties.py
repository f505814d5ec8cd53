"""Random weeks of a shop: whatever is captured, refunded, disputed and paid out, everything adds up to the cent."""

import random

import pytest

from renga.domains.payments.contract.commissions import CommissionRule
from renga.domains.payments.contract.errors import AmountExceeded, PaymentStateConflict
from renga.domains.payments.contract.payments import NewPayment, Payment, Share
from renga.domains.payments.contract.payouts import PayoutMove, PayoutSchedule
from renga.domains.payments.contract.service import CaptureRequest, RefundRequest, RefundShare
from renga.domains.payments.local import LocalPayments
from renga.kernel.money import Money
from tests.payments.finance.house import FINANCE, House
from tests.payments.finance.test_payouts import adds_up
from tests.payments.till import SHOP, card
from tests.proof import count

MERCHANTS = ("olaria", "outra", "terceira")
SEEDS = count(small=4, full=150)


class Week:
    """Seven days of random business."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.chance = house, random.Random(seed)
        self.payments = LocalPayments(house.payments)
        self.made: list[Payment] = []
        self.keys = 0

    def key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

    def shares(self) -> tuple[Share, ...]:
        chance = self.chance
        kinds = ("sale", "sale", "sale", "tax", "shipping")
        return tuple(
            Share(
                kind=chance.choice(kinds),  # type: ignore[arg-type]
                amount=chance.randint(1, 9_999),
                merchant=chance.choice((*MERCHANTS, None)),
                category=chance.choice((None, "vases", "cups")),
            )
            for _ in range(chance.randint(1, 6))
        )

    async def pay(self) -> None:
        shares = self.shares()
        amount = sum(one.amount for one in shares) + self.chance.choice((0, 0, 333))
        new = NewPayment(
            key=self.key(), reference=f"order:{len(self.made)}", amount=Money(amount, "BRL"), means=(card(),),
            capture=self.chance.choice(("now", "later")), shares=shares,
        )  # fmt: skip
        self.made.append(await self.payments.pay(SHOP, new))

    async def change(self) -> None:
        """A part is captured or given back, at the shop's wish or by the provider alone; or a dispute moves on."""
        payment, chance = self.chance.choice(self.made), self.chance
        amount = chance.randint(1, payment.amount.amount)
        what = chance.choice(("capture", "refund", "named", "provider", "dispute"))
        try:
            if what == "capture":
                request = CaptureRequest(key=self.key(), amount=amount, final=chance.random() < 0.3)
                await self.payments.capture(SHOP, payment.id, request)
            elif what == "refund":
                await self.payments.refund(SHOP, payment.id, RefundRequest(key=self.key(), amount=amount))
            elif what == "named":
                await self._refund_share(payment)
            else:
                await self._at_the_provider(payment, what, amount)
        except (AmountExceeded, PaymentStateConflict):
            pass  # it was not there to be taken: nothing was done

    async def _refund_share(self, payment: Payment) -> None:
        known = await self.house.payments.store.payment(payment.id)
        assert known is not None
        left = [one for one in known.payment.shares if one.kind != "platform" and one.captured > one.refunded]
        if left:
            one = self.chance.choice(left)
            part = self.chance.randint(1, one.captured - one.refunded)
            share = RefundShare(kind=one.kind, amount=part, merchant=one.merchant, category=one.category)  # type: ignore[arg-type]
            request = RefundRequest(key=self.key(), amount=part, shares=(share,))
            await self.payments.refund(SHOP, payment.id, request)

    async def _at_the_provider(self, payment: Payment, what: str, amount: int) -> None:
        known = await self.house.payments.store.payment(payment.id)
        assert known is not None
        ref = known.means[0].provider_ref
        assert ref is not None
        record = self.house.provider.truth[ref]
        disputed = sum(one.amount for one in record.disputes if one.state != "won")
        free = record.captured - record.refunded - disputed
        if what == "provider" and free > 0:
            await self.house.refund(ref, record.refunded + min(amount, free))
        elif record.disputes and record.disputes[0].state == "opened":
            state = self.chance.choice(("won", "lost"))
            await self.house.dispute(ref, state, record.disputes[0].amount)
        elif not record.disputes and free > 0:
            await self.house.dispute(ref, "opened", min(amount, free))

    async def pay_out(self) -> None:
        for payout in await self.house.run():
            for state in self.chance.choice(((), ("sent",), ("sent", "paid"), ("failed", "returned"))):
                if payout.amount.amount:
                    await self.house.finance.move_payout(FINANCE, payout.id, PayoutMove(state=state))  # type: ignore[arg-type]


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_a_random_week_adds_up(house: House, seed: int) -> None:
    week = Week(house, seed)
    for merchant in MERCHANTS:
        schedule = PayoutSchedule(
            every="daily", delay_days=week.chance.choice((0, 0, 1)), minimum={"BRL": week.chance.choice((0, 5_000))}
        )
        await house.account(schedule, merchant=merchant)
    for day in range(2, 9):
        points = week.chance.randint(0, 3_000)
        await house.rules(
            CommissionRule(
                basis_points=points, fixed={"BRL": week.chance.randint(0, 90)}, valid_from="2020-01-01T00:00:00Z"
            ),
            CommissionRule(basis_points=500, category="vases", valid_from="2020-01-01T00:00:00Z"),
        )
        for _ in range(3):
            await week.pay()
        for _ in range(8):
            await week.change()
        house.now(f"2027-03-{day:02}T00:05")
        await week.pay_out()
        await all_adds_up(house)


async def all_adds_up(house: House) -> None:
    balances = await house.balances()
    assert sum(balances.values()) == 0
    truth = house.provider.truth.values()
    taken = sum(one.captured - one.refunded for one in truth)
    withheld = sum(d.amount for one in truth for d in one.disputes if d.state != "won")
    assert balances.get("clearing:sim", 0) == taken - withheld
    assert balances.get("disputes:sim", 0) == sum(
        d.amount for one in truth for d in one.disputes if d.state == "opened"
    )
    assert not any(account.startswith(("customer:", "refunds:")) for account in balances)
    for merchant in MERCHANTS:
        statements = [
            await house.finance.payout_statement(FINANCE, one.id)
            for one in (await house.finance.payouts(FINANCE, merchant=merchant, limit=100)).items[::-1]
        ]
        assert all(map(adds_up, statements))
        openings = [0, *(one.closing for one in statements)]
        assert [one.opening for one in statements] == openings[:-1]
        after = await _after(house, merchant, statements[-1].payout.to_day) if statements else 0
        assert -balances.get(f"merchant:{merchant}", 0) == openings[-1] + after or not statements
    found, _ = await house.reconcile("2027-03-01")
    assert [one for one in found if one.kind != "unsettled"] == []


async def _after(house: House, merchant: str, day: str) -> int:
    """What happened to a merchant after the last statement: payouts that came back on the same day."""
    from renga.platform.postgres import calls
    from tests.payments.finance.house import at

    row = await calls.fetch_row(
        house.pool,
        "SELECT coalesce(-sum(e.amount), 0)::bigint FROM payments.ledger_entries e JOIN payments.ledger_transactions t "
        "ON t.id = e.transaction WHERE e.account = $1 AND t.at_ms >= $2 AND t.kind <> 'payout'",
        f"merchant:{merchant}",
        at(day),
    )
    assert row is not None
    return int(row[0])
