"""The shop of the pricing bench: products, 1,000 promotions of every kind, carts. All from one seed."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from renga.domains.pricing.contract import (
    CouponClaim,
    Destination,
    LineToPrice,
    OfferFacts,
    PaymentChoice,
    PriceRow,
    Promotion,
    ShippingCharge,
    TaxRate,
    TaxTables,
    TaxZone,
)
from renga.domains.pricing.model.situation import WEEKDAYS
from renga.kernel.buyer_terms import BuyerTerms, VerifiedFacts

NOW_MS = 1_795_795_200_000
TABLES = TaxTables(
    zones=(TaxZone(id="BR", countries=("BR",)),),
    rates=(
        TaxRate(zone="BR", category="standard", name="ICMS", rate_ppm=180_000),
        TaxRate(zone="BR", category="food", name="ICMS", rate_ppm=70_000),
    ),
)
CATEGORIES, BRANDS, COLLECTIONS, MERCHANTS, CODES = 1_000, 500, 500, 200, 200


class Cart(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that one quote needs."""

    lines: tuple[LineToPrice, ...]
    offers: Mapping[str, OfferFacts]
    terms: BuyerTerms
    coupons: tuple[CouponClaim, ...]
    shipping: tuple[ShippingCharge, ...]
    destination: Destination
    payment: PaymentChoice
    now_ms: int
    tables: TaxTables


def catalogue(products: int, dice: random.Random) -> list[OfferFacts]:
    """Offers with what conditions look at: three categories, a brand, two collections, two attributes, quantity prices."""
    return [_offer(number, dice) for number in range(products)]


