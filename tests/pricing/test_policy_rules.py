"""Which rules of quotes are valid."""

from typing import Any

import msgspec
import pytest

from renga.domains.pricing.contract import DEFAULT_POLICY, PricingPolicy, PricingPolicyInvalid
from renga.domains.pricing.model.policy_rules import checked_policy

RATE = {"base": "USD", "quote": "BRL", "rate_ppm": 1, "date": "2026-11-27", "source": "ECB"}


def test_the_default_is_valid() -> None:
    assert checked_policy(DEFAULT_POLICY) is DEFAULT_POLICY
    assert (
        checked_policy(msgspec.convert({"rates": [RATE], "seller_country": "DE"}, PricingPolicy)).rates[0].base == "USD"
    )


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"seller_country": "de"}, "seller_country"),
        ({"rates": [{**RATE, "quote": "USD"}]}, "rates"),
        ({"rates": [{**RATE, "base": "DOLLAR"}]}, "rates"),
        ({"rates": [{**RATE, "date": "2026-02-30"}]}, "rates"),
    ],
)
def test_a_wrong_rule_is_refused(members: dict[str, Any], field: str) -> None:
    with pytest.raises(PricingPolicyInvalid) as caught:
        checked_policy(msgspec.convert(members, PricingPolicy))
    assert caught.value.extra["field"] == field
