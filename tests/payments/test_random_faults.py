"""Random payments, changes, faults, webhooks and deaths: at the end the ledger is what the provider really did."""

import contextlib
import random
from typing import Any

import msgspec
import pytest

from renga.domains.payments.applying import apply_record
from renga.domains.payments.concluding import conclude
from renga.domains.payments.contract.payments import NewMeans, Payer, Payment, Share
from renga.domains.payments.dependencies import CRASH_POINTS, PaymentDependencies
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.ports.provider import ProviderRecord
from renga.kernel.clock import ManualClock
from renga.kernel.errors import RengaError
from tests import proof
from tests.payments.janitor import recover
from tests.payments.scripted_provider import Fault, ScriptedProvider
from tests.payments.test_several_means import by_gift, gift
from tests.payments.till import SHOP, Till, card

_ANY: tuple[Fault, ...] = ("unknown_before", "unknown_after", "refuse")
FAULTS: dict[str, tuple[Fault, ...]] = {
    "authorise": (*_ANY, "action_needed"),
    "capture": _ANY,
    "void": _ANY,
    "refund": (*_ANY, "pending"),
}


class Killed(BaseException):
    """The process dies here."""


class Chaos:
    """One shop, one provider, one seed."""

    def __init__(self, till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider, seed: int) -> None:
        self.chance = random.Random(seed)
        self.provider, self.clock = provider, dependencies.clock
        self.dying = ""
        self.dependencies = msgspec.structs.replace(dependencies, crash_point=self.crash)
        self.till = Till(LocalPayments(self.dependencies), till.pool)
        self.payments: list[Payment] = []
        self.news: list[ProviderRecord] = []

    def crash(self, name: str) -> None:
        if name == self.dying:
            self.dying = ""
            raise Killed(name)

    async def step(self) -> None:
        for kind in ("authorise", "capture", "void", "refund"):
            if self.chance.random() < 0.3:
                self.provider.script(kind, self.chance.choice(FAULTS[kind]))
        if self.chance.random() < 0.2:
            self.dying = self.chance.choice(CRASH_POINTS)
        action = self.chance.choice(
            (self.pay, self.pay, self.change, self.change, self.there, self.webhook, self.pass_)
        )
        # refused, or dead: what follows must be right in both cases
        with contextlib.suppress(RengaError, Killed):
            await action()
        self.news += self.provider.truth.values()

    async def pay(self) -> None:
        amount = self.chance.randint(1, 2000)
        means: list[NewMeans] = [self.chance.choice((card(), NewMeans(method="pix"), card()))]
        if amount > 10 and self.chance.random() < 0.4:
            _, code = await gift(self.till, self.chance.randint(1, amount))
            means.insert(0, by_gift(code, self.chance.randint(1, amount - 2)))
        if amount > 10 and means[-1].method == "pix" and self.chance.random() < 0.5:
            means.append(card(1))
        shares = (Share(amount=self.chance.randint(0, amount), merchant="m"),)
        more: dict[str, Any] = {"capture": self.chance.choice(("now", "now", "later")), "shares": shares}
        new = self.till.new(amount, *means, payer=Payer(address="203.0.113.9"), **more)
        try:
            await self.till.payments.pay(SHOP, new)
        finally:
            self.payments += await self.till.payments.payments_of(SHOP, "order:1")

    async def change(self) -> None:
        if not self.payments:
            return
        payment = self.chance.choice(self.payments)
        amount = self.chance.choice((None, self.chance.randint(1, 500)))
        action = self.chance.choice(("capture", "void", "refund", "refund"))
        if action == "void":
            await self.till.void(payment)
        elif action == "capture":
            await self.till.capture(payment, amount, final=self.chance.random() < 0.5)
        else:
            await self.till.refund(payment, amount)

    async def there(self) -> None:
        """Something happens at the provider."""
        if not self.provider.truth:
            return
        ref, record = self.chance.choice(list(self.provider.truth.items()))
        what = self.chance.choice(("paid", "expired", "passed", "failed", "refunded", "disputed"))
        if record.state == "pending" and record.method == "pix" and what in {"paid", "expired"}:
            self.provider.paid(ref) if what == "paid" else self.provider.change(ref, state="expired")
        elif record.state == "expired" and what == "paid":
            self.provider.paid(ref)
        elif record.state == "action_needed" and what in {"passed", "failed"}:
            self.provider.change(ref, state="authorised" if what == "passed" else "refused", action=None)
        elif record.captured > record.refunded and what == "refunded" and not record.disputes:
            self.provider.change(ref, refunded=self.chance.randint(record.refunded, record.captured))

    async def webhook(self) -> None:
        """News, old or new, as t webhook brings it."""
        if self.news:
            await self.tell(self.chance.choice(self.news))

    async def tell(self, record: ProviderRecord) -> None:
        owner = next(one for key, one in self.provider.calls if getattr(one, "key", "") == record.key)
        async with self.dependencies.store.unit_of("sim", ref=record.ref, means=owner.means) as unit:  # type: ignore[union-attr]
            assert unit is not None
            apply_record(self.dependencies, unit, owner.means, record)  # type: ignore[union-attr]
            conclude(self.dependencies, unit)

    async def pass_(self) -> None:
        await recover(self.dependencies, self.clock, rounds=1)  # type: ignore[arg-type]

    async def finish(self) -> None:
        """Everything is told and every operation is done."""
        self.dying = ""
        self.provider.forgive()
        for _ in range(3):
            for record in list(self.provider.truth.values()):
                await self.tell(record)
            await recover(self.dependencies, self.clock)  # type: ignore[arg-type]


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(proof.count(small=4, full=200)))
async def test_whatever_happens_the_ledger_is_the_providers_truth(
    till: Till, dependencies: PaymentDependencies, provider: ScriptedProvider, clock: ManualClock, seed: int
) -> None:
    chaos = Chaos(till, dependencies, provider, seed)
    for _ in range(60):
        await chaos.step()
    await chaos.finish()
    pool = till.pool
    assert await pool.fetchval("SELECT count(*) FROM payments.operations WHERE closed_ms IS NULL") == 0
    assert await pool.fetchval("SELECT count(*) FROM payments.payments WHERE state = 'unknown'") == 0
    ledger = await till.ledger()
    assert ledger.get("clearing:sim", 0) == provider.taken
    for account in ledger:
        assert not account.startswith(("refunds:", "disputes:"))
    rows = await pool.fetch("SELECT provider_ref, captured, refunded FROM payments.means WHERE provider = 'sim'")
    told = {row[0]: (row[1], row[2]) for row in rows if row[0] is not None}
    assert told == {ref: (one.captured, one.refunded) for ref, one in provider.truth.items()}
    held = {account for account in ledger if account.startswith("held:")}
    live = (
        "SELECT id::text FROM payments.means WHERE method = 'gift_card' AND state IN ('authorised', 'partly_captured')"
    )
    assert held == {f"held:{row[0]}" for row in await pool.fetch(live)}
