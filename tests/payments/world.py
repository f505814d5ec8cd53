"""A shop and its provider under fire: processes that die at a point, webhooks, the janitor; and what must hold afterwards."""

from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import asyncpg
import msgspec

from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.janitor.do_due import Round, do_due
from renga.domains.payments.local import LocalPayments
from renga.domains.payments.opening import payment_dependencies
from renga.domains.payments.risk.settings import RiskSettings
from renga.domains.payments.settings import PaymentSettings
from renga.domains.payments.webhooks.receive_webhook import receive_webhook
from renga.kernel.clock import ManualClock
from renga.kernel.ids import uuid7
from tests.payments.scripted_provider import Fault, ScriptedProvider
from tests.payments.telling_provider import TellingProvider
from tests.payments.till import Till

#: A lease is 10 s of deadline and 5 s of margin at most; a minute has four of the longest backoffs.
LEASE_MS, STEP_MS, ROUNDS_MAX = 16_000, 5_000, 12


_numbers = count(1)
#: Twenty faults of a kind, for as many calls.
REFUSALS: list[Fault] = ["refuse"] * 20
UNKNOWNS: list[Fault] = ["unknown_before"] * 20


def scripted_dependencies(
    pool: Any, clock: ManualClock, provider: ScriptedProvider, *, risk: RiskSettings | None = None, **settings: Any
) -> PaymentDependencies:
    """Payments on a test's database, with a scripted provider."""
    made = msgspec.structs.replace(PaymentSettings(providers=provider.name, deadline_ms=200), **settings)
    return payment_dependencies(
        pool, made, [provider], clock=clock,
        new_id=lambda: uuid7(clock.now_ms(), next(_numbers)), secret=b"s" * 32, public_url="https://shop.example",
        risk=risk,
    )  # fmt: skip


class Killed(BaseException):
    """The process is gone: nothing after it runs, and its transaction is rolled back."""


