"""The ledger transactions of what happens to a payment. A debit is positive, a credit negative; each sums to zero.

Keys are made of totals (``capture:<means>:<captured in all>``), so that the same truth is written once, whoever tells it.
"""

from collections.abc import Iterable, Sequence

from renga.domains.payments.contract.ledger import LedgerEntry, LedgerTransaction
from renga.domains.payments.model import shares as dividing
from renga.domains.payments.model.means import StoredMeans, StoredPayment, StoredShare
from renga.domains.payments.model.records import ProviderDispute
from renga.kernel.clock import DAY_MS, rfc3339
from renga.kernel.money import Money

#: Days between two instalments, and before the first.
INSTALMENT_DAYS = 30
Amounts = Iterable[tuple[str, int]]


def transaction(key: str, kind: str, reference: str, currency: str, amounts: Amounts) -> LedgerTransaction:
    """Amounts by account, in one currency; those of the same account and sign are one entry."""
    found: dict[tuple[str, bool], int] = {}
    for account, amount in amounts:
        if amount:
            found[account, amount > 0] = found.get((account, amount > 0), 0) + amount
    entries = tuple(LedgerEntry(account, amount, currency) for (account, _), amount in found.items())
    return LedgerTransaction(key=key, kind=kind, reference=reference, entries=entries)


def _of(payment: StoredPayment, key: str, kind: str, amounts: Amounts) -> LedgerTransaction:
    return transaction(key, kind, payment.reference, payment.currency, amounts)


def customer(payment: StoredPayment) -> str:
    return f"customer:{payment.reference}"


def holder(means: StoredMeans) -> str:
    """The account that refunds come from: the provider's clearing, or the gift card or store credit itself."""
    if means.internal:
        return f"{means.method}:{means.account}"
    return f"clearing:{means.provider}"


def _share_account(share: StoredShare) -> str:
    if share.merchant is not None:
        return f"merchant:{share.merchant}"
    return "platform" if share.kind in {"sale", "platform"} else share.kind


def share_amounts(before: Sequence[StoredShare], after: Sequence[StoredShare]) -> list[tuple[str, int]]:
    """What changes on the accounts of shares: what they get is a credit, the commission is taken off it."""
    amounts = []
    for old, new in zip(before, after, strict=True):
        gets = (new.captured - new.refunded) - (old.captured - old.refunded)
        commission = dividing.commission_kept(new) - dividing.commission_kept(old)
        account = _share_account(new)
        # sale and commission are entries of their own: a merchant's statement shows both
        amounts += [(account, -gets), (account, commission), ("commission", -commission)]
    return amounts


def _received(means: StoredMeans, amount: int, currency: str, now_ms: int) -> list[tuple[str, int]]:
    """Where captured money is: held for a payment, at the provider, or with the provider until each instalment's day."""
    if means.internal:
        return [(f"held:{means.id}", amount)]
    if means.instalments == 1:
        return [(holder(means), amount)]
    parts = Money(amount, currency).allocate([1] * means.instalments)
    days = [rfc3339(now_ms + n * INSTALMENT_DAYS * DAY_MS)[:10] for n in range(1, means.instalments + 1)]
    return [(f"receivable:{means.provider}:{day}", part.amount) for day, part in zip(days, parts, strict=True)]


def capture(
    payment: StoredPayment, means: StoredMeans, after: Sequence[StoredShare], amount: int, *, total: int, now_ms: int
) -> LedgerTransaction:
    """``amount`` was captured and is divided: ``payment.shares`` become ``after``. ``total``: captured in all."""
    divided = share_amounts(payment.shares, after)
    rest = -amount - sum(value for _, value in divided)
    amounts = [
        *_received(means, amount, payment.currency, now_ms),
        (customer(payment), -amount),
        (customer(payment), amount),
        *divided,
        ("platform", rest),
    ]
    return _of(payment, f"capture:{means.id}:{total}", "capture", amounts)


def late_money(
    payment: StoredPayment, means: StoredMeans, amount: int, *, total: int, now_ms: int
) -> LedgerTransaction:
    """Captured money that nobody waited for belongs to the customer until it is decided."""
    amounts = [*_received(means, amount, payment.currency, now_ms), (customer(payment), -amount)]
    return _of(payment, f"late:{means.id}:{total}", "late_money", amounts)


def capture_undone(
    payment: StoredPayment, means: StoredMeans, after: Sequence[StoredShare], amount: int, *, key: str
) -> LedgerTransaction:
    """The shares give captured money back to the customer, because another means was refused. ``key``: of that operation."""
    divided = share_amounts(payment.shares, after)
    rest = amount - sum(value for _, value in divided)
    amounts = [*divided, ("platform", rest), (customer(payment), -amount)]
    return _of(payment, f"capture_undone:{means.id}:{key}", "capture_undone", amounts)


def late_accepted(payment: StoredPayment, after: Sequence[StoredShare], amount: int, *, key: str) -> LedgerTransaction:
    """The shares get late money. ``key``: of the operation that would have refunded it."""
    divided = share_amounts(payment.shares, after)
    rest = -amount - sum(value for _, value in divided)
    return _of(
        payment, f"late_accepted:{key}", "late_accepted", [(customer(payment), amount), *divided, ("platform", rest)]
    )


