"""Settings of the section ``pricing``."""

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from renga.kernel.errors import Invalid
from renga.kernel.money import AMOUNT_MAX, CURRENCIES

_DAYS = re.compile(r"([0-9]{1,3})-([0-9]{1,3})")


class ShippingSettingInvalid(Invalid):
    code = "shipping_setting_invalid"
    title = "A setting of pricing about shipping is wrong"


class PricingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the section ``pricing``."""

    shipping: Annotated[str, "flat rate of delivery in minor units by currency, until shipping has an owner"] = (
        "BRL=1990,EUR=490,USD=590"
    )
    shipping_countries: Annotated[str, "countries that are delivered to, with commas; empty: every one"] = ""
    shipping_days: Annotated[
        str, "business days until a delivery arrives, from the earliest to the latest; empty: unknown"
    ] = "3-8"
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

    def delivery_days(self) -> tuple[int, int] | None:
        """Raises ShippingSettingInvalid."""
        text = self.shipping_days.strip()
        if not text:
            return None
        days = _DAYS.fullmatch(text)
        if days is None or int(days[1]) > int(days[2]):
            raise ShippingSettingInvalid(f"{text[:40]!r} are no days such as 3-8")
        return int(days[1]), int(days[2])

    def delivered_countries(self) -> frozenset[str]:
        return frozenset(one.strip() for one in self.shipping_countries.split(",") if one.strip())
