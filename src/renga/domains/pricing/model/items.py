"""Lines of one sku together: granted quantity, price for that quantity, and what changed since the cart was filled.

Everything is calculated per sku and then allocated to its lines, so that splitting a line in two changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from renga.domains.pricing.contract import (
    QUANTITY_MILLI_MAX,
    QUOTE_LINES_MAX,
    LineToPrice,
    OfferFacts,
    PriceRow,
    PricingPolicy,
    QuoteQuantityInvalid,
    QuoteTooLarge,
)
from renga.domains.pricing.model.amounts import WHOLE_MILLI, priced
from renga.domains.pricing.model.currency import converted, rate_text, usable_rate


class UnitPrice(msgspec.Struct, frozen=True, gc=False):
    """Today's price of one unit: ``single`` is that for one unit, ``plain`` that without conditions."""

    amount: int
    single: int
    plain: int
    conversion: str = ""


class PricedItem(msgspec.Struct, frozen=True, gc=False):
    """One sku: its lines by id with their granted quantities, and what it costs before discounts."""

    sku: str
    facts: OfferFacts
    lines: tuple[tuple[LineToPrice, int], ...]
    milli: int
    units: int
    price: UnitPrice
    amount: int


class MissingLine(msgspec.Struct, frozen=True, gc=False):
    """A line that cannot be sold now."""

    line: LineToPrice
    facts: OfferFacts | None


def checked_lines(lines: Sequence[LineToPrice]) -> None:
    """Raises QuoteTooLarge, QuoteQuantityInvalid."""
    if len(lines) > QUOTE_LINES_MAX:
        raise QuoteTooLarge(f"a quote has at most {QUOTE_LINES_MAX} lines", limit=QUOTE_LINES_MAX)
    for line in lines:
        if not 0 < line.quantity_milli <= QUANTITY_MILLI_MAX:
            raise QuoteQuantityInvalid(f"the quantity of line {line.line!r} is out of range", line=line.line)
    if len({line.line for line in lines}) < len(lines):
        raise QuoteQuantityInvalid("two lines have the same id")


def items_of(
    lines: Sequence[LineToPrice], offers: Mapping[str, OfferFacts], currency: str, policy: PricingPolicy, today: date
) -> tuple[list[PricedItem], list[MissingLine]]:
    """Items by sku and lines that cannot be sold, both independent of the order of the lines."""
    by_sku: dict[str, list[LineToPrice]] = {}
    for line in sorted(lines, key=lambda one: one.line):
        by_sku.setdefault(line.sku, []).append(line)
    items, missing = [], []
    for sku in sorted(by_sku):
        facts = offers.get(sku)
        item = _item(facts, by_sku[sku], currency, policy, today) if facts is not None else None
        if item is not None:
            items.append(item)
            gone: Iterable[LineToPrice] = (line for line, milli in item.lines if milli == 0)
            missing += [MissingLine(line, facts) for line in gone]
        else:
            missing += [MissingLine(line, facts) for line in by_sku[sku]]
    return items, missing


def _item(
    facts: OfferFacts, lines: list[LineToPrice], currency: str, policy: PricingPolicy, today: date
) -> PricedItem | None:
    granted = _granted(facts, lines)
    milli = sum(quantity for _, quantity in granted)
    if not facts.sold or milli == 0:
        return None
    price = unit_price(facts, milli // WHOLE_MILLI, currency, policy, today)
    if price is None:
        return None
    amount = priced(price.amount, milli)
    return PricedItem(facts.sku, facts, tuple(granted), milli, milli // WHOLE_MILLI, price, amount)


def _granted(facts: OfferFacts, lines: list[LineToPrice]) -> list[tuple[LineToPrice, int]]:
    left = facts.available_milli
    if left is None:
        return [(line, line.quantity_milli) for line in lines]
    granted = []
    for line in lines:
        # a line of whole units stays one
        step = WHOLE_MILLI if line.quantity_milli % WHOLE_MILLI == 0 else 1
        quantity = min(line.quantity_milli, max(left, 0) // step * step)
        left -= quantity
        granted.append((line, quantity))
    return granted


def unit_price(facts: OfferFacts, units: int, currency: str, policy: PricingPolicy, today: date) -> UnitPrice | None:
    """The price of one unit if this many whole units are bought; None if it is not sold in the currency."""
    single = _row(facts.rows, 1)
    row = _row(facts.rows, max(units, 1))
    if row is None:
        return None
    if row.currency in (None, currency):
        alone = single.amount if single is not None and single.currency == row.currency else row.amount
        return UnitPrice(row.amount, alone, facts.plain if facts.plain is not None else alone)
    rate = usable_rate(policy.rates, row.currency or "", currency, today, days_max=policy.rate_days_max)
    if rate is None:
        return None
    amount = converted(row.amount, rate)
    alone = converted(single.amount, rate) if single is not None and single.currency == row.currency else amount
    return UnitPrice(amount, alone, alone, rate_text(rate))


def _row(rows: Sequence[PriceRow], units: int) -> PriceRow | None:
    best = None
    for row in rows:
        if row.min_quantity <= units and (best is None or row.min_quantity > best.min_quantity):
            best = row
    return best