def refund_asked(
    payment: StoredPayment, means: StoredMeans, after: Sequence[StoredShare], amount: int, *, key: str
) -> LedgerTransaction:
    """The shares give ``amount`` back; the provider has not confirmed it yet. ``key``: of the operation."""
    divided = share_amounts(payment.shares, after)
    rest = amount - sum(value for _, value in divided)
    amounts = [*divided, ("platform", rest), (f"refunds:{means.provider}", -amount)]
    return _of(payment, f"refund_asked:{key}", "refund_asked", amounts)


def late_refund_asked(payment: StoredPayment, means: StoredMeans, amount: int, *, key: str) -> LedgerTransaction:
    amounts = [(customer(payment), amount), (f"refunds:{means.provider}", -amount)]
    return _of(payment, f"refund_asked:{key}", "refund_asked", amounts)


def refund_refused(
    payment: StoredPayment, means: StoredMeans, after: Sequence[StoredShare], amount: int, *, key: str
) -> LedgerTransaction:
    """The opposite of ``refund_asked``, of the part that was not given back otherwise."""
    divided = share_amounts(payment.shares, after)
    rest = -amount - sum(value for _, value in divided)
    amounts = [(f"refunds:{means.provider}", amount), *divided, ("platform", rest)]
    return _of(payment, f"refund_refused:{key}", "refund_refused", amounts)


def late_refund_refused(payment: StoredPayment, means: StoredMeans, amount: int, *, key: str) -> LedgerTransaction:
    amounts = [(f"refunds:{means.provider}", amount), (customer(payment), -amount)]
    return _of(payment, f"refund_refused:{key}", "refund_refused", amounts)


def refund_settled(payment: StoredPayment, means: StoredMeans, amount: int, *, total: int) -> LedgerTransaction:
    """The provider has given back what was asked. ``total``: refunded in all."""
    amounts = [(f"refunds:{means.provider}", amount), (holder(means), -amount)]
    return _of(payment, f"refund_settled:{means.id}:{total}", "refund_settled", amounts)


def refund_unasked(
    payment: StoredPayment,
    means: StoredMeans,
    after: Sequence[StoredShare],
    amount: int,
    *,
    late: int,
    total: int,
) -> LedgerTransaction:
    """The provider has given back what nobody asked it to; ``late`` of it was late money."""
    divided = share_amounts(payment.shares, after)
    rest = amount - late - sum(value for _, value in divided)
    amounts = [*divided, ("platform", rest), (customer(payment), late), (holder(means), -amount)]
    return _of(payment, f"refund_unasked:{means.id}:{total}", "refund_unasked", amounts)


def held(payment: StoredPayment, means: StoredMeans) -> LedgerTransaction:
    """A payment holds what a gift card or store credit pays."""
    amounts = [(holder(means), means.amount), (f"held:{means.id}", -means.amount)]
    return _of(payment, f"held:{means.id}", "held", amounts)


def unheld(payment: StoredPayment, means: StoredMeans, amount: int) -> LedgerTransaction:
    """What is not captured goes back."""
    amounts = [(f"held:{means.id}", amount), (holder(means), -amount)]
    return _of(payment, f"unheld:{means.id}", "unheld", amounts)


def _dispute(payment: StoredPayment, means: StoredMeans, dispute: ProviderDispute, kind: str) -> str:
    return f"{kind}:{means.provider}:{dispute.id}"


def dispute_opened(payment: StoredPayment, means: StoredMeans, dispute: ProviderDispute) -> LedgerTransaction:
    """The provider holds the money back."""
    amounts = [(f"disputes:{means.provider}", dispute.amount), (holder(means), -dispute.amount)]
    return _of(payment, _dispute(payment, means, dispute, "dispute_opened"), "dispute_opened", amounts)


def dispute_won(payment: StoredPayment, means: StoredMeans, dispute: ProviderDispute) -> LedgerTransaction:
    amounts = [(holder(means), dispute.amount), (f"disputes:{means.provider}", -dispute.amount)]
    return _of(payment, _dispute(payment, means, dispute, "dispute_won"), "dispute_won", amounts)


def dispute_reopened(payment: StoredPayment, means: StoredMeans, dispute: ProviderDispute) -> LedgerTransaction:
    """A dispute that was won is lost after all: the provider takes the money again."""
    amounts = [(f"disputes:{means.provider}", dispute.amount), (holder(means), -dispute.amount)]
    return _of(payment, _dispute(payment, means, dispute, "dispute_reopened"), "dispute_reopened", amounts)


def dispute_lost(
    payment: StoredPayment, means: StoredMeans, after: Sequence[StoredShare], dispute: ProviderDispute
) -> LedgerTransaction:
    """The shares bear it."""
    divided = share_amounts(payment.shares, after)
    rest = dispute.amount - sum(value for _, value in divided)
    amounts = [*divided, ("platform", rest), (f"disputes:{means.provider}", -dispute.amount)]
    return _of(payment, _dispute(payment, means, dispute, "dispute_lost"), "dispute_lost", amounts)


def gift_card_issued(gift_card: str, amount: int, currency: str) -> LedgerTransaction:
    """The shop owes the card's bearer."""
    amounts = [("platform", amount), (f"gift_card:{gift_card}", -amount)]
    return transaction(f"gift_card_issued:{gift_card}", "gift_card_issued", f"gift_card:{gift_card}", currency, amounts)


def store_credit_granted(grant: str, customer_id: str, amount: int, currency: str) -> LedgerTransaction:
    """The shop owes a customer. ``grant``: id of the grant."""
    amounts = [("platform", amount), (f"store_credit:{customer_id}", -amount)]
    return transaction(
        f"store_credit:{grant}", "store_credit_granted", f"store_credit:{customer_id}", currency, amounts
    )
