"""Deliveries and surcharges of the quote."""

from collections.abc import Mapping

from renga.domains.pricing.contract import QuoteCharge, TaxAnswer, TaxedAmount
from renga.domains.pricing.model.line_quotes import discount_quotes, reason_quotes, tax_quotes
from renga.domains.pricing.model.priced import Priced, PricedCharge, PricedReason
from renga.domains.pricing.model.taxables import SURCHARGE
from renga.kernel.money import Money


def charge_quote(one: PricedCharge, priced: Priced, taxed: TaxedAmount, answer: TaxAnswer) -> QuoteCharge:
    """A delivery with its taxes, discounts and reasons."""
    currency, charge = priced.currency, one.charge
    return QuoteCharge(
        id=charge.id,
        title=charge.title,
        price=Money(charge.amount, currency),
        tax=Money(taxed.gross - taxed.net, currency),
        total=Money(taxed.gross, currency),
        merchant=charge.merchant,
        discounts=discount_quotes(one.discounts, priced, taxed.relieved, answer.relief),
        taxes=tax_quotes(taxed, currency),
        why=reason_quotes(one.reasons, one.discounts, taxed, priced, answer.relief),
    )


def surcharge_quotes(priced: Priced, taxed: Mapping[str, TaxedAmount], answer: TaxAnswer) -> tuple[QuoteCharge, ...]:
    """What the payment method costs, if it costs anything."""
    own = taxed.get(SURCHARGE)
    if own is None:
        return ()
    currency = priced.currency
    reasons = [PricedReason("surcharge", priced.surcharge, id=priced.surcharge_title)]
    return (
        QuoteCharge(
            id=priced.surcharge_title,
            title=priced.surcharge_title,
            price=Money(priced.surcharge, currency),
            tax=Money(own.gross - own.net, currency),
            total=Money(own.gross, currency),
            discounts=discount_quotes((), priced, own.relieved, answer.relief),
            taxes=tax_quotes(own, currency),
            why=reason_quotes(reasons, (), own, priced, answer.relief),
        ),
    )
