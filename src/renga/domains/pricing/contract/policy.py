"""Rules of a shop or channel that a quote follows."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

#: Tax on shipping and surcharges. ``dearest_line``: the rate of the line that costs most; ``proportional``: rates of the lines
#: in proportion to their amounts; ``fixed``: the rate of the tax category ``shipping``.
ShippingTaxRule = Literal["dearest_line", "proportional", "fixed"]

#: The tax category of shipping under the rule ``fixed``, and of lines without one.
SHIPPING_CATEGORY = "shipping"
STANDARD_CATEGORY = "standard"


class ExchangeRate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One unit of ``base`` costs ``rate`` / 1,000,000 units of ``quote``, on ``date``, as published by ``source``."""

    base: str
    quote: str
    rate_ppm: Annotated[int, Meta(ge=1, le=1_000_000_000_000_000)]
    date: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]
    source: Annotated[str, Meta(min_length=1, max_length=200)]


class PricingPolicy(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """``prices_include_tax``  prices of the channel are with tax (shown and entered so)
    ``tax_rounding``        taxes are rounded once per rate and order, or per line
    ``shipping_tax``        how shipping and surcharges are taxed
    ``seller_country``      where the seller is established, for reverse charge
    ``time_zone``           IANA name; weekdays and hours of promotions
    ``margin_basis_points_min``  as in the limits of a promotion, for all promotions
    ``rates``, ``rate_days_max``  exchange rates that may be used, and for how many days after their date
    """

    prices_include_tax: bool = True
    tax_rounding: Literal["order", "line"] = "order"
    shipping_tax: ShippingTaxRule = "dearest_line"
    seller_country: str = ""
    time_zone: str = "America/Sao_Paulo"
    margin_basis_points_min: Annotated[int, Meta(ge=0, le=9_999)] | None = None
    rates: tuple[ExchangeRate, ...] = ()
    rate_days_max: Annotated[int, Meta(ge=0, le=36_500)] = 3


#: The policy of a shop that has set none.
DEFAULT_POLICY = PricingPolicy()