def _offer(number: int, dice: random.Random) -> OfferFacts:
    amount = dice.randrange(500, 50_000)
    category = dice.randrange(CATEGORIES)
    return OfferFacts(
        sku=f"SKU-{number}",
        title=f"Product {number}",
        product_id=f"product-{number // 2}",
        merchant=f"merchant-{dice.randrange(MERCHANTS)}",
        rows=(PriceRow(amount=amount), PriceRow(amount=amount * 9 // 10, min_quantity=5)),
        brand=f"brand-{dice.randrange(BRANDS)}",
        categories=(f"category-{category}", f"category-{category // 10}", "category-root"),
        collections=tuple({f"collection-{dice.randrange(COLLECTIONS)}" for _ in range(2)}),
        attributes={"colour": dice.choice(("red", "blue", "green")), "size": dice.randrange(40)},
        tax_category=dice.choice((None, "food")),
    )


def bench_promotions(count: int, products: int, dice: random.Random) -> list[Promotion]:
    """Of every kind, in the proportions of ``_KINDS``; one in five has a code."""
    kinds = [kind for kind, weight in _KINDS for _ in range(weight)]
    found = []
    for number in range(count):
        members = kinds[number % len(kinds)](products, dice)
        if number % 5 == 0:
            members["codes"] = [f"CODE-{number}"]
        found.append(
            msgspec.convert({"id": f"promotion-{number:04}", "name": f"Promotion {number}", **members}, Promotion)
        )
    return found


def cart_of(lines: int, offers: Sequence[OfferFacts], dice: random.Random) -> Cart:
    """Different skus, a coupon, a delivery."""
    chosen = dice.sample(offers, lines)
    return Cart(
        lines=tuple(
            LineToPrice(
                line=f"line-{n:03}", sku=one.sku, quantity_milli=1000 * dice.choice((1, 1, 2, 6)),
                unit_price=one.rows[0].amount,
            )
            for n, one in enumerate(chosen)
        ),
        offers={one.sku: one for one in chosen},
        terms=BuyerTerms(currency="BRL", country="BR", verified=VerifiedFacts(groups=("group-1", "group-2"))),
        coupons=(CouponClaim(code=f"code-{5 * dice.randrange(CODES)}"),),
        shipping=(ShippingCharge(id="d1", option="standard", title="Standard", amount=2_490),),
        destination=Destination(country="BR", region="SP", postal_code="01310-100"),
        payment=PaymentChoice(method=dice.choice(("pix", "card"))),
        now_ms=NOW_MS,
        tables=TABLES,
    )  # fmt: skip


def _percent(dice: random.Random) -> dict[str, Any]:
    return {"type": "percent", "basis_points": 100 * dice.randrange(1, 30)}


def _some(kind: str, name: str, bound: int, count: int, dice: random.Random) -> dict[str, Any]:
    return {"type": kind, kind: [f"{name}-{dice.randrange(bound)}" for _ in range(count)]}


def _variants(products: int, dice: random.Random) -> dict[str, Any]:
    skus = {"type": "variants", "skus": [f"SKU-{dice.randrange(products)}" for _ in range(5)]}
    return {"conditions": [skus], "actions": [_percent(dice)]}


def _category(products: int, dice: random.Random) -> dict[str, Any]:
    return {"conditions": [_some("categories", "category", CATEGORIES, 1, dice)], "actions": [_percent(dice)]}


def _brand(products: int, dice: random.Random) -> dict[str, Any]:
    conditions = [_some("brands", "brand", BRANDS, 1, dice), {"type": "quantity", "at_least": 2}]
    return {"conditions": conditions, "actions": [{"type": "amount", "amounts": {"BRL": 300}, "per": "unit"}]}


def _three_for_two(products: int, dice: random.Random) -> dict[str, Any]:
    conditions = [_some("collections", "collection", COLLECTIONS, 1, dice)]
    return {"conditions": conditions, "actions": [{"type": "buy_x_get_y", "buy": 2}], "group": "best_deal"}


def _bundle(products: int, dice: random.Random) -> dict[str, Any]:
    parts = [{"sku": f"SKU-{dice.randrange(products)}"} for _ in range(2)]
    return {"actions": [{"type": "bundle_price", "parts": parts, "amounts": {"BRL": 1500}}], "group": "best_deal",
            "conditions": [{"type": "variants", "skus": [part["sku"] for part in parts]}]}  # fmt: skip


def _merchant(products: int, dice: random.Random) -> dict[str, Any]:
    subtotal = {"type": "subtotal", "at_least": {"BRL": 100_000}}
    attribute = {"type": "attributes", "code": "size", "values": [dice.randrange(40)]}
    return {"conditions": [subtotal, attribute], "actions": [_percent(dice)], "group": "best_deal",
            "merchant": f"merchant-{dice.randrange(MERCHANTS)}", "funded_by": "merchant"}  # fmt: skip


def _group(products: int, dice: random.Random) -> dict[str, Any]:
    groups = {"type": "customer_groups", "groups": [f"group-{dice.randrange(50)}"]}
    return {"conditions": [groups], "actions": [_percent(dice)]}


def _country(products: int, dice: random.Random) -> dict[str, Any]:
    countries = {"type": "countries", "countries": [dice.choice(("US", "DE", "PT", "AR"))]}
    return {"conditions": [countries], "actions": [{"type": "free_shipping"}]}


def _whole_order(products: int, dice: random.Random) -> dict[str, Any]:
    subtotal = {"type": "subtotal", "at_least": {"BRL": 1_000 * dice.randrange(10, 20_000)}, "when": "before_discounts"}
    weekday = {"type": "weekdays", "days": [WEEKDAYS[dice.randrange(7)]]}
    return {"conditions": [subtotal, weekday], "actions": [{"type": "amount", "amounts": {"BRL": 500}}]}


def _exclusive(products: int, dice: random.Random) -> dict[str, Any]:
    conditions = [_some("categories", "category", CATEGORIES, 2, dice), {"type": "quantity", "at_least": 3}]
    return {"conditions": conditions, "actions": [_percent(dice)], "group": "exclusive"}


_KINDS: tuple[tuple[Callable[[int, random.Random], dict[str, Any]], int], ...] = (
    (_variants, 40), (_category, 10), (_brand, 12), (_three_for_two, 5), (_bundle, 6), (_merchant, 8), (_group, 8),
    (_country, 5), (_whole_order, 3), (_exclusive, 3),
)  # fmt: skip
