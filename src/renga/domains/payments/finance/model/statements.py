"""The lines of a merchant's statement, from entries of the merchant's ledger account."""

from collections.abc import Iterable, Mapping

import msgspec

from renga.domains.payments.contract.payouts import StatementKind

#: Kinds of ledger transactions that payouts make; they are no lines: a payout belongs to the statement of its period.
PAYOUT, PAYOUT_RETURNED = "payout", "payout_returned"

#: What an entry is, by the kind of its transaction: first if the merchant gets it (credit), then if it is taken (debit).
#: Of a capture the sale is a credit and the commission a debit; what takes either back has the other sign.
_LINES: Mapping[str, tuple[StatementKind, StatementKind]] = {
    "capture": ("sale", "commission"),
    "late_accepted": ("sale", "commission"),
    "capture_undone": ("commission", "refund"),
    "refund_unasked": ("commission", "refund"),
    "refund_asked": ("commission", "refund"),
    "refund_refused": ("refund", "commission"),
    "dispute_lost": ("commission", "dispute"),
    PAYOUT_RETURNED: ("payout_returned", "adjustment"),
}
#: Kinds whose debits lower what can be paid out as soon as they happen.
TAKING_BACK = frozenset({"capture_undone", "refund_asked", "refund_refused", "refund_unasked", "dispute_lost"})
#: Kinds whose credits are sales, which stay back until they are available.
SELLING = frozenset({"capture", "late_accepted"})


def line_kind(transaction_kind: str, amount: int) -> StatementKind:
    """``amount`` as in the ledger: a credit of the merchant is negative."""
    credit, debit = _LINES.get(transaction_kind, ("adjustment", "adjustment"))
    return credit if amount < 0 else debit


class LedgerGroup(msgspec.Struct, frozen=True):
    """The sum of the entries of one kind of transaction with one sign, as in the ledger."""

    kind: str
    amount: int


class StatementSums(msgspec.Struct, frozen=True, kw_only=True):
    """What a merchant got (positive) and lost between two days, in minor units."""

    sale: int = 0
    commission: int = 0
    refund: int = 0
    dispute: int = 0
    adjustment: int = 0
    payout_returned: int = 0

    @property
    def total(self) -> int:
        return self.sale + self.commission + self.refund + self.dispute + self.adjustment + self.payout_returned


def statement_sums(groups: Iterable[LedgerGroup]) -> StatementSums:
    """The sums of a statement; payouts themselves are left out."""
    sums: dict[str, int] = {}
    for group in groups:
        if group.kind != PAYOUT:
            name = line_kind(group.kind, group.amount)
            sums[name] = sums.get(name, 0) - group.amount
    return msgspec.convert(sums, StatementSums)
