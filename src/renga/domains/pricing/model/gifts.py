"""Lines that promotions add for nothing."""

from collections.abc import Mapping, Sequence
from datetime import date

from renga.domains.pricing.contract import OfferFacts, PricingPolicy
from renga.domains.pricing.model.gift_stock import GiftStock
from renga.domains.pricing.model.items import PricedItem, UnitPrice, unit_price
from renga.domains.pricing.model.line_pricing import price_reasons
from renga.domains.pricing.model.priced import PricedDiscount, PricedLine
from renga.domains.pricing.model.remaining import AppliedPromotion


def available_gifts(offers: Mapping[str, OfferFacts], items: Sequence[PricedItem]) -> dict[str, GiftStock]:
    """What is left of each sku that is sold, after the lines."""
    used = {item.sku: item.milli for item in items}
    return {
        sku: GiftStock(
            facts.merchant, None if facts.available_milli is None else facts.available_milli - used.get(sku, 0)
        )
        for sku, facts in offers.items()
        if facts.sold
    }


def gift_lines(
    applied: Sequence[AppliedPromotion],
    offers: Mapping[str, OfferFacts],
    currency: str,
    policy: PricingPolicy,
    today: date,
) -> list[PricedLine]:
    """One line per gift: at its price, all of which is taken off."""
    lines = []
    for use, application in enumerate(applied):
        promotion = application.compiled.id
        for number, (sku, units) in enumerate(application.gifts):
            price = unit_price(offers[sku], units, currency, policy, today) or UnitPrice(0, 0, 0)
            lines.append(_gift_line(f"gift:{promotion}:{number}", offers[sku], units, price, use))
    return lines


def _gift_line(name: str, facts: OfferFacts, units: int, price: UnitPrice, use: int) -> PricedLine:
    amount = price.amount * units
    return PricedLine(
        line=name,
        sku=facts.sku,
        title=facts.title,
        milli=units * 1000,
        asked_milli=units * 1000,
        was=None,
        now=price.amount,
        change=None,
        subtotal=amount,
        net=0,
        discounts=(PricedDiscount(use, amount),) if amount else (),
        reasons=price_reasons(price, units * 1000, amount),
        facts=facts,
        gift=True,
    )
