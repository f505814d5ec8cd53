"""What lines of a settlement file settle of payments, and what does not fit."""

from collections.abc import Iterator, Mapping

import msgspec

from renga.domains.payments.contract.settlements import DifferenceKind, ReconciliationDifference, SettlementLine
from renga.domains.payments.finance.model.settlement_entries import owed_accounts


class SettledMeans(msgspec.Struct, frozen=True, kw_only=True):
    """A means, and how much of it settlement files have settled so far. ``owed``: what is left by ledger account."""

    reference: str
    currency: str
    captured: int
    refunded: int
    settled_captured: int
    settled_refunded: int
    owed: Mapping[str, int]


class SettlementMatching:
    """Settles lines one after the other; ``means`` are those of the lines, by the provider's id."""

    def __init__(self, provider: str, means: Mapping[str, SettledMeans]) -> None:
        self._provider = provider
        self._means = dict(means)
        self._owed = {ref: dict(one.owed) for ref, one in means.items()}

    def reference_of(self, line: SettlementLine) -> str | None:
        """The reference of the line's payment; None: nobody knows the payment."""
        known = self._means.get(line.ref)
        return None if known is None else known.reference

    def difference(
        self,
        line: SettlementLine,
        kind: DifferenceKind,
        what: str,
        *,
        there: int | None = None,
        here: int | None = None,
    ) -> ReconciliationDifference:
        return ReconciliationDifference(
            kind=kind, provider=self._provider, ref=line.ref, what=what, currency=line.currency, there=there, here=here,
            reference=self.reference_of(line) or "", line=line.id,
        )  # fmt: skip

    def settle(self, line: SettlementLine) -> Iterator[ReconciliationDifference]:
        """What does not fit; the line counts from now on."""
        known = self._means.get(line.ref)
        if known is None:
            yield self.difference(line, "missing_here", "payment", there=line.gross)
            return
        if known.currency != line.currency:
            yield self.difference(line, "amount_differs", "currency", there=line.gross)
            return
        if line.kind == "capture":
            self._means[line.ref] = known = msgspec.structs.replace(
                known, settled_captured=known.settled_captured + line.gross
            )
            if known.settled_captured > known.captured:
                yield self.difference(
                    line, "settled_twice", "captured", there=known.settled_captured, here=known.captured
                )
        if line.kind == "refund":
            self._means[line.ref] = known = msgspec.structs.replace(
                known, settled_refunded=known.settled_refunded - line.gross
            )
            if known.settled_refunded > known.refunded:
                yield self.difference(
                    line, "settled_twice", "refunded", there=known.settled_refunded, here=known.refunded
                )

    def accounts(self, line: SettlementLine) -> list[tuple[str, int]]:
        """The accounts that the line's gross leaves."""
        owed = self._owed.get(line.ref, {})
        parts = owed_accounts(self._provider, line.gross, line.of, owed)
        for account, amount in parts:
            if account in owed:
                owed[account] -= amount
        return parts
