"""The port of a provider of risk decisions, asked once all means are authorised and before any is captured."""

from typing import Literal, Protocol

import msgspec

from renga.domains.payments.contract.payments import CardSummary, Payer, PaymentMethod
from renga.kernel.money import Money

RiskDecision = Literal["allow", "review", "refuse"]


class RiskQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """An authorised payment. ``card`` is what may be known of the first card."""

    payment: str
    reference: str
    amount: Money
    methods: tuple[PaymentMethod, ...]
    payer: Payer = Payer()
    card: CardSummary | None = None


class RiskAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """``review``: the payment stays authorised until finance decides. ``reason`` is for finance, never for the buyer."""

    decision: RiskDecision
    reason: str = ""


class RiskAssessor(Protocol):
    """Decides about payments. The same question again (after a crash) may be asked and changes nothing."""

    async def assess(self, question: RiskQuestion) -> RiskAnswer:
        """Raises Unavailable: then the payment waits for finance, as with ``review``."""
        ...
