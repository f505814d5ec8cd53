"""The quote: what a buyer would pay now, with the reason for every amount. All money is exact to the minor unit.

``totals`` are ordered and signed; all but ``total`` add up to it. The members ``subtotal`` … ``total`` repeat them without
sign: subtotal - discounts + shipping + tax + surcharge = total. ``tax`` is what is added to the prices: zero where prices
include it; ``tax_included`` is then what they include.
"""

from typing import Literal

from msgspec import Struct

from renga.domains.pricing.contract.promotions import PromotionGroup
from renga.domains.pricing.contract.tax import TaxAnswer, TaxRelief, TaxRequest
from renga.kernel.money import Money

#: A line that changed in several ways says the first of: unavailable, quantity_reduced, price_up, price_down.
LineChange = Literal["price_up", "price_down", "unavailable", "quantity_reduced"]
TotalType = Literal["subtotal", "discount", "shipping", "tax", "surcharge", "total"]
ReasonKind = Literal[
    "base", "price_list", "quantity_break", "conversion", "promotion", "coupon", "gift", "rounding",
    "shipping_rate", "surcharge", "tax", "tax_relief", "cash_rounding",
]  # fmt: skip

#: Why a coupon was not used.
CouponRefusal = Literal[
    "coupon_unknown",
    "coupon_used",
    "coupon_exhausted",
    "coupon_not_started",
    "coupon_expired",
    "coupon_conditions_not_met",
    "coupon_not_combinable",
]


class QuoteReason(Struct, frozen=True, gc=False, omit_defaults=True):
    """One step on the way to an amount, signed. The steps of a line add up to its ``total``.

    ``id`` is the promotion, the rate or the delivery; ``text`` what a person reads; ``code`` the coupon.
    """

    kind: ReasonKind
    amount: Money
    id: str | None = None
    text: str = ""
    code: str | None = None


class QuoteDiscount(Struct, frozen=True, gc=False, omit_defaults=True):
    """The share of one discount that falls on a line or delivery (positive). ``promotion`` None: tax that is not due.

    k of n returned units carry ``pricing.contract.shares.share`` of it.
    """

    amount: Money
    promotion: str | None = None
    name: str = ""
    code: str | None = None
    funded_by: Literal["shop", "merchant"] = "shop"


class QuoteTax(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One tax on a base without tax. ``rate_ppm``: parts per million; None: unknown."""

    name: str
    jurisdiction: str
    net: Money
    tax: Money
    rate_ppm: int | None = None


class MeasurePrice(Struct, frozen=True, kw_only=True, gc=False):
    """The price per kg, l, m …, after discounts."""

    price: Money
    per: str


class QuoteLine(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One line. Quantities are units, 0.25 for a quarter; an unavailable line has the quantity 0.

    ``asked``       the quantity in the cart
    ``was``         the cart's price of one unit, ``now`` today's before discounts; None: there is none
    ``unit_price``  of one unit after discounts, rounded to the minor unit (``total`` is exact)
    ``tax``         in ``total`` (``tax_included`` or not); ``total`` is with tax
    ``compare_at``  struck through; ``lowest_30_days`` the lowest price of the 30 days before the reduction
    ``gift``        added by a promotion
    """

    line: str
    sku: str
    title: str
    quantity: int | float
    asked: int | float
    was: Money | None
    now: Money | None
    change: LineChange | None
    discounts: tuple[QuoteDiscount, ...]
    unit_price: Money
    tax: Money
    total: Money
    merchant: str = "house"
    taxes: tuple[QuoteTax, ...] = ()
    compare_at: Money | None = None
    lowest_30_days: Money | None = None
    measure_price: MeasurePrice | None = None
    gift: bool = False
    why: tuple[QuoteReason, ...] = ()


class QuoteCharge(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A delivery or a surcharge: ``price`` before discounts and added tax, ``total`` after both."""

    id: str
    title: str
    price: Money
    tax: Money
    total: Money
    merchant: str | None = None
    discounts: tuple[QuoteDiscount, ...] = ()
    taxes: tuple[QuoteTax, ...] = ()
    why: tuple[QuoteReason, ...] = ()


class QuoteTotal(Struct, frozen=True, kw_only=True, gc=False):
    """One step of the totals, signed: discounts are negative."""

    type: TotalType
    amount: Money


class QuoteAllocation(Struct, frozen=True, gc=False):
    """The part of a discount on one line or delivery."""

    line: str
    amount: Money


class QuotePromotion(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A promotion that was applied. ``amount`` is the sum of the allocations, ``shipping`` the part of it on deliveries."""

    promotion: str
    name: str
    group: PromotionGroup
    amount: Money
    shipping: Money
    allocations: tuple[QuoteAllocation, ...]
    code: str | None = None
    merchant: str | None = None
    funded_by: Literal["shop", "merchant"] = "shop"


class QuoteCoupon(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A code that the buyer gave, as given; ``refused`` None: it was used."""

    code: str
    promotion: str | None = None
    refused: CouponRefusal | None = None


class BuyerQuote(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a buyer would pay now, as the buyer may see it.

    ``taxes``         per tax and rate: Σ net + Σ tax = Σ gross
    ``rounding``      what rounding to the smallest coin adds (cash only), ``due`` = total + rounding
    ``consent_required``  a line is dearer, fewer or gone compared with the cart
    ``approximated``  there were too many promotions to try every combination; the best one found is used
    ``id``, ``expires_at``  set by whoever keeps the quote
    """

    currency: str
    lines: tuple[QuoteLine, ...]
    totals: tuple[QuoteTotal, ...]
    subtotal: Money
    discounts: Money
    shipping: Money
    tax: Money
    surcharge: Money
    total: Money
    tax_included: Money
    rounding: Money
    due: Money
    consent_required: bool
    prices_include_tax: bool
    taxes: tuple[QuoteTax, ...] = ()
    deliveries: tuple[QuoteCharge, ...] = ()
    surcharges: tuple[QuoteCharge, ...] = ()
    promotions: tuple[QuotePromotion, ...] = ()
    coupons: tuple[QuoteCoupon, ...] = ()
    relief: TaxRelief | None = None
    notes: tuple[str, ...] = ()
    approximated: bool = False
    id: str | None = None
    expires_at: str | None = None


class DeliveryOption(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A way in which all of it can be delivered. ``price``: of all parcels, before discounts and added tax.

    ``earliest``, ``latest`` are dates (ISO 8601) in the shop's time zone; None: unknown.
    """

    option: str
    title: str
    price: Money
    earliest: str | None = None
    latest: str | None = None


class Quote(BuyerQuote, frozen=True, kw_only=True, omit_defaults=True):
    """A quote with the question to the tax provider, which has the buyer's tax number, its answer, and what else there was to
    choose.

    ``ships``             something has to be delivered
    ``delivery_options``  to the destination, cheapest first; without a destination there are none
    """

    tax_request: TaxRequest | None = None
    tax_answer: TaxAnswer | None = None
    ships: bool = False
    delivery_options: tuple[DeliveryOption, ...] = ()

    def for_buyer(self) -> BuyerQuote:
        """Without them."""
        return BuyerQuote(**{name: getattr(self, name) for name in BuyerQuote.__struct_fields__})
