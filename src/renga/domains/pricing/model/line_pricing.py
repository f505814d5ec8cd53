"""From items back to lines: exact shares of amounts and discounts, changes since the cart, reasons for every amount."""

from collections.abc import Sequence

from renga.domains.pricing.contract import LineChange, LineToPrice, ReasonKind
from renga.domains.pricing.model.amounts import allocate, priced
from renga.domains.pricing.model.items import MissingLine, PricedItem, UnitPrice
from renga.domains.pricing.model.priced import PricedDiscount, PricedLine, PricedReason

#: Discounts of one item, in order of application.
ItemDiscounts = Sequence[PricedDiscount]


def lines_of_item(item: PricedItem, discounts: ItemDiscounts) -> list[PricedLine]:
    """The item's lines that are sold. Later lines do not pay for the rounding of earlier ones: all shares add up."""
    if len(item.lines) == 1:
        line, milli = item.lines[0]
        return [_line(item, line, milli, item.amount, discounts)]
    sold = [(line, milli) for line, milli in item.lines if milli]
    subtotals = allocate(item.amount, [milli for _, milli in sold])
    left, shares = list(subtotals), []
    for one in discounts:
        parts = allocate(one.amount, left)
        left = [before - part for before, part in zip(left, parts, strict=True)]
        shares.append((one.use, parts))
    return [
        _line(item, line, milli, subtotals[n], [PricedDiscount(use, parts[n]) for use, parts in shares if parts[n]])
        for n, (line, milli) in enumerate(sold)
    ]  # fmt: skip


def _line(
    item: PricedItem,
    line: LineToPrice,
    milli: int,
    subtotal: int,
    discounts: ItemDiscounts,
) -> PricedLine:
    return PricedLine(
        line=line.line,
        sku=line.sku,
        title=item.facts.title,
        milli=milli,
        asked_milli=line.quantity_milli,
        was=line.unit_price,
        now=item.price.amount,
        change=_change(line, milli, item.price.amount),
        subtotal=subtotal,
        net=subtotal - sum(one.amount for one in discounts),
        discounts=tuple(discounts),
        reasons=price_reasons(item.price, milli, subtotal),
        facts=item.facts,
    )


def _change(line: LineToPrice, milli: int, now: int) -> LineChange | None:
    if milli < line.quantity_milli:
        return "quantity_reduced"
    if line.unit_price is None or line.unit_price == now:
        return None
    return "price_up" if now > line.unit_price else "price_down"


def price_reasons(price: UnitPrice, milli: int, subtotal: int) -> tuple[PricedReason, ...]:
    """Base price, list price, quantity break, rounding: they add up to the subtotal."""
    plain = priced(price.plain, milli)
    base = PricedReason("conversion" if price.conversion else "base", plain, text=price.conversion)
    if price.amount == price.plain == price.single and plain == subtotal:
        return (base,)
    single, amount = priced(price.single, milli), priced(price.amount, milli)
    steps: tuple[tuple[ReasonKind, int], ...] = (
        ("price_list", single - plain),
        ("quantity_break", amount - single),
        ("rounding", subtotal - amount),
    )
    return (base, *(PricedReason(kind, step) for kind, step in steps if step))


def missing_line(missing: MissingLine) -> PricedLine:
    """A line that cannot be sold now: it costs nothing."""
    line, facts = missing.line, missing.facts
    return PricedLine(
        line=line.line,
        sku=line.sku,
        title=facts.title if facts is not None else "",
        milli=0,
        asked_milli=line.quantity_milli,
        was=line.unit_price,
        now=None,
        change="unavailable",
        subtotal=0,
        net=0,
        discounts=(),
        reasons=(),
        facts=facts,
    )
