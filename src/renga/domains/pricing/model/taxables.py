"""The question to the tax provider: every amount after discounts."""

from collections.abc import Sequence

from renga.domains.pricing.contract import Taxable, TaxRequest
from renga.domains.pricing.model.priced import PricedCharge, PricedLine
from renga.domains.pricing.model.situation import Situation

#: Ids of taxables begin with what they are; a line's id may be anything.
LINE, SHIPPING, SURCHARGE = "line:", "shipping:", "surcharge"


def tax_request(
    situation: Situation, lines: Sequence[PricedLine], charges: Sequence[PricedCharge], surcharge: int
) -> TaxRequest:
    """Taxables are sorted by id, so that the order of the lines does not matter to any provider."""
    taxables = [_of_line(line) for line in lines if line.milli]
    taxables += [
        Taxable(id=SHIPPING + one.charge.id, kind="shipping", amount=one.net, merchant=one.charge.merchant)
        for one in charges
    ]
    if surcharge:
        taxables.append(Taxable(id=SURCHARGE, kind="surcharge", amount=surcharge))
    policy, verified = situation.policy, situation.terms.verified
    return TaxRequest(
        currency=situation.currency,
        taxables=tuple(sorted(taxables, key=lambda one: one.id)),
        destination=situation.destination,
        seller_country=policy.seller_country,
        date=situation.local.date().isoformat(),
        prices_include_tax=policy.prices_include_tax,
        rounding=policy.tax_rounding,
        shipping_tax=policy.shipping_tax,
        company=verified.company,
        tax_id=verified.tax_id,
        exemption=verified.exemption,
    )


def _of_line(line: PricedLine) -> Taxable:
    facts = line.facts
    return Taxable(
        id=LINE + line.line,
        kind="line",
        amount=line.net,
        sku=line.sku,
        quantity_milli=line.milli,
        merchant=facts.merchant if facts else None,
        category=facts.tax_category if facts else None,
        code=facts.tax_code if facts else None,
        weight_g=facts.weight_g if facts else None,
    )
