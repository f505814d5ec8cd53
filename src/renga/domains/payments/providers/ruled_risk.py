"""The simulated provider of risk: rules of the settings. A real one is another adapter of the same port."""

from renga.domains.payments.ports.risk import RiskAnswer, RiskQuestion
from renga.domains.payments.risk.settings import RiskSettings


class RuledRisk:
    """Implements ``RiskAssessor``. The strictest rule that fits decides."""

    def __init__(self, settings: RiskSettings) -> None:
        """Raises RiskSettingInvalid."""
        self._review_above = settings.review_amounts()
        self._refuse_above = settings.refuse_amounts()
        self._refused = settings.refused_countries()

    async def assess(self, question: RiskQuestion) -> RiskAnswer:
        amount, currency = question.amount.amount, question.amount.currency
        if question.payer.country in self._refused:
            return RiskAnswer(decision="refuse", reason=f"payer from {question.payer.country}")
        if amount > self._refuse_above.get(currency, amount):
            return RiskAnswer(decision="refuse", reason=f"above {self._refuse_above[currency]} {currency}")
        if amount > self._review_above.get(currency, amount):
            return RiskAnswer(decision="review", reason=f"above {self._review_above[currency]} {currency}")
        return RiskAnswer(decision="allow")
