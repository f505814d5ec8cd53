"""A shop with money in it: payments that a scripted provider captured, refunded, disputes and settles."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from renga.domains.payments.applying import apply_record
from renga.domains.payments.concluding import conclude
from renga.domains.payments.contract.commissions import CommissionRule, CommissionTable
from renga.domains.payments.contract.errors import ProviderAway
from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.contract.management import ALL_PAYOUTS, OWN_PAYOUTS, PARTNERS
from renga.domains.payments.contract.payments import MANAGING_PAYMENTS, PARTNER, READING_PAYMENTS, Share
from renga.domains.payments.contract.payouts import (
    BrazilianAccount,
    Payout,
    PayoutAccount,
    PayoutAccountDraft,
    PayoutSchedule,
)
from renga.domains.payments.contract.settlements import (
    Reconciliation,
    ReconciliationDifference,
    SettlementFile,
    SettlementLine,
)
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.finance.local import LocalFinance
from renga.domains.payments.model.means import StoredMeans, StoredPayment
from renga.domains.payments.model.records import ProviderRecord
from renga.domains.payments.model.shares import stored_shares
from renga.domains.payments.stores.ledger_writing import post
from renga.kernel.caller import Caller
from renga.kernel.clock import ManualClock
from renga.kernel.money import Money
from renga.platform.postgres import calls
from tests.payments.scripted_provider import ScriptedProvider

FINANCE = Caller("finance-1", frozenset({READING_PAYMENTS, MANAGING_PAYMENTS, ALL_PAYOUTS}), proved_ms=2**50)
ADMIN = Caller("admin-1", frozenset({READING_PAYMENTS, MANAGING_PAYMENTS, ALL_PAYOUTS, PARTNERS}), proved_ms=2**50)
OWNER = Caller("owner-1", frozenset({OWN_PAYOUTS}), frozenset({"olaria"}), proved_ms=2**50)
CLERK = Caller("clerk-1", frozenset({OWN_PAYOUTS}), frozenset({"olaria"}), proved_ms=2**50)
STRANGER = Caller("stranger-1", frozenset({OWN_PAYOUTS}), frozenset({"outra"}), proved_ms=2**50)
CUSTOMER = Caller("customer-1", frozenset({"orders"}))
PARTNER_ID = "0192b3c4-d5e6-7f80-9a1b-2c3d4e5f6071"
PROCESSOR = Caller(PARTNER_ID, frozenset({PARTNER}))
BANK = PayoutAccountDraft(
    holder="Olaria Ltda",
    tax_id="12345678000195",
    account=BrazilianAccount(bank="001", branch="1234", number="987654-3"),
)
DAILY = PayoutSchedule(every="daily", delay_days=0)


def at(text: str) -> int:
    """``2027-03-01`` or ``2027-03-01T12:00`` in milliseconds, UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@dataclass
class SettlingProvider(ScriptedProvider):
    """A scripted provider that also settles, and takes evidence."""

    files: dict[str, SettlementFile] = field(default_factory=dict)
    evidence: list[tuple[str, str, str, str]] = field(default_factory=list)
    takes: bool = True

    async def settlement(self, day: str) -> SettlementFile | None:
        if self.away:
            raise ProviderAway()
        return self.files.get(day)

    async def submit_evidence(self, key: str, dispute: str, kind: str, text: str) -> bool:
        if self.away:
            raise ProviderAway()
        if self.takes:
            self.evidence.append((key, dispute, kind, text))
        return self.takes


class Roles:
    """``MerchantRoles`` and ``PartnerAccounts`` in memory."""

    async def roles_of(self, caller: Caller) -> Mapping[str, str]:
        return {
            "owner-1": {"olaria": "owner"}, "clerk-1": {"olaria": "clerk"}, "stranger-1": {"outra": "manager"},
        }.get(caller.subject or "", {})  # fmt: skip

    async def is_partner(self, account: str) -> bool:
        return account == PARTNER_ID


