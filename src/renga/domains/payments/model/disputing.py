"""What a dispute makes of a means: the money is held back, and comes back or is lost."""

from collections.abc import Mapping

import msgspec

from renga.domains.payments.contract import events
from renga.domains.payments.contract.events import PaymentFact
from renga.domains.payments.contract.ledger import LedgerTransaction
from renga.domains.payments.model import postings, shares
from renga.domains.payments.model.means import StoredMeans, StoredPayment
from renga.domains.payments.model.records import DisputeState, ProviderDispute
from renga.kernel.clock import rfc3339

#: A dispute moves forward only; ``won`` may be lost after all (a second instance).
_ORDER: Mapping[DisputeState | None, int] = {None: 0, "opened": 1, "won": 2, "lost": 3}


class DisputeStep(msgspec.Struct, frozen=True, kw_only=True):
    """The payment and the means after it; ``disputes``: those that changed."""

    payment: StoredPayment
    means: StoredMeans
    transactions: tuple[LedgerTransaction, ...] = ()
    facts: tuple[PaymentFact, ...] = ()
    disputes: tuple[ProviderDispute, ...] = ()


def dispute(payment: StoredPayment, means: StoredMeans, news: ProviderDispute) -> DisputeStep:
    """Idempotent; older news change nothing. The amount is the one that was told first."""
    known = next((one for one in means.disputes if one.id == news.id), None)
    before = None if known is None else known.state
    if _ORDER[news.state] <= _ORDER[before]:
        return DisputeStep(payment=payment, means=means)
    now = news if known is None else msgspec.structs.replace(news, amount=known.amount)
    transactions: list[LedgerTransaction] = []
    facts: list[PaymentFact] = []
    if before is None:
        transactions.append(postings.dispute_opened(payment, means, now))
        facts.append(_opened(payment, now))
    if now.state == "won":
        transactions.append(postings.dispute_won(payment, means, now))
    if now.state == "lost":
        if before == "won":
            transactions.append(postings.dispute_reopened(payment, means, now))
        parts, _ = shares.divide_refund(payment.shares, now.amount)
        after = shares.refunded(payment.shares, parts)
        transactions.append(postings.dispute_lost(payment, means, after, now))
        payment = msgspec.structs.replace(payment, shares=after)
    if now.state != "opened":
        facts.append(_closed(payment, now))
    others = tuple(one for one in means.disputes if one.id != now.id)
    return DisputeStep(
        payment=payment,
        means=msgspec.structs.replace(means, disputes=(*others, now)),
        transactions=tuple(transactions),
        facts=tuple(facts),
        disputes=(now,),
    )


def _opened(payment: StoredPayment, one: ProviderDispute) -> PaymentFact:
    return events.DisputeOpened(
        payment_id=payment.id, reference=payment.reference, dispute_id=one.id, amount=one.amount,
        currency=payment.currency, why=one.reason, due_at=None if one.due_ms is None else rfc3339(one.due_ms),
    )  # fmt: skip


def _closed(payment: StoredPayment, one: ProviderDispute) -> PaymentFact:
    return events.DisputeClosed(
        payment_id=payment.id, reference=payment.reference, dispute_id=one.id, amount=one.amount,
        currency=payment.currency, outcome="lost" if one.state == "lost" else "won",
    )  # fmt: skip
