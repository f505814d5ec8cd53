"""The second step of a quote: adds the taxes. Pure."""

from collections.abc import Mapping, Sequence

from renga.domains.pricing.contract import (
    Quote,
    QuoteAllocation,
    QuoteCharge,
    QuoteLine,
    QuotePromotion,
    QuoteTax,
    QuoteTotal,
    TaxAnswer,
    TaxedAmount,
    TotalType,
)
from renga.domains.pricing.model.charge_quotes import charge_quote, surcharge_quotes
from renga.domains.pricing.model.currency import cash_rounding
from renga.domains.pricing.model.line_quotes import line_quote
from renga.domains.pricing.model.priced import Priced
from renga.domains.pricing.model.tax_answers import checked_answer
from renga.domains.pricing.model.taxables import SHIPPING
from renga.kernel.money import Money

#: Changes that a buyer has to agree to.
WORSE = ("price_up", "unavailable", "quantity_reduced")


def with_tax(priced: Priced, answer: TaxAnswer) -> Quote:
    """The quote. Raises TaxAnswerInvalid if the answer does not fit the question."""
    taxed = checked_answer(priced.tax_request, answer)
    currency, included = priced.currency, priced.tax_request.prices_include_tax
    sums = _sums(priced, list(taxed.values()), included)
    total = sums["subtotal"] - sums["discount"] + sums["shipping"] + sums["tax"] + sums["surcharge"]
    tax = sum(one.gross - one.net for one in taxed.values())
    coin = cash_rounding(total, currency) if priced.cash else 0
    lines = tuple(line_quote(line, priced, taxed, answer.relief) for line in priced.lines)
    deliveries = tuple(charge_quote(one, priced, taxed[SHIPPING + one.charge.id], answer) for one in priced.charges)
    return Quote(
        currency=currency,
        lines=lines,
        totals=_totals(sums, total, currency, shipped=bool(priced.charges), taxed=not included),
        subtotal=Money(sums["subtotal"], currency),
        discounts=Money(sums["discount"], currency),
        shipping=Money(sums["shipping"], currency),
        tax=Money(sums["tax"], currency),
        surcharge=Money(sums["surcharge"], currency),
        total=Money(total, currency),
        tax_included=Money(tax if included else 0, currency),
        rounding=Money(coin, currency),
        due=Money(total + coin, currency),
        consent_required=any(line.change in WORSE for line in priced.lines),
        prices_include_tax=included,
        taxes=tax_summary(list(taxed.values()), currency),
        deliveries=deliveries,
        surcharges=surcharge_quotes(priced, taxed, answer),
        promotions=_promotions(priced, lines, deliveries),
        coupons=priced.coupons,
        relief=answer.relief,
        notes=answer.notes,
        approximated=priced.approximated,
        tax_request=priced.tax_request,
        tax_answer=answer,
    )


def _sums(priced: Priced, amounts: Sequence[TaxedAmount], included: bool) -> dict[str, int]:
    discounts = sum(line.subtotal - line.net for line in priced.lines)
    discounts += sum(one.charge.amount - one.net for one in priced.charges)
    return {
        "subtotal": sum(line.subtotal for line in priced.lines),
        "discount": discounts + sum(one.relieved for one in amounts),
        "shipping": sum(one.charge.amount for one in priced.charges),
        "tax": 0 if included else sum(one.gross - one.net for one in amounts),
        "surcharge": priced.surcharge,
    }


def _totals(
    sums: Mapping[str, int], total: int, currency: str, *, shipped: bool, taxed: bool
) -> tuple[QuoteTotal, ...]:
    steps: list[tuple[TotalType, int, bool]] = [
        ("subtotal", sums["subtotal"], True),
        ("discount", -sums["discount"], sums["discount"] > 0),
        ("shipping", sums["shipping"], shipped),
        ("tax", sums["tax"], taxed),
        ("surcharge", sums["surcharge"], sums["surcharge"] > 0),
        ("total", total, True),
    ]
    return tuple(QuoteTotal(type=kind, amount=Money(amount, currency)) for kind, amount, shown in steps if shown)


def tax_summary(taxed: Sequence[TaxedAmount], currency: str) -> tuple[QuoteTax, ...]:
    """Per tax and rate: the sums of nets and taxes."""
    sums: dict[tuple[str, str, int], list[int]] = {}
    for one in taxed:
        for part in one.parts:
            key = (part.jurisdiction, part.name, -1 if part.rate_ppm is None else part.rate_ppm)
            found = sums.setdefault(key, [0, 0])
            found[0] += part.net
            found[1] += part.tax
    return tuple(
        QuoteTax(
            name=name,
            jurisdiction=jurisdiction,
            rate_ppm=None if ppm < 0 else ppm,
            net=Money(net, currency),
            tax=Money(tax, currency),
        )
        for (jurisdiction, name, ppm), (net, tax) in sorted(sums.items())
    )


def _promotions(
    priced: Priced, lines: Sequence[QuoteLine], deliveries: Sequence[QuoteCharge]
) -> tuple[QuotePromotion, ...]:
    """The promotions in the order of their application, with the shares that lines and deliveries show."""
    found: list[list[QuoteAllocation]] = [[] for _ in priced.uses]
    sums, shipping = [0] * len(priced.uses), [0] * len(priced.uses)
    for line, shown in zip(priced.lines, lines, strict=True):
        for one, quoted in zip(line.discounts, shown.discounts, strict=False):
            found[one.use].append(QuoteAllocation(line.line, quoted.amount))
            sums[one.use] += one.amount
    for charge, shown_charge in zip(priced.charges, deliveries, strict=True):
        for one, quoted in zip(charge.discounts, shown_charge.discounts, strict=False):
            found[one.use].append(QuoteAllocation(SHIPPING + charge.charge.id, quoted.amount))
            shipping[one.use] += one.amount
    return tuple(
        QuotePromotion(
            promotion=use.promotion,
            name=use.name,
            group=use.group,
            amount=Money(sums[n] + shipping[n], priced.currency),
            shipping=Money(shipping[n], priced.currency),
            allocations=tuple(found[n]),
            code=use.code,
            merchant=use.merchant,
            funded_by=use.funded_by,
        )
        for n, use in enumerate(priced.uses)
    )
