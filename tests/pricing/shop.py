"""A small shop for tests of pricing: offers, promotions, one call from lines to the quote."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from renga.domains.pricing.contract import (
    DEFAULT_POLICY,
    NO_TAXES,
    UNKNOWN_HISTORY,
    BuyerHistory,
    CouponClaim,
    Destination,
    LineToPrice,
    OfferFacts,
    PaymentChoice,
    PriceRow,
    PricingPolicy,
    Promotion,
    Quote,
    QuoteCharge,
    QuoteLine,
    ShippingCharge,
    TaxRate,
    TaxTables,
    TaxZone,
)
from renga.domains.pricing.model.pricing import price
from renga.domains.pricing.model.promotion_index import PromotionIndex
from renga.domains.pricing.model.quoting import with_tax
from renga.domains.pricing.model.tax_tables import table_taxes
from renga.kernel.buyer_terms import BuyerTerms
from renga.kernel.clock import from_rfc3339

#: A Friday, noon in São Paulo.
NOW = from_rfc3339("2026-11-27T15:00:00Z")
BRL = BuyerTerms(currency="BRL", country="BR")
GERMAN_TAX = TaxTables(
    zones=(TaxZone(id="DE", countries=("DE",)), TaxZone(id="FR", countries=("FR",))),
    rates=(
        TaxRate(zone="DE", category="standard", name="USt", rate_ppm=190_000),
        TaxRate(zone="DE", category="reduced", name="USt", rate_ppm=70_000),
        TaxRate(zone="FR", category="standard", name="TVA", rate_ppm=200_000),
        TaxRate(zone="FR", category="reduced", name="TVA", rate_ppm=55_000),
    ),
)
EUR = BuyerTerms(currency="EUR", country="DE")


def offer(sku: str, amount: int, **members: Any) -> OfferFacts:
    """A product of one sku at one price (``rows`` override it)."""
    given = {"title": sku.title(), "product_id": f"p-{sku}", "rows": (PriceRow(amount=amount),), **members}
    return OfferFacts(sku=sku, **given)


def line(sku: str, units: float = 1, *, name: str | None = None, was: int | None = None) -> LineToPrice:
    return LineToPrice(line=name or f"l-{sku}", sku=sku, quantity_milli=round(units * 1000), unit_price=was)


def promotion(name: str, *actions: Mapping[str, Any], **members: Any) -> Promotion:
    """A promotion as JSON would write it; its id is its name."""
    return msgspec.convert({"id": name, "name": name, "actions": list(actions), **members}, Promotion)


def percent(basis_points: int) -> dict[str, Any]:
    return {"type": "percent", "basis_points": basis_points}


def amount_off(amount: int, currency: str = "BRL", per: str = "order") -> dict[str, Any]:
    return {"type": "amount", "amounts": {currency: amount}, "per": per}


def on(*skus: str) -> dict[str, Any]:
    return {"type": "variants", "skus": list(skus)}


def delivery(amount: int, **members: Any) -> ShippingCharge:
    return ShippingCharge(**{"id": "d1", "option": "standard", "title": "Standard", "amount": amount, **members})


def quoted(
    lines: Sequence[LineToPrice],
    offers: Iterable[OfferFacts],
    promotions: PromotionIndex | Iterable[Promotion] = (),
    *,
    terms: BuyerTerms = BRL,
    coupons: Sequence[str | CouponClaim] = (),
    shipping: Sequence[ShippingCharge] = (),
    destination: Destination | None = None,
    payment: PaymentChoice | None = None,
    now_ms: int = NOW,
    policy: PricingPolicy = DEFAULT_POLICY,
    history: BuyerHistory = UNKNOWN_HISTORY,
    tables: TaxTables = NO_TAXES,
) -> Quote:
    """From lines to the quote, with the shop's own tax tables."""
    claims = [one if isinstance(one, CouponClaim) else CouponClaim(code=one) for one in coupons]
    by_sku = {one.sku: one for one in offers}
    priced = price(
        lines, by_sku, terms, promotions, claims, shipping, destination, payment, now_ms, policy=policy, history=history
    )
    return with_tax(priced, table_taxes(priced.tax_request, tables))


def discounts(quote: Quote) -> dict[str, int]:
    """The discount of each line."""
    return {one.line: sum(each.amount.amount for each in one.discounts) for one in quote.lines}


def used(quote: Quote) -> dict[str, int]:
    """The discount of each promotion that was applied."""
    return {one.promotion: one.amount.amount for one in quote.promotions}


def parts(quote: Quote) -> list[QuoteLine | QuoteCharge]:
    """Everything that has a price of its own."""
    return [*quote.lines, *quote.deliveries, *quote.surcharges]


def check_sums(quote: Quote) -> None:
    """Everything that must add up in any quote."""
    steps = {one.type: one.amount.amount for one in quote.totals}
    assert [one.type for one in quote.totals].count("total") == 1
    assert sum(amount for kind, amount in steps.items() if kind != "total") == steps["total"] == quote.total.amount
    flat = quote.subtotal.amount - quote.discounts.amount + quote.shipping.amount
    assert flat + quote.tax.amount + quote.surcharge.amount == quote.total.amount
    whole = parts(quote)
    assert sum(one.total.amount for one in whole) == quote.total.amount
    assert sum(one.tax.amount for one in whole) == quote.tax.amount + quote.tax_included.amount
    for one in whole:
        assert sum(why.amount.amount for why in one.why) == one.total.amount
        assert min(one.total.amount, one.tax.amount) >= 0
        assert all(each.amount.amount >= 0 for each in one.discounts)
    allocated = sum(each.amount.amount for one in whole for each in one.discounts)
    assert allocated == quote.discounts.amount
    check_taxes(quote)


def check_taxes(quote: Quote) -> None:
    """Per rate, nets and taxes of the lines are those of the summary; due is what coins can pay."""
    sums: dict[tuple[str, str, int | None], list[int]] = {}
    for one in parts(quote):
        for tax in one.taxes:
            found = sums.setdefault((tax.jurisdiction, tax.name, tax.rate_ppm), [0, 0])
            found[0] += tax.net.amount
            found[1] += tax.tax.amount
    assert sums == {(one.jurisdiction, one.name, one.rate_ppm): [one.net.amount, one.tax.amount] for one in quote.taxes}
    assert quote.due.amount == quote.total.amount + quote.rounding.amount
