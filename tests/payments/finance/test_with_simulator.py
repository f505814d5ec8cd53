"""Finance against the simulated provider itself: a day is settled, reconciled and paid out, and everything adds up."""

from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import asyncpg
import httpx
import pytest

from renga.domains.payments.contract.payments import NewPayment, Payment, Share
from renga.domains.payments.contract.service import RefundRequest
from renga.domains.payments.contract.settlements import ReconciliationDifference
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.opening import payment_dependencies
from renga.domains.payments.providers.simulated.adapter import SimulatedProvider
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.clock import ManualClock
from renga.kernel.ids import uuid7
from renga.kernel.money import Money
from tests.payments.finance.house import BANK, DAILY, FINANCE, House, at
from tests.payments.till import SHOP, card
from tests.simulators.provider import BASE, KEY, Provider, provider_in

NAME, DAY = "simulated", "2027-03-01"


@pytest.fixture
async def simulator(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Provider]:
    async with provider_in(tmp_path) as simulator:
        simulator.desk.machine_clock = clock.now_ms
        yield simulator


@pytest.fixture
async def shop(
    pool: "asyncpg.Pool[asyncpg.Record]", clock: ManualClock, simulator: Provider
) -> AsyncIterator[LocalPayments]:
    provider = SimulatedProvider(
        BASE, secret=b"", api_key=KEY, webhook_secret="w" * 32, transport=httpx.ASGITransport(simulator.app)
    )
    numbers = count(1)
    dependencies = payment_dependencies(
        pool, PaymentSettings(providers=NAME), [provider], clock=clock,
        new_id=lambda: uuid7(clock.now_ms(), next(numbers)), secret=b"s" * 32, public_url="https://shop.example",
    )  # fmt: skip
    yield LocalPayments(dependencies)
    await provider.close()


async def pay(shop: LocalPayments, simulator: Provider, reference: str, amount: int, instalments: int = 1) -> Payment:
    means = card(token=simulator.token_now(), instalments=instalments)
    new = NewPayment(
        key=reference, reference=reference, amount=Money(amount, "BRL"), means=(means,),
        shares=(Share(amount=amount, merchant="olaria"),),
    )  # fmt: skip
    made = await shop.pay(SHOP, new)
    assert made.state == "captured", made
    return made


async def differences(shop: LocalPayments, day: str) -> list[ReconciliationDifference]:
    found = [one async for one in shop.finance.reconcile(FINANCE, NAME, day)]
    return [one for one in found if isinstance(one, ReconciliationDifference)]


async def test_a_day_from_its_payments_to_the_payout(
    shop: LocalPayments, simulator: Provider, house: House, clock: ManualClock
) -> None:
    first = await pay(shop, simulator, "order:1", 10_000)
    await pay(shop, simulator, "order:2", 3_333)
    await pay(shop, simulator, "order:3", 3_000, instalments=3)
    await shop.refund(SHOP, first.id, RefundRequest(key="r", amount=5_000))
    assert await differences(shop, DAY) == []
    clock.advance(ms=at("2027-03-02T01:00") - clock.now_ms())
    missing = await differences(shop, DAY)
    assert {one.kind for one in missing} == {"missing_here"}
    report = await shop.finance.fetch_settlement(FINANCE, NAME, DAY)
    assert report.differences == ()
    assert await differences(shop, DAY) == []
    balances = await house.balances()
    assert sum(balances.values()) == 0
    assert balances[f"bank:{NAME}"] + balances[f"fees:{NAME}"] == 10_000 + 3_333 - 5_000
    assert balances[f"bank:{NAME}"] == report.net[0].amount
    assert f"clearing:{NAME}" not in balances
    assert sum(amount for account, amount in balances.items() if account.startswith("receivable:")) == 3_000
    account = await shop.finance.put_payout_account(FINANCE, "olaria", BANK)
    await shop.finance.verify_payout_account(FINANCE, "olaria", version=account.version)
    await shop.finance.put_payout_schedule(FINANCE, "olaria", DAILY)
    (payout,) = (await shop.finance.run_payouts(FINANCE)).payouts
    assert payout.amount == Money(10_000 + 3_333 + 3_000 - 5_000, "BRL")


async def test_an_instalment_is_settled_on_its_day(
    shop: LocalPayments, simulator: Provider, house: House, clock: ManualClock
) -> None:
    await pay(shop, simulator, "order:1", 3_001, instalments=3)
    due = sorted(account for account in await house.balances() if account.startswith("receivable:"))
    for position, account in enumerate(due, 1):
        day = account.rpartition(":")[2]
        clock.advance(ms=at(f"{day}T23:59") + 3_600_000 - clock.now_ms())
        report = await shop.finance.fetch_settlement(FINANCE, NAME, day)
        assert (report.lines, report.differences) == (1, ())
        assert account not in await house.balances(), position
        assert await differences(shop, day) == []