@dataclass
class House:
    payments: PaymentDependencies
    finance: LocalFinance
    pool: calls.Pool
    clock: ManualClock
    provider: SettlingProvider

    def now(self, text: str) -> None:
        """It is then; never earlier than before."""
        ahead = at(text) - self.clock.now_ms()
        assert ahead >= 0
        self.clock.advance(ms=ahead)

    async def authorise(
        self, reference: str, amount: int, *shares: Share, instalments: int = 1, currency: str = "BRL"
    ) -> str:
        """A payment that a provider has authorised; returns the provider's id."""
        new_id, now_ms = self.payments.new_id, self.clock.now_ms()
        payment = StoredPayment(
            id=new_id(), key=reference, fingerprint="f", reference=reference, owner="shop", amount=amount,
            currency=currency, capture="later", state="created", version=1, created_ms=now_ms, updated_ms=now_ms,
            shares=stored_shares(shares, amount),
        )  # fmt: skip
        means = StoredMeans(
            id=new_id(), payment=payment.id, position=0, method="card", provider="sim", amount=amount,
            instalments=instalments,
        )  # fmt: skip
        async with self.payments.store.new_unit(payment, [means]):
            pass
        ref = f"sim_{len(self.provider.truth) + 1}"
        self.provider.truth[ref] = ProviderRecord(
            ref=ref, state="authorised", amount=Money(amount, currency), instalments=instalments
        )
        await self.news(ref, means=means.id)
        return ref

    async def news(self, ref: str, *, means: str | None = None) -> None:
        """The shop learns what the provider knows."""
        async with self.payments.store.unit_of("sim", ref=ref, means=means) as unit:
            assert unit is not None
            found = next(one.id for one in unit.means.values() if means is None or one.id == means)
            apply_record(self.payments, unit, found, self.provider.truth[ref])
            conclude(self.payments, unit)

    async def capture(self, ref: str, total: int | None = None) -> None:
        record = self.provider.truth[ref]
        whole = record.amount.amount
        total = whole if total is None else total
        self.provider.change(ref, captured=total, state="captured" if total == whole else "authorised")
        await self.news(ref)

    async def refund(self, ref: str, total: int) -> None:
        self.provider.change(ref, refunded=total)
        await self.news(ref)

    async def dispute(self, ref: str, state: str, amount: int) -> str:
        self.provider.disputed(ref, state, amount=amount)  # type: ignore[arg-type]
        await self.news(ref)
        return f"sim:dp_{ref}"

    async def sell(self, reference: str, amount: int, *shares: Share) -> str:
        """Captured at once; without shares it is olaria's."""
        ref = await self.authorise(reference, amount, *(shares or (Share(amount=amount, merchant="olaria"),)))
        await self.capture(ref)
        return ref

    async def rules(self, *rules: CommissionRule) -> CommissionTable:
        return await self.finance.replace_commissions(FINANCE, CommissionTable(rules=rules))

    async def account(self, schedule: PayoutSchedule = DAILY, *, merchant: str = "olaria") -> PayoutAccount:
        """A verified payout account, with a schedule."""
        account = await self.finance.put_payout_account(FINANCE, merchant, BANK)
        await self.finance.put_payout_schedule(FINANCE, merchant, schedule)
        return await self.finance.verify_payout_account(FINANCE, merchant, version=account.version)

    async def run(self, day: str | None = None) -> list[Payout]:
        return list((await self.finance.run_payouts(FINANCE, day)).payouts)

    async def post(self, *transactions: LedgerTransaction) -> None:
        async with calls.transaction(self.pool) as connection:
            await post(connection, transactions, self.clock.now_ms())

    async def balances(self, currency: str = "BRL") -> dict[str, int]:
        """All accounts of the ledger that are not zero."""
        rows = await calls.fetch(
            self.pool,
            "SELECT account, sum(amount)::bigint FROM payments.ledger_entries WHERE currency = $1 "
            "GROUP BY account HAVING sum(amount) <> 0",
            currency,
        )
        return {row[0]: row[1] for row in rows}

    async def reconcile(self, day: str) -> tuple[list[ReconciliationDifference], Reconciliation]:
        found = [one async for one in self.finance.reconcile(FINANCE, "sim", day)]
        assert isinstance(found[-1], Reconciliation)
        return [one for one in found if isinstance(one, ReconciliationDifference)], found[-1]


def line(name: str, ref: str, gross: int, fee: int = 0, **more: object) -> SettlementLine:
    """A line of a settlement file; the sign of gross says whether it is a capture or a refund."""
    kind = more.pop("kind", "capture" if gross >= 0 else "refund")
    known = {"id": name, "ref": ref, "kind": kind, "currency": "BRL", "gross": gross, "fee": fee, "net": gross - fee}
    return msgspec.convert({**known, **more}, SettlementLine)


def file(day: str, *lines: SettlementLine, name: str = "") -> SettlementFile:
    return SettlementFile(id=name or f"file-{day}", provider="sim", day=day, lines=lines)


async def listed(items: AsyncIterator[object]) -> list[object]:
    return [one async for one in items]
