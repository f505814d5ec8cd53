"""Conversion by a dated rate with its source, and cash rounding."""

from collections.abc import Sequence
from datetime import date

from renga.domains.pricing.contract import ExchangeRate
from renga.domains.pricing.model.amounts import WHOLE_PPM, half_up
from renga.kernel.money import exponent

#: The smallest coin in minor units, where it is not the minor unit (central banks' rules of cash rounding).
CASH_STEPS = {
    "AUD": 5, "CAD": 5, "CHF": 5, "CZK": 100, "DKK": 50, "HUF": 500, "ISK": 1, "MYR": 5, "NOK": 100, "NZD": 10, "SEK": 100,
    "SGD": 5, "ZAR": 10,
}  # fmt: skip


def cash_rounding(amount: int, currency: str) -> int:
    """What must be added so that coins can pay it: to the nearest coin, halves up."""
    step = CASH_STEPS.get(currency, 1)
    return half_up(amount, step) * step - amount


def usable_rate(
    rates: Sequence[ExchangeRate], base: str, quote: str, today: date, *, days_max: int
) -> ExchangeRate | None:
    """The newest rate of the pair that is not from the future and not older than ``days_max`` days; never an inverse."""
    fitting = [
        rate
        for rate in rates
        if rate.base == base and rate.quote == quote and 0 <= (today - date.fromisoformat(rate.date)).days <= days_max
    ]
    return max(fitting, key=lambda rate: (rate.date, rate.source), default=None)


def converted(amount: int, rate: ExchangeRate) -> int:
    """Minor units of ``rate.base`` in minor units of ``rate.quote``, halves up."""
    digits = exponent(rate.quote) - exponent(rate.base)
    numerator = amount * rate.rate_ppm * 10 ** max(digits, 0)
    return half_up(numerator, WHOLE_PPM * 10 ** max(-digits, 0))


def rate_text(rate: ExchangeRate) -> str:
    """``1 USD = 5.4321 BRL (ECB, 2026-11-27)``."""
    value = f"{rate.rate_ppm // WHOLE_PPM}.{rate.rate_ppm % WHOLE_PPM:06d}".rstrip("0").rstrip(".")
    return f"1 {rate.base} = {value} {rate.quote} ({rate.source}, {rate.date})"
