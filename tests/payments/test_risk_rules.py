"""Rules of risk without a database: the pause after declines, the simulated provider of risk."""

import pytest

from renga.domains.payments.contract.payments import Payer
from renga.domains.payments.model.means import StoredPayment
from renga.domains.payments.model.velocity import OPEN_ATTEMPT_PAUSE_MS, VelocityRule, pause_left_ms
from renga.domains.payments.providers.ruled_risk import RuledRisk
from renga.domains.payments.risk.settings import RiskSettingInvalid, RiskSettings

RULE = VelocityRule(5, 3600, 900)
NOW = 10_000_000


def ago(*seconds: int) -> list[int]:
    return [NOW - one * 1000 for one in seconds]


@pytest.mark.parametrize(
    ("declined", "open_attempts", "left_ms"),
    [
        ([], 0, None),
        (ago(1, 2, 3, 4), 0, None),
        (ago(1, 2, 3, 4, 5), 0, 899_000),
        (ago(5, 4, 3, 2, 1), 0, 899_000),  # in any order
        (ago(900, 901, 902, 903, 904), 0, None),  # the pause is over: one attempt
        (ago(900, 901, 902, 903, 904), 1, OPEN_ATTEMPT_PAUSE_MS),  # … and only one
        (ago(0, 900, 901, 902, 903, 904), 0, 900_000),  # declined again: the next pause
        (ago(1, 2, 3, 4, 3600), 0, None),  # a decline at the window's end counts no more
        (ago(1, 2, 3, 4, 3599), 0, 899_000),
        ([], 5, OPEN_ATTEMPT_PAUSE_MS),  # parallel attempts that may all be declined
        (ago(1, 2), 2, None),
        (ago(1, 2), 3, OPEN_ATTEMPT_PAUSE_MS),
    ],
)
def test_a_pause_follows_many_declines(declined: list[int], open_attempts: int, left_ms: int | None) -> None:
    assert pause_left_ms(RULE, declined, open_attempts=open_attempts, now_ms=NOW) == left_ms


def payment(amount: int, currency: str = "BRL", country: str | None = None) -> StoredPayment:
    return StoredPayment(
        id="p", key="k", fingerprint="f", reference="order:1", owner="shop", amount=amount, currency=currency,
        capture="now", state="authorised", version=1, created_ms=0, updated_ms=0, payer=Payer(country=country),
    )  # fmt: skip


async def test_the_strictest_rule_that_fits_decides() -> None:
    risk = RuledRisk(RiskSettings(review_above="BRL=1000, EUR=10", refuse_above="BRL=5000", refuse_countries="AQ, KP"))
    decisions = {
        (1000, "BRL", "BR"): "allow",
        (1001, "BRL", "BR"): "review",
        (5000, "BRL", None): "review",
        (5001, "BRL", None): "refuse",
        (5001, "EUR", None): "review",
        (9_007_199_254_740_991, "USD", None): "allow",
        (1, "USD", "AQ"): "refuse",
    }
    for (amount, currency, country), decision in decisions.items():
        assert await risk.assess(payment(amount, currency, country), ()) == decision


async def test_without_settings_everything_is_allowed() -> None:
    assert await RuledRisk(RiskSettings()).assess(payment(10**15), ()) == "allow"


@pytest.mark.parametrize("text", ["BRL", "BRL=", "brl=1", "BRL=-1", "BRL=٣", "BRL=1e3", "XXX=1", "BRL=" + "9" * 5000])
def test_a_wrong_list_of_amounts_is_refused(text: str) -> None:
    with pytest.raises(RiskSettingInvalid):
        RuledRisk(RiskSettings(review_above=text))
