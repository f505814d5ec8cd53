"""Settings of the section ``pricing``."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from renga.kernel.errors import Invalid
from renga.kernel.money import AMOUNT_MAX, CURRENCIES


class ShippingSettingInvalid(Invalid):
    code = "shipping_setting_invalid"
    title = "The setting pricing.shipping is not a list such as BRL=1990,EUR=490"


class PricingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the section ``pricing``."""

    shipping: Annotated[str, "flat rate of delivery in minor units by currency, until shipping has an owner"] = (
        "BRL=1990,EUR=490,USD=590"
    )
    shipping_countries: Annotated[str, "countries that are delivered to, with commas; empty: every one"] = ""
    tax_provider: Annotated[
        Literal["tables", "simulated"], "who calculates taxes: the shop's tables, or a provider (simulated)"
    ] = "tables"
    tax_deadline_ms: Annotated[int, "deadline of a tax provider's answer", Meta(ge=1, le=60_000)] = 2_000
    tax_fallback: Annotated[
        Literal["tables", "refuse"], "without a provider's answer: the shop's tables, or no quote"
    ] = "tables"

    def shipping_amounts(self) -> dict[str, int]:
        """Raises ShippingSettingInvalid."""
        amounts = {}
        for part in filter(None, (one.strip() for one in self.shipping.split(","))):
            currency, _, digits = part.partition("=")
            if currency not in CURRENCIES or not (digits.isascii() and digits.isdigit()) or int(digits) > AMOUNT_MAX:
                raise ShippingSettingInvalid(f"{part[:40]!r} is not a currency and its minor units")
            amounts[currency] = int(digits)
        return amounts

    def delivered_countries(self) -> frozenset[str]:
        return frozenset(one.strip() for one in self.shipping_countries.split(",") if one.strip())
