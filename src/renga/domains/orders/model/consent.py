"""Whether a quote is worse than the one that the buyer agreed to. Only a worse total or line asks again."""

from typing import Literal

import msgspec

from renga.domains.orders.model.frozen_quote import FrozenQuote
from renga.domains.pricing.contract import QuoteLine
from renga.kernel.money import Money

DifferenceCode = Literal[
    "removed", "unavailable", "quantity_reduced", "price_up", "added", "total_up", "currency_changed"
]  # fmt: skip
#: What a quote protects from as long as it lives. Nothing else: what is gone is gone.
HONOURED: frozenset[DifferenceCode] = frozenset({"price_up", "total_up"})


class QuoteDifference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that is worse. ``was`` and ``now`` are totals (Money) of the line or of the quote, or quantities.

    ``line`` None: the quote as a whole.
    """

    code: DifferenceCode
    line: str | None = None
    sku: str | None = None
    was: Money | int | float | None = None
    now: Money | int | float | None = None


def worse(before: FrozenQuote, after: FrozenQuote) -> tuple[QuoteDifference, ...]:
    """What is worse in ``after``: lines in the order of ``before``, then new ones, then the total. Empty: nothing.

    A line is worse if it is gone, has fewer units, or if one unit costs more with discounts and tax. A line that was not shown
    is worse unless it costs nothing.
    """
    old, new = before.quote, after.quote
    if old.currency != new.currency:
        return (QuoteDifference(code="currency_changed", was=old.due, now=new.due),)
    now = {line.line: line for line in new.lines}
    found = [difference for line in old.lines if (difference := _line(line, now.get(line.line))) is not None]
    shown = {line.line for line in old.lines}
    found += [
        QuoteDifference(code="added", line=line.line, sku=line.sku, now=line.total)
        for line in new.lines
        if line.line not in shown and line.total.amount > 0
    ]
    if new.due.amount > old.due.amount:
        found.append(QuoteDifference(code="total_up", was=old.due, now=new.due))
    return tuple(found)


def settled(before: FrozenQuote, after: FrozenQuote, now_ms: int) -> tuple[FrozenQuote, tuple[QuoteDifference, ...]]:
    """The quote to order by, and what the buyer must agree to first (empty: nothing; then it may be ordered).

    A better one is applied. A dearer one is not, while the quote that was shown lives.
    """
    differences = worse(before, after)
    if not differences:
        return after, ()
    if before.live_at(now_ms) and all(one.code in HONOURED for one in differences):
        return before, ()
    return after, differences


def _line(before: QuoteLine, after: QuoteLine | None) -> QuoteDifference | None:
    if after is None:
        return None if not before.quantity else _named("removed", before, before.quantity, 0)
    was, now = _milli(before), _milli(after)
    if now < was:
        return _named("quantity_reduced" if now else "unavailable", before, before.quantity, after.quantity)
    # total / quantity, without a division; a line that was unavailable cost nothing
    if was and after.total.amount * was > before.total.amount * now:
        return _named("price_up", before, before.total, after.total)
    return None if was or not now else _named("added", before, before.total, after.total)


def _named(
    code: DifferenceCode, line: QuoteLine, was: Money | int | float, now: Money | int | float
) -> QuoteDifference:
    return QuoteDifference(code=code, line=line.line, sku=line.sku, was=was, now=now)


def _milli(line: QuoteLine) -> int:
    return round(line.quantity * 1000)
