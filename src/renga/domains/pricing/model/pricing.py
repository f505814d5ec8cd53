"""The first step of a quote: prices, promotions, shipping. Pure: equal arguments give equal results, in any order of lines."""

from collections.abc import Iterable, Mapping, Sequence

from renga.domains.pricing.contract import (
    DEFAULT_POLICY,
    UNKNOWN_HISTORY,
    BuyerHistory,
    CouponClaim,
    LineToPrice,
    OfferFacts,
    PaymentChoice,
    PricingPolicy,
    Promotion,
    QuoteAmountTooLarge,
    QuoteCoupon,
    ShippingCharge,
)
from renga.domains.pricing.model.applying import Applying
from renga.domains.pricing.model.basket import PromotionBasket
from renga.domains.pricing.model.combining import Combination, Combining
from renga.domains.pricing.model.compiled import CompiledPromotion
from renga.domains.pricing.model.coupons import FoundCoupon, answered, found_coupons
from renga.domains.pricing.model.gifts import available_gifts, gift_lines
from renga.domains.pricing.model.items import MissingLine, PricedItem, checked_lines, items_of
from renga.domains.pricing.model.line_pricing import lines_of_item, missing_line
from renga.domains.pricing.model.priced import (
    Priced,
    PricedCharge,
    PricedDiscount,
    PricedLine,
    PricedReason,
    PromotionUsed,
)
from renga.domains.pricing.model.promotion_index import PromotionIndex
from renga.domains.pricing.model.remaining import AppliedPromotion
from renga.domains.pricing.model.situation import Situation
from renga.domains.pricing.model.taxables import tax_request
from renga.kernel.buyer_terms import BuyerTerms
from renga.kernel.destination import Destination
from renga.kernel.money import AMOUNT_MAX


def price(
    lines: Sequence[LineToPrice],
    offers: Mapping[str, OfferFacts],
    terms: BuyerTerms,
    promotions: PromotionIndex | Iterable[Promotion],
    coupons: Sequence[CouponClaim],
    shipping: Sequence[ShippingCharge],
    destination: Destination | None,
    payment: PaymentChoice | None,
    now_ms: int,
    *,
    policy: PricingPolicy = DEFAULT_POLICY,
    history: BuyerHistory = UNKNOWN_HISTORY,
) -> Priced:
    """``offers`` by sku (of gifts too); lines without an offer are unavailable.

    Raises QuoteTooLarge, QuoteQuantityInvalid, QuoteAmountTooLarge.
    """
    checked_lines(lines)
    index = promotions if isinstance(promotions, PromotionIndex) else PromotionIndex(promotions)
    situation = Situation(terms, destination, payment, history, policy, now_ms)
    items, missing = items_of(lines, offers, terms.currency, policy, situation.local.date())
    basket = PromotionBasket(items, sorted(shipping, key=lambda one: one.id))
    _checked_sum(basket)
    applying = Applying(basket, situation, available_gifts(offers, items))
    found = found_coupons(coupons, index, situation)
    best = _best(index, found, applying)
    applied = best.remaining.applied
    uses = _uses(applied, found)
    gifts = gift_lines(applied, offers, terms.currency, policy, situation.local.date())
    by_line = [*_sold_lines(items, applied), *gifts]
    return _priced(
        situation, lines, by_line, missing, _charges(basket, applied), uses,
        answered(found, applying, best.remaining), best.approximated,
    )  # fmt: skip


def _checked_sum(basket: PromotionBasket) -> None:
    if sum(basket.amounts) + sum(basket.fees) > AMOUNT_MAX:
        raise QuoteAmountTooLarge(f"the sum is more than {AMOUNT_MAX} minor units")


def _best(index: PromotionIndex, found: Sequence[FoundCoupon], applying: Applying) -> Combination:
    situation, basket = applying.situation, applying.basket
    promotions: dict[str, CompiledPromotion] = {}
    for one in index.automatic(basket, situation):
        live = one.started(situation.now_ms) and not one.ended(situation.now_ms)
        if live and one.id not in situation.history.exhausted and one.fits(situation):
            promotions[one.id] = one
    for coupon in found:
        if coupon.compiled is not None:
            promotions[coupon.compiled.id] = coupon.compiled
    return Combining(applying, promotions.values()).best()


def _uses(applied: Sequence[AppliedPromotion], found: Sequence[FoundCoupon]) -> tuple[PromotionUsed, ...]:
    codes = {one.compiled.id: one.code for one in found if one.compiled is not None}
    return tuple(
        PromotionUsed(
            promotion=one.id, name=one.promotion.name, group=one.promotion.group, merchant=one.promotion.merchant,
            funded_by=one.promotion.funded_by, code=codes.get(one.id),
        )
        for one in (application.compiled for application in applied)
    )  # fmt: skip


def _sold_lines(items: Sequence[PricedItem], applied: Sequence[AppliedPromotion]) -> list[PricedLine]:
    discounts: list[list[PricedDiscount]] = [[] for _ in items]
    for use, application in enumerate(applied):
        for position, amount in application.items.items():
            discounts[position].append(PricedDiscount(use, amount))
    return [line for item, own in zip(items, discounts, strict=True) for line in lines_of_item(item, own)]


def _charges(basket: PromotionBasket, applied: Sequence[AppliedPromotion]) -> tuple[PricedCharge, ...]:
    charges = []
    for position, charge in enumerate(basket.charges):
        discounts = tuple(
            PricedDiscount(use, application.charges[position])
            for use, application in enumerate(applied)
            if position in application.charges
        )
        rate = PricedReason("shipping_rate", charge.amount, id=charge.option, text=charge.title)
        net = charge.amount - sum(one.amount for one in discounts)
        charges.append(PricedCharge(charge=charge, net=net, discounts=discounts, reasons=(rate,)))
    return tuple(charges)


def _priced(
    situation: Situation,
    lines: Sequence[LineToPrice],
    sold: Sequence[PricedLine],
    missing: Sequence[MissingLine],
    charges: tuple[PricedCharge, ...],
    uses: tuple[PromotionUsed, ...],
    coupons: tuple[QuoteCoupon, ...],
    approximated: bool,
) -> Priced:
    """Lines in the order of the cart, gifts at the end."""
    place = {line.line: position for position, line in enumerate(lines)}
    every = [*sold, *(missing_line(one) for one in missing)]
    ordered = tuple(sorted(every, key=lambda line: (place.get(line.line, len(place)), line.line)))
    payment = situation.payment
    surcharge = payment.surcharge if payment is not None else 0
    return Priced(
        currency=situation.currency,
        lines=ordered,
        charges=charges,
        uses=uses,
        coupons=coupons,
        surcharge=surcharge,
        surcharge_title=payment.method if payment is not None else "",
        cash=payment is not None and payment.cash,
        approximated=approximated,
        tax_request=tax_request(situation, ordered, charges, surcharge),
    )
