"""The contract in this process."""

import msgspec

from renga.domains.payments.contract.service import LateMoney
from renga.domains.payments.dependencies import PaymentDependencies


class LocalPayments(msgspec.Struct, frozen=True):
    """Implements ``contract.service.Payments``."""

    dependencies: PaymentDependencies

    def answer_late_money(self, answer: LateMoney) -> None:
        self.dependencies.late_money.answer = answer
