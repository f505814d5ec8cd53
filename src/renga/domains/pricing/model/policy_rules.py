"""Are the rules of quotes valid?"""

from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from renga.domains.pricing.contract import ExchangeRate, PricingPolicy, PricingPolicyInvalid
from renga.kernel.money import CURRENCIES


def checked_policy(policy: PricingPolicy) -> PricingPolicy:
    """The policy. Raises PricingPolicyInvalid (``field`` says which)."""
    try:
        ZoneInfo(policy.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PricingPolicyInvalid("time_zone is no name of the IANA database", field="time_zone") from error
    country = policy.seller_country
    if country and not (len(country) == 2 and country.isascii() and country.isupper()):
        raise PricingPolicyInvalid("seller_country is two capital letters of ISO 3166-1", field="seller_country")
    for rate in policy.rates:
        _check_rate(rate)
    return policy


def _check_rate(rate: ExchangeRate) -> None:
    if rate.base == rate.quote or not {rate.base, rate.quote} <= CURRENCIES:
        raise PricingPolicyInvalid("a rate is of two different currencies of ISO 4217", field="rates")
    try:
        date.fromisoformat(rate.date)
    except ValueError as error:
        raise PricingPolicyInvalid(f"{rate.date} is no date", field="rates") from error
