"""What the use cases of payments need."""

from collections.abc import Callable, Mapping

import msgspec

from renga.domains.payments.contract.service import LateMoney
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.ledger.ports import LedgerCheckpoints, LedgerReads
from renga.domains.payments.model.velocity import VelocityRules
from renga.domains.payments.ports.provider import PaymentProvider
from renga.domains.payments.ports.risk import (
    AllowEverything,
    RiskProvider,
)
from renga.domains.payments.ports.store import PaymentStore, WalletStore
from renga.domains.payments.ports.webhooks import WebhookStore
from renga.domains.payments.ports.work import WorkStore
from renga.domains.payments.settings import PaymentSettings
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource

#: Where a process may die in the middle of an operation, per kind of operation: ``capture.before_send``.
CRASH_POINTS = tuple(
    f"{kind}.{point}"
    for kind in ("authorise", "capture", "void", "refund")
    for point in ("before_send", "after_send", "after_answer", "after_commit")
)
#: Where one may die in the middle of a webhook, and of the janitor's work.
WEBHOOK_CRASH_POINTS = ("webhook.verified", "webhook.after_read", "webhook.before_commit", "webhook.after_commit")
JANITOR_CRASH_POINTS = tuple(
    f"janitor.{point}" for point in ("after_claim", "after_find", "after_read", "before_commit", "after_commit")
)


def no_crash(name: str) -> None:
    """In production nothing happens at a crash point."""


class LateMoneyDesk(msgspec.Struct):
    """Who answers about late money in this process; None: the setting."""

    answer: LateMoney | None = None


class PaymentDependencies(msgspec.Struct, frozen=True, kw_only=True):
    """The stores, the providers by name (in the order of the settings), what decides about money, the clock, the ids.

    ``secret`` derives gift cards' digests; ``public_url`` is the shop's own address; ``crash_point`` is called with the names
    of ``CRASH_POINTS``.
    """

    store: PaymentStore
    wallets: WalletStore
    webhooks: WebhookStore
    work: WorkStore
    ledger: LedgerReads
    checkpoints: LedgerCheckpoints
    finance: FinanceDependencies
    providers: Mapping[str, PaymentProvider]
    settings: PaymentSettings
    clock: Clock
    new_id: IdSource
    secret: bytes
    public_url: str = ""
    risk: RiskProvider = AllowEverything()
    velocity: VelocityRules = VelocityRules()
    late_money: LateMoneyDesk = msgspec.field(default_factory=LateMoneyDesk)
    crash_point: Callable[[str], None] = no_crash
