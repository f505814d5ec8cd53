"""What a provider's record makes of a means: one function for every source of truth (answer, webhook, janitor, reconciliation).

Records are totals. ``captured`` and ``refunded`` only grow and states only move along ``states.MOVES``, so records may come in
any order, twice and late; ledger transactions are made of the differences.
"""

from typing import Literal

import msgspec

from renga.domains.payments.contract import events
from renga.domains.payments.contract.events import PaymentFact
from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.contract.payments import PaymentState
from renga.domains.payments.model import disputing, postings, shares
from renga.domains.payments.model.means import StoredMeans, StoredPayment
from renga.domains.payments.model.records import ProviderDispute, ProviderRecord
from renga.domains.payments.model.states import ENDED, STATE_OF_RECORD, may_become

#: Why a record was not applied: it is of another payment at the provider, or in another currency.
Misfit = Literal["other_ref", "other_currency"]
_REPLACE = msgspec.structs.replace
_FREE = shares.NoCommission()


class Advance(msgspec.Struct, frozen=True, kw_only=True):
    """The payment (its shares) and the means after a record, what the ledger gets, what happened, which disputes changed.

    ``late``: how much of the newly captured money nobody waited for. ``misfit``: nothing was applied, and why.
    """

    payment: StoredPayment
    means: StoredMeans
    transactions: tuple[LedgerTransaction, ...] = ()
    facts: tuple[PaymentFact, ...] = ()
    disputes: tuple[ProviderDispute, ...] = ()
    late: int = 0
    misfit: Misfit | None = None


def advance(
    payment: StoredPayment,
    means: StoredMeans,
    record: ProviderRecord,
    now_ms: int,
    rates: shares.CommissionRates = _FREE,
) -> Advance:
    """What the record says that is not known yet. Idempotent: the same record again changes nothing.

    ``rates``: the commission of what is captured now.
    """
    if means.provider_ref is not None and record.ref != means.provider_ref:
        return Advance(payment=payment, means=means, misfit="other_ref")
    if record.amount.currency != payment.currency:
        return Advance(payment=payment, means=means, misfit="other_currency")
    step = _Stepping(payment, means, now_ms, rates)
    step.details(record)
    step.capture(max(record.captured, record.refunded))
    step.refund(record.refunded)
    for dispute in record.disputes:
        step.dispute(dispute)
    step.state(record)
    return step.finished(means)


