"""Settings of the section ``payment_risk``."""

from typing import Annotated

import msgspec
from msgspec import Meta

from renga.domains.payments.model.velocity import VelocityRule, VelocityRules
from renga.kernel.errors import Invalid
from renga.kernel.money import AMOUNT_MAX, CURRENCIES


class RiskSettingInvalid(Invalid):
    code = "risk_setting_invalid"
    title = "A setting of payment_risk is not a list such as BRL=500000,EUR=90000"


class RiskSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the section ``payment_risk``."""

    review_above: Annotated[
        str, "payments above these amounts (minor units by currency: BRL=500000,EUR=90000) wait for finance"
    ] = ""
    refuse_above: Annotated[str, "payments above these amounts are refused"] = ""
    refuse_countries: Annotated[str, "countries of payers that are refused, with commas"] = ""
    declines_per_reference: Annotated[
        int, "declines of one reference within the window, then a pause", Meta(ge=1, le=1_000)
    ] = 5
    declines_per_address: Annotated[
        int, "declines of one address within the window, then a pause", Meta(ge=1, le=10_000)
    ] = 50
    window_s: Annotated[int, "how long a decline counts", Meta(ge=1, le=604_800)] = 3_600
    pause_s: Annotated[int, "the pause, counted from the latest decline", Meta(ge=1, le=604_800)] = 900

    def review_amounts(self) -> dict[str, int]:
        """Raises RiskSettingInvalid."""
        return _amounts(self.review_above)

    def refuse_amounts(self) -> dict[str, int]:
        """Raises RiskSettingInvalid."""
        return _amounts(self.refuse_above)

    def refused_countries(self) -> frozenset[str]:
        return frozenset(one.strip() for one in self.refuse_countries.split(",") if one.strip())

    def velocity(self) -> VelocityRules:
        return VelocityRules(
            reference=VelocityRule(self.declines_per_reference, self.window_s, self.pause_s),
            address=VelocityRule(self.declines_per_address, self.window_s, self.pause_s),
        )


def _amounts(text: str) -> dict[str, int]:
    amounts = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        currency, _, digits = part.partition("=")
        known = currency in CURRENCIES and digits.isascii() and digits.isdigit() and len(digits) <= len(str(AMOUNT_MAX))
        if not known or int(digits) > AMOUNT_MAX:
            raise RiskSettingInvalid(f"{part[:40]!r} is not a currency and its minor units")
        amounts[currency] = int(digits)
    return amounts
