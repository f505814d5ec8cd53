"""Use case: what lines cost now. Fresh offers, then promotions, then taxes; nothing is reserved."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from renga.domains.pricing.contract import (
    QUOTE_COUPONS_MAX,
    CouponClaim,
    OfferFacts,
    PricingPolicy,
    Quote,
    QuoteRequest,
    QuoteTooLarge,
)
from renga.domains.pricing.current_rules import ReadyRules
from renga.domains.pricing.dependencies import PricingDependencies
from renga.domains.pricing.model.coupon_codes import code_digest
from renga.domains.pricing.model.delivery_options import ChosenDelivery, delivery
from renga.domains.pricing.model.items import PricedItem, checked_lines, items_of
from renga.domains.pricing.model.pricing import price
from renga.domains.pricing.model.promotion_index import PromotionIndex, normalised_code
from renga.domains.pricing.model.quoting import with_tax
from renga.domains.pricing.model.situation import local_time
from renga.kernel.buyer_terms import checked_terms
from renga.kernel.destination import checked_destination

CODE_CHARS_MAX = 64


async def quote_lines(
    dependencies: PricingDependencies, request: QuoteRequest, *, rules: ReadyRules | None = None
) -> Quote:
    """``rules``: those to follow, None: the present ones.

    Raises TermsInvalid, UnknownCurrency, PostalCodeInvalid, QuoteTooLarge, QuoteQuantityInvalid, QuoteAmountTooLarge,
    ShippingOptionUnknown, TaxUnavailable, Unavailable.
    """
    terms = checked_terms(request.terms)
    checked_lines(request.lines)
    if request.destination is not None:
        checked_destination(request.destination)
    if len(request.coupons) > QUOTE_COUPONS_MAX:
        raise QuoteTooLarge(f"a quote has at most {QUOTE_COUPONS_MAX} coupon codes", limit=QUOTE_COUPONS_MAX)
    rules = rules or await dependencies.rules.now()
    policy, now_ms = rules.policy(terms.channel), dependencies.clock.now_ms()
    skus = sorted({line.sku for line in request.lines} | set(rules.gifts))
    bases = sorted({rate.base for rate in policy.rates if rate.quote == terms.currency})
    offers, claims, history = await asyncio.gather(
        dependencies.offers.offers(skus, terms, now_ms=now_ms, bases=bases, collections=rules.collections),
        coupon_claims(dependencies, request.coupons, rules.index),
        dependencies.history.history(request.customer),
    )
    shipping = await _shipping(dependencies, request, offers, policy, now_ms)
    priced = price(
        request.lines, offers, terms, rules.index, claims, shipping.charges, request.destination, request.payment, now_ms,
        policy=policy, history=history,
    )  # fmt: skip
    quote = with_tax(priced, await dependencies.taxes.tax(priced.tax_request))
    return msgspec.structs.replace(quote, ships=shipping.ships, delivery_options=shipping.options)


async def coupon_claims(
    dependencies: PricingDependencies, coupons: Sequence[str], index: PromotionIndex
) -> list[CouponClaim]:
    """Codes that no promotion lists itself are looked up among the single-use codes, all at once; only space is no code."""
    coupons = [code for code in coupons if code.strip()]
    short = [code for code in coupons if len(code.strip()) <= CODE_CHARS_MAX]
    single = {code: code_digest(code) for code in short if normalised_code(code) not in index.by_code}
    found = await dependencies.codes.find(sorted(set(single.values()))) if single else {}
    claims = []
    for code in coupons:
        known = found.get(single[code]) if code in single else None
        if known is None:
            claims.append(CouponClaim(code=code))
        else:
            refused = "coupon_used" if known.used else None
            claims.append(CouponClaim(code=code, promotion=known.promotion, refused=refused))
    return claims


async def _shipping(
    dependencies: PricingDependencies,
    request: QuoteRequest,
    offers: Mapping[str, OfferFacts],
    policy: PricingPolicy,
    now_ms: int,
) -> ChosenDelivery:
    """Nothing is shipped without a destination, or if nothing can be had to carry. Raises ShippingOptionUnknown."""
    today = local_time(policy, now_ms).date()
    items, _ = items_of(request.lines, offers, request.terms.currency, policy, today)
    weights = parcel_weights(items)
    if request.destination is None or not weights:
        return ChosenDelivery(ships=bool(weights))
    rates = await dependencies.shipping.rates(request.terms, request.destination, weights)
    return delivery(rates, request.shipping_option, request.terms.currency, today)


def parcel_weights(items: Sequence[PricedItem]) -> dict[str, int]:
    """Grams by merchant, of what can be had and is not digital."""
    weights: dict[str, int] = {}
    for item in items:
        facts = item.facts
        if not facts.digital:
            grams = (facts.weight_g or 0) * item.milli // 1000
            weights[facts.merchant] = weights.get(facts.merchant, 0) + grams
    return weights