class _Stepping:
    """The payment and the means between two parts of a record."""

    def __init__(self, payment: StoredPayment, means: StoredMeans, now_ms: int, rates: shares.CommissionRates) -> None:
        self.rating = shares.Rating(rates, payment.currency, now_ms)
        self.payment, self.means, self.now_ms = payment, means, now_ms
        self.transactions: list[LedgerTransaction] = []
        self.facts: list[PaymentFact] = []
        self.disputes: list[ProviderDispute] = []
        self.late = 0

    def details(self, record: ProviderRecord) -> None:
        """What is shown of it. A record of a means that had ended without ever having been seen there is stray."""
        means = self.means
        alive = record.state in {"action_needed", "pending", "authorised"}
        # an older message does not send a buyer back to a challenge that is over
        asks = record.state == "action_needed" and means.state in {"created", "action_needed"}
        self.means = _REPLACE(
            means,
            provider_ref=record.ref,
            stray=means.stray or (alive and means.state in ENDED and means.provider_ref is None),
            card=record.card or means.card,
            action=record.action if asks else None,
            pix=record.pix or means.pix,
            boleto=record.boleto or means.boleto,
            authorised_until_ms=record.authorised_until_ms or means.authorised_until_ms,
            paid_ms=record.paid_ms or means.paid_ms,
        )

    def capture(self, total: int) -> None:
        """Money that was taken. It is late if nobody waited for it, or beyond the amount of the means."""
        delta = total - self.means.captured
        if delta <= 0:
            return
        waited = self.means.state not in ENDED and not self.payment.given_up
        kept = min(delta, max(self.means.amount - self.means.captured, 0)) if waited else 0
        late = delta - kept
        if kept:
            self._kept(kept)
        if late:
            self._late(late, total)
        self.means = _REPLACE(self.means, captured=total, late=self.means.late + late)
        self.late = late

    def _kept(self, amount: int) -> None:
        total = self.means.captured + amount
        parts, _ = shares.divide_capture(self.payment.shares, amount)
        after = shares.captured(self.payment.shares, parts, self.rating)
        self.transactions.append(
            postings.capture(self.payment, self.means, after, amount, total=total, now_ms=self.now_ms)
        )
        self.payment = _REPLACE(self.payment, shares=after)
        self.means = _REPLACE(self.means, reason=None)
        captured = sum(one.captured for one in after)
        self.facts.append(
            events.PaymentCaptured(
                payment_id=self.payment.id, reference=self.payment.reference, amount=amount, captured=captured,
                currency=self.payment.currency, method=self.means.method, complete=captured >= self.payment.amount,
            )
        )  # fmt: skip

    def _late(self, amount: int, total: int) -> None:
        self.transactions.append(postings.late_money(self.payment, self.means, amount, total=total, now_ms=self.now_ms))
        self.facts.append(
            events.LateMoneyReceived(
                payment_id=self.payment.id, reference=self.payment.reference, amount=amount,
                currency=self.payment.currency, method=self.means.method,
            )
        )  # fmt: skip

    def refund(self, total: int) -> None:
        """Money that was given back: first what was asked, then what the provider gave back by itself."""
        delta = total - self.means.refunded
        if delta <= 0:
            return
        asked = min(delta, self.means.refund_asked - self.means.refunded)
        if asked:
            through = self.means.refunded + asked
            self.transactions.append(postings.refund_settled(self.payment, self.means, asked, total=through))
        if delta > asked:
            self._unasked(delta - asked, total)
        self.means = _REPLACE(self.means, refunded=total, refund_asked=max(self.means.refund_asked, total))
        self.facts.append(
            events.PaymentRefunded(
                payment_id=self.payment.id, reference=self.payment.reference, amount=delta, refunded=total,
                currency=self.payment.currency, method=self.means.method,
            )
        )  # fmt: skip

    def _unasked(self, amount: int, total: int) -> None:
        late = min(amount, self.means.late)
        parts, _ = shares.divide_refund(self.payment.shares, amount - late)
        after = shares.refunded(self.payment.shares, parts)
        self.transactions.append(
            postings.refund_unasked(self.payment, self.means, after, amount, late=late, total=total)
        )
        self.payment = _REPLACE(self.payment, shares=after)
        self.means = _REPLACE(self.means, late=self.means.late - late)

    def dispute(self, dispute: ProviderDispute) -> None:
        change = disputing.dispute(self.payment, self.means, dispute)
        self.payment, self.means = change.payment, change.means
        self.transactions += change.transactions
        self.facts += change.facts
        self.disputes += change.disputes

    def state(self, record: ProviderRecord) -> None:
        """The state that the totals, or before money the record, say; older news change nothing."""
        means = self.means
        if means.captured:
            over = record.state in {"captured", "voided", "expired"} or means.captured >= means.amount
            self._release_rest(over and not means.final)
            self.means = _REPLACE(means, final=means.final or over, state=_paid_state(means))
            return
        target = STATE_OF_RECORD[record.state]
        if target == "captured" or not may_become(means.state, target):
            return
        reason = record.refusal or means.reason if target == "declined" else means.reason
        self.means = _REPLACE(means, state=target, reason=reason)
        self._release_rest(target in ENDED)

    def _release_rest(self, over: bool) -> None:
        """A gift card or store credit that is not held any more gets back what was not captured."""
        rest = self.means.amount - self.means.captured
        if over and self.means.internal and rest > 0:
            self.transactions.append(postings.unheld(self.payment, self.means, rest))

    def finished(self, before: StoredMeans) -> Advance:
        changed = self.means != before
        return Advance(
            payment=self.payment,
            means=_REPLACE(self.means, version=before.version + 1) if changed else before,
            transactions=tuple(one for one in self.transactions if one.entries),
            facts=tuple(self.facts),
            disputes=tuple(self.disputes),
            late=self.late,
        )


def _paid_state(means: StoredMeans) -> PaymentState:
    """The state of a means that money was taken of."""
    states = {one.state for one in means.disputes}
    if "opened" in states:
        return "disputed"
    if "lost" in states:
        return "lost"
    if means.refunded >= means.captured:
        return "refunded"
    if means.refunded and means.captured - means.refunded < means.amount:  # what was given back was not only excess
        return "partly_refunded"
    if "won" in states:
        return "won"
    return "captured" if means.captured >= means.amount else "partly_captured"
