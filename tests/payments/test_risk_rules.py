"""Rules of risk without a database: the pause after declines, the simulated provider of risk."""

import pytest

from renga.domains.payments.contract.payments import Payer
from renga.domains.payments.ports.risk import RiskAnswer, RiskQuestion
from renga.domains.payments.providers.ruled_risk import RuledRisk
from renga.domains.payments.risk.model.velocity import OPEN_ATTEMPT_MS, VelocityRule, pause_left_ms
from renga.domains.payments.risk.settings import RiskSettingInvalid, RiskSettings
from renga.kernel.money import Money

RULE = VelocityRule(declines=5, window_s=3600, pause_s=900)
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
        (ago(900, 901, 902, 903, 904), 1, OPEN_ATTEMPT_MS),  # … and only one
        (ago(0, 900, 901, 902, 903, 904), 0, 900_000),  # declined again: the next pause
        (ago(1, 2, 3, 4, 3600), 0, None),  # a decline at the window's end counts no more
        (ago(1, 2, 3, 4, 3599), 0, 899_000),
        ([], 5, OPEN_ATTEMPT_MS),  # parallel attempts that may all be declined
        (ago(1, 2), 2, None),
        (ago(1, 2), 3, OPEN_ATTEMPT_MS),
    ],
)
def test_a_pause_follows_many_declines(declined: list[int], open_attempts: int, left_ms: int | None) -> None:
    assert pause_left_ms(RULE, declined, open_attempts=open_attempts, now_ms=NOW) == left_ms


def question(amount: int, currency: str = "BRL", country: str | None = None) -> RiskQuestion:
    return RiskQuestion(
        payment="p",
        reference="order:1",
        amount=Money(amount, currency),
        methods=("card",),
        payer=Payer(country=country),
    )


async def test_the_strictest_rule_that_fits_decides() -> None:
    risk = RuledRisk(RiskSettings(review_above="BRL=1000, EUR=10", refuse_above="BRL=5000", refuse_countries="AQ, KP"))
    decisions = {
        (1000, "BRL", "BR"): RiskAnswer(decision="allow"),
        (1001, "BRL", "BR"): RiskAnswer(decision="review", reason="above 1000 BRL"),
        (5000, "BRL", None): RiskAnswer(decision="review", reason="above 1000 BRL"),
        (5001, "BRL", None): RiskAnswer(decision="refuse", reason="above 5000 BRL"),
        (5001, "EUR", None): RiskAnswer(decision="review", reason="above 10 EUR"),
        (9_007_199_254_740_991, "USD", None): RiskAnswer(decision="allow"),
        (1, "USD", "AQ"): RiskAnswer(decision="refuse", reason="payer from AQ"),
    }
    for (amount, currency, country), answer in decisions.items():
        assert await risk.assess(question(amount, currency, country)) == answer


async def test_without_settings_everything_is_allowed() -> None:
    assert await RuledRisk(RiskSettings()).assess(question(10**15)) == RiskAnswer(decision="allow")


@pytest.mark.parametrize("text", ["BRL", "BRL=", "brl=1", "BRL=-1", "BRL=٣", "BRL=1e3", "XXX=1", "BRL=" + "9" * 5000])
def test_a_wrong_list_of_amounts_is_refused(text: str) -> None:
    with pytest.raises(RiskSettingInvalid):
        RuledRisk(RiskSettings(review_above=text))
