"""One line of the quote."""

from collections.abc import Mapping, Sequence

from renga.domains.pricing.contract import (
    MeasurePrice,
    QuoteDiscount,
    QuoteLine,
    QuoteReason,
    QuoteTax,
    ReasonKind,
    TaxedAmount,
    TaxRelief,
    UnitMeasure,
)
from renga.domains.pricing.model.amounts import WHOLE_MILLI, half_up
from renga.domains.pricing.model.priced import Priced, PricedDiscount, PricedLine, PricedReason
from renga.domains.pricing.model.taxables import LINE
from renga.kernel.money import Money

_RELIEF_NAMES: Mapping[str, str] = {"exempt": "Tax exemption", "reverse_charge": "Reverse charge"}


def line_quote(
    line: PricedLine, priced: Priced, taxed: Mapping[str, TaxedAmount], relief: TaxRelief | None
) -> QuoteLine:
    """With its taxes, discounts and reasons."""
    currency, facts = priced.currency, line.facts
    own = taxed.get(LINE + line.line)
    gross, tax, relieved = (own.gross, own.gross - own.net, own.relieved) if own else (0, 0, 0)
    unit = half_up(line.net * WHOLE_MILLI, line.milli) if line.milli else 0
    compare_at = _above(facts.compare_at, line.now) if facts else None
    return QuoteLine(
        line=line.line,
        sku=line.sku,
        title=line.title,
        quantity=units(line.milli),
        asked=units(line.asked_milli),
        was=_money(line.was, currency),
        now=_money(line.now, currency),
        change=line.change,
        discounts=discount_quotes(line.discounts, priced, relieved, relief),
        unit_price=Money(unit, currency),
        tax=Money(tax, currency),
        total=Money(gross, currency),
        merchant=facts.merchant if facts else "",
        taxes=tax_quotes(own, currency),
        compare_at=_money(compare_at, currency),
        lowest_30_days=_money(facts.lowest_30_days if facts and compare_at is not None else None, currency),
        measure_price=measure_price(facts.measure, line, currency) if facts and facts.measure else None,
        gift=line.gift,
        why=reason_quotes(line.reasons, line.discounts, own, priced, relief, gift=line.gift),
    )


def units(milli: int) -> int | float:
    """Thousandths as units: 3000 is 3, 250 is 0.25."""
    whole, rest = divmod(milli, WHOLE_MILLI)
    return milli / WHOLE_MILLI if rest else whole


def _money(amount: int | None, currency: str) -> Money | None:
    return None if amount is None else Money(amount, currency)


def _above(compare_at: int | None, now: int | None) -> int | None:
    """A price is struck through only above the price that is asked."""
    return compare_at if compare_at is not None and now is not None and compare_at > now else None


def measure_price(measure: UnitMeasure, line: PricedLine, currency: str) -> MeasurePrice | None:
    """What a kg, l, m … costs after discounts."""
    if not line.milli:
        return None
    amount = half_up(line.net * WHOLE_MILLI * measure.parts, line.milli * measure.content)
    return MeasurePrice(price=Money(amount, currency), per=measure.per)


def discount_quotes(
    discounts: Sequence[PricedDiscount], priced: Priced, relieved: int, relief: TaxRelief | None
) -> tuple[QuoteDiscount, ...]:
    """Shares of promotions, and the included tax that is not due."""
    if not discounts and not relieved:
        return ()
    currency, uses, found = priced.currency, priced.uses, []
    for one in discounts:
        use = uses[one.use]
        found.append(QuoteDiscount(Money(one.amount, currency), use.promotion, use.name, use.code, use.funded_by))
    if relieved:
        found.append(QuoteDiscount(amount=Money(relieved, currency), name=_RELIEF_NAMES.get(relief or "", "")))
    return tuple(found)


def tax_quotes(taxed: TaxedAmount | None, currency: str) -> tuple[QuoteTax, ...]:
    """Every tax of a line or delivery."""
    return tuple(
        QuoteTax(
            name=part.name,
            jurisdiction=part.jurisdiction,
            net=Money(part.net, currency),
            tax=Money(part.tax, currency),
            rate_ppm=part.rate_ppm,
        )
        for part in (taxed.parts if taxed else ())
    )


def reason_quotes(
    reasons: Sequence[PricedReason],
    discounts: Sequence[PricedDiscount],
    taxed: TaxedAmount | None,
    priced: Priced,
    relief: TaxRelief | None,
    *,
    gift: bool = False,
) -> tuple[QuoteReason, ...]:
    """The steps up to the total: prices and discounts, then what taxes add or relief takes off."""
    currency = priced.currency
    steps = [QuoteReason(one.kind, Money(one.amount, currency), one.id, one.text) for one in reasons]
    for one in discounts:
        use = priced.uses[one.use]
        kind: ReasonKind = "gift" if gift else "promotion" if use.code is None else "coupon"
        steps.append(QuoteReason(kind, Money(-one.amount, currency), use.promotion, use.name, use.code))
    if taxed is not None and taxed.relieved:
        text = _RELIEF_NAMES.get(relief or "", "")
        steps.append(QuoteReason(kind="tax_relief", amount=Money(-taxed.relieved, currency), text=text))
    if taxed is not None and not priced.tax_request.prices_include_tax:
        steps += [
            QuoteReason(kind="tax", amount=Money(part.tax, currency), id=part.jurisdiction, text=part.name)
            for part in taxed.parts
        ]
    return tuple(steps)