class Killer:
    """Counts crash points, and dies at the one with a number."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.at: int | None = None

    def arm(self, at: int | None) -> None:
        self.passed, self.at = [], at

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if self.at is not None and len(self.passed) > self.at:
            self.at = None
            raise Killed(name)


class World:
    """``payments`` and ``till`` are a process of the shop that may die; what recovers is another one, which may die, too."""

    def __init__(self, provider: TellingProvider, clock: ManualClock, pool: Any) -> None:
        self.killer, self.provider, self.clock = Killer(), provider, clock
        self.pool: asyncpg.Pool[asyncpg.Record] = pool
        self.use()
        self.effects: Counter[str] = Counter()

    def use(self, **settings: Any) -> None:
        """From now on the shop has these settings."""
        made = scripted_dependencies(self.pool, self.clock, self.provider, **settings)
        self.dependencies = msgspec.structs.replace(made, crash_point=self.killer)
        self.payments = LocalPayments(self.dependencies)
        self.till = Till(self.payments, self.pool)

    def use_crash_point(self, crash_point: Callable[[str], None]) -> None:
        self.dependencies = msgspec.structs.replace(self.dependencies, crash_point=crash_point)
        self.payments = LocalPayments(self.dependencies)

    async def reconcile(self) -> None:
        """News of which every message was lost: the provider's list, record by record, as an event of each."""
        for ref in list(self.provider.truth):
            self.provider.tell(self.provider.truth[ref])
        await self.deliver_waiting()

    async def attempt(self, work: Awaitable[Any]) -> bool:
        """Whether the process survived it."""
        try:
            await work
        except Killed:
            return False
        return True

    async def deliver(self, *event_ids: str) -> int:
        """Webhooks in this order; how many had their effect for the first time."""
        new = 0
        for one in event_ids:
            receipt = await receive_webhook(self.dependencies, self.provider.name, {}, one.encode())
            self.effects[one] += receipt.new
            new += receipt.new
        return new

    async def deliver_waiting(self) -> None:
        """The provider sends until it is answered, as providers do."""
        while self.provider.waiting:
            event = self.provider.waiting[0]
            if await self.attempt(self.deliver(event.id)):
                self.provider.waiting.pop(0)

    async def work(self) -> Round | None:
        """A round of the janitor; None: its process died."""
        try:
            return await do_due(self.dependencies)
        except Killed:
            return None

    async def recover(self, *, webhooks: bool = True) -> None:
        """A minute after the last lease: rounds of the janitor, and the webhooks that are still on their way."""
        self.clock.advance(ms=LEASE_MS)
        for _ in range(ROUNDS_MAX):
            await self.work()
            if webhooks:
                await self.deliver_waiting()
            self.clock.advance(ms=STEP_MS)

    async def seconds_until_known(self) -> int:
        """How long one worker, which looks every few seconds, needs until no outcome is unknown."""
        begun_ms = self.clock.now_ms()
        query = "SELECT count(*) FROM payments.operations WHERE closed_ms IS NULL AND state <> 'pending'"
        for _ in range(ROUNDS_MAX):
            await self.work()
            if not await self.pool.fetchval(query):
                break
            self.clock.advance(ms=STEP_MS)
        return (self.clock.now_ms() - begun_ms) // 1000

    async def check(self) -> None:
        """What holds whatever happened."""
        await self.check_ledger()
        await self.check_provider()
        await self.check_nothing_open()
        await self.check_webhooks()

    async def check_webhooks(self) -> None:
        """Each one had its effect once, and none was forgotten."""
        assert max(self.effects.values(), default=0) <= 1, f"a webhook had its effect twice: {self.effects}"
        rows = await self.pool.fetch("SELECT event_id, state FROM payments.webhook_events")
        kept = Counter(row["event_id"] for row in rows)
        assert max(kept.values(), default=0) <= 1, f"a webhook was kept twice: {kept}"
        assert set(kept) == set(self.effects), "webhooks were lost"
        assert {row["state"] for row in rows} <= {"applied", "ignored"}, "webhooks without effect"

    async def check_ledger(self) -> None:
        torn = await self.pool.fetch(
            "SELECT transaction, currency FROM payments.ledger_entries GROUP BY 1, 2 HAVING sum(amount) <> 0"
        )
        assert torn == [], f"transactions that do not balance: {torn}"
        held = await self._balance("^(clearing|receivable|disputes):")
        assert (held, await self._balance("^refunds:")) == (self.provider.taken, 0), (
            "the ledger differs from the provider"
        )

    async def _balance(self, accounts: str) -> int:
        query = "SELECT coalesce(sum(amount), 0)::bigint FROM payments.ledger_entries WHERE account ~ $1"
        balance: int = await self.pool.fetchval(query, accounts)
        return balance

    async def check_provider(self) -> None:
        """Each means is what the provider says, and the provider has nothing that no means knows."""
        means = {
            row["provider_ref"]: row
            for row in await self.pool.fetch("SELECT * FROM payments.means WHERE provider = 'sim'")
        }
        for ref, record in self.provider.truth.items():
            held = record.state in {"authorised", "pending", "action_needed"} or record.captured
            assert ref in means or not held, f"nobody knows {record}"
            if ref in means:
                row = means[ref]
                assert (row["captured"], row["refunded"]) == (record.captured, record.refunded), (dict(row), record)
                assert not (held and not record.captured) or row["state"] not in {"voided", "expired", "declined"}, row
                assert record.captured <= record.amount.amount, "charged twice"
        keys = Counter(order.key for _, order in self.provider.calls)
        acted = Counter(record.key for record in self.provider.truth.values())
        assert max(acted.values(), default=1) == 1, f"a key was charged twice: {acted}, sent {keys}"

    async def check_nothing_open(self) -> None:
        live = await self.pool.fetch(
            "SELECT kind, state, attempts, request FROM payments.operations WHERE closed_ms IS NULL AND state <> 'pending'"
        )
        assert live == [], f"operations without an outcome: {live}"
        unsure = await self.pool.fetch("SELECT id FROM payments.means WHERE document ? 'unsure'")
        assert unsure == [], "means that nobody is sure of"
