"""Actions of promotions. In JSON the member ``type`` says which one it is. No action makes an amount negative.

``basis_points`` are hundredths of a percent: 1000 is 10 %, 10000 is free.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from renga.domains.pricing.contract.conditions import Amounts, LineCondition, Typed
from renga.kernel.identifiers import Identifier

BasisPoints = Annotated[int, Meta(ge=1, le=10_000, description="Hundredths of a percent", examples=[1000])]
Count = Annotated[int, Meta(ge=1, le=1000)]


class PercentOff(Typed, frozen=True, tag="percent"):
    """A percentage of what the selected lines cost after earlier discounts."""

    basis_points: BasisPoints


class AmountOff(Typed, frozen=True, tag="amount"):
    """An amount off the selected lines together (``order``) or off each unit of them (``unit``); never more than they cost."""

    amounts: Amounts
    per: Literal["order", "unit"] = "order"


class FixedPrice(Typed, frozen=True, tag="fixed_price"):
    """Each unit of the selected lines costs this, if that is less."""

    amounts: Amounts


class BuyXGetY(Typed, frozen=True, tag="buy_x_get_y"):
    """For every ``buy`` units, ``get`` units have ``basis_points`` off (default: free).

    Without ``of``, units of the selected lines are sorted from the dearest to the cheapest and taken in groups of ``buy`` +
    ``get``; the last ``get`` of each full group are discounted. With ``of``, the discounted units are those of lines that
    meet all of ``of`` (they do not count as bought), cheapest first.
    """

    buy: Count
    get: Count = 1
    basis_points: BasisPoints = 10_000
    of: Annotated[tuple[LineCondition, ...], Meta(max_length=20)] = ()


class CheapestFree(Typed, frozen=True, tag="cheapest_free"):
    """For every ``every`` units, the cheapest ``free`` units of all selected ones are free."""

    every: Count
    free: Count = 1


class Tier(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """From ``quantity`` units or a subtotal of ``amounts``: ``basis_points`` off, or ``off`` (minor units by currency) in all."""

    quantity: Count | None = None
    amounts: Amounts | None = None
    basis_points: BasisPoints | None = None
    off: Amounts | None = None


class TieredDiscount(Typed, frozen=True, tag="tiers"):
    """The last tier that the selected lines reach (units, or what they cost before discounts)."""

    tiers: Annotated[tuple[Tier, ...], Meta(min_length=1, max_length=20)]


class SetPart(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A part of a set of skus; the same sku may stand in several parts, whose quantities are added."""

    sku: Identifier
    quantity: Count = 1


class BundlePrice(Typed, frozen=True, tag="bundle_price"):
    """Each complete set of ``parts`` costs this, if that is less."""

    parts: Annotated[tuple[SetPart, ...], Meta(min_length=1, max_length=50)]
    amounts: Amounts


class FreeShipping(Typed, frozen=True, tag="free_shipping"):
    """Delivery is free; ``options``: only by these (empty: by any)."""

    options: tuple[str, ...] = ()


class ReducedShipping(Typed, frozen=True, tag="reduced_shipping"):
    """Delivery costs ``basis_points`` less, or ``amounts`` less, or exactly ``fixed``, if that is less. One of the three."""

    basis_points: BasisPoints | None = None
    amounts: Amounts | None = None
    fixed: Amounts | None = None
    options: tuple[str, ...] = ()


class GiftLine(Typed, frozen=True, tag="gift"):
    """Adds units of a sku for nothing, as a line of its own, if there are enough."""

    sku: Identifier
    quantity: Count = 1


PromotionAction = (
    PercentOff
    | AmountOff
    | FixedPrice
    | BuyXGetY
    | CheapestFree
    | TieredDiscount
    | BundlePrice
    | FreeShipping
    | ReducedShipping
    | GiftLine
)
