"""Promotions: what they are and their limits."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from renga.domains.pricing.contract.actions import PromotionAction
from renga.domains.pricing.contract.conditions import Amounts, Moment, PromotionCondition

#: How a promotion goes with others.
#: ``combinable``: with every other combinable one and with the best deal.
#: ``best_deal``: of these, each line gets at most one: the combination that costs the buyer least.
#: ``exclusive``: alone (a merchant's: alone on the merchant's lines); used only if the buyer pays less than without it.
PromotionGroup = Literal["exclusive", "combinable", "best_deal"]

#: Codes that a promotion lists itself; batches of single-use codes are not limited by this.
CODES_MAX = 100
CONDITIONS_MAX, ACTIONS_MAX = 20, 10
CODE_CHARS_MAX = 64


#: What every store and client of JSON can count.
Uses = Annotated[int, Meta(ge=1, le=1_000_000_000)]


class PromotionLimits(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """``uses`` in all, ``uses_per_customer``; ``amount_max`` caps the discount of one order, by currency.

    ``applications_max`` caps how often buy-X-get-Y, cheapest-free or a bundle price applies to one order.
    ``margin_basis_points_min``: a line with a known cost is not discounted below cost / (1 - margin).
    """

    uses: Uses | None = None
    uses_per_customer: Uses | None = None
    amount_max: Amounts | None = None
    applications_max: Uses | None = None
    margin_basis_points_min: Annotated[int, Meta(ge=0, le=9_999)] | None = None


#: The one empty value: msgspec omits a member if it is the same object as its default.
NO_LIMITS = PromotionLimits()

PromotionName = Annotated[str, Meta(min_length=1, max_length=200)]
PromotionCode = Annotated[str, Meta(min_length=1, max_length=CODE_CHARS_MAX)]


class PromotionDraft(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A promotion as it is written. Without ``codes`` (and ``code_batches``) it is automatic.

    ``priority``    lower ones are applied first; equal ones by id
    ``code_batches``  true: single-use codes are made for it; it applies only to buyers with a code
    ``merchant``    touches only lines and deliveries of this merchant; None: the shop's
    ``funded_by``   who bears the discount: ``shop`` or ``merchant``
    """

    name: PromotionName
    conditions: Annotated[tuple[PromotionCondition, ...], Meta(max_length=CONDITIONS_MAX)] = ()
    actions: Annotated[tuple[PromotionAction, ...], Meta(min_length=1, max_length=ACTIONS_MAX)]
    codes: Annotated[tuple[PromotionCode, ...], Meta(max_length=CODES_MAX)] = ()
    code_batches: bool = False
    group: PromotionGroup = "combinable"
    priority: Annotated[int, Meta(ge=0, le=1_000_000)] = 100
    limits: PromotionLimits = NO_LIMITS
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    merchant: str | None = None
    funded_by: Literal["shop", "merchant"] = "shop"
    active: bool = True


class Promotion(PromotionDraft, frozen=True, kw_only=True, omit_defaults=True):
    """A promotion. ``version`` grows by one with each change; times are RFC 3339."""

    id: str
    version: int = 1
    created_at: str = ""
    updated_at: str = ""


class PromotionPage(Struct, frozen=True, kw_only=True):
    """One page of promotions; ``next`` is the cursor of the following page, None on the last."""

    items: tuple[Promotion, ...]
    next: str | None = None
