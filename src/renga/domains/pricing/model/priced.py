"""The first half of a quote: everything but taxes. Amounts are minor units of one currency."""

from typing import Literal

import msgspec

from renga.domains.pricing.contract import (
    LineChange,
    OfferFacts,
    PromotionGroup,
    QuoteCoupon,
    ReasonKind,
    ShippingCharge,
    TaxRequest,
)


class PricedReason(msgspec.Struct, frozen=True, gc=False):
    """One step on the way to an amount, signed."""

    kind: ReasonKind
    amount: int
    id: str | None = None
    text: str = ""
    code: str | None = None


class PricedDiscount(msgspec.Struct, frozen=True, gc=False):
    """The share of a promotion on a line or delivery; ``use`` is its position in ``Priced.uses``."""

    use: int
    amount: int


class PricedLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """``subtotal`` is before and ``net`` after discounts, without added taxes; ``reasons`` add up to ``subtotal``."""

    line: str
    sku: str
    title: str
    milli: int
    asked_milli: int
    was: int | None
    now: int | None
    change: LineChange | None
    subtotal: int
    net: int
    discounts: tuple[PricedDiscount, ...]
    reasons: tuple[PricedReason, ...]
    facts: OfferFacts | None
    gift: bool = False


class PricedCharge(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A delivery: ``net`` is after discounts, ``reasons`` add up to the price before."""

    charge: ShippingCharge
    net: int
    discounts: tuple[PricedDiscount, ...]
    reasons: tuple[PricedReason, ...]


class PromotionUsed(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A promotion that was applied, and by which code."""

    promotion: str
    name: str
    group: PromotionGroup
    merchant: str | None
    funded_by: Literal["shop", "merchant"]
    code: str | None = None


class Priced(msgspec.Struct, frozen=True, kw_only=True):
    """Everything but taxes, and the question to the tax provider."""

    currency: str
    lines: tuple[PricedLine, ...]
    charges: tuple[PricedCharge, ...]
    uses: tuple[PromotionUsed, ...]
    coupons: tuple[QuoteCoupon, ...]
    surcharge: int
    surcharge_title: str
    cash: bool
    approximated: bool
    tax_request: TaxRequest
