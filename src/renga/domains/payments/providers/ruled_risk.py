"""The simulated provider of risk: rules of the settings. A real one is another adapter of the same port."""

from collections.abc import Sequence

from renga.domains.payments.model.means import RiskDecision, StoredMeans, StoredPayment
from renga.domains.payments.risk.settings import RiskSettings


class RuledRisk:
    """Implements ``RiskProvider``. The strictest rule that fits decides."""

    def __init__(self, settings: RiskSettings) -> None:
        """Raises RiskSettingInvalid."""
        self._review_above = settings.review_amounts()
        self._refuse_above = settings.refuse_amounts()
        self._refused = settings.refused_countries()

    async def assess(self, payment: StoredPayment, means: Sequence[StoredMeans]) -> RiskDecision:
        amount, currency = payment.amount, payment.currency
        if payment.payer.country in self._refused or amount > self._refuse_above.get(currency, amount):
            return "refuse"
        return "review" if amount > self._review_above.get(currency, amount) else "allow"
