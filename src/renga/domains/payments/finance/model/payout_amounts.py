"""How much of a merchant's balance is paid out."""

import msgspec

from renga.domains.payments.contract.payouts import HoldReason


class PayoutFacts(msgspec.Struct, frozen=True, kw_only=True):
    """In minor units of one currency; what the shop owes the merchant is positive.

    ``before``  the balance at the end of the period, before this payout
    ``held``    sales in it that are not available yet;  ``frozen``: in open disputes
    ``since``   what refunds and lost disputes have taken after the period
    """

    before: int
    held: int
    frozen: int
    since: int
    minimum: int = 0
    has_account: bool = True
    verified: bool = True
    paused: bool = False


class PayoutDecision(msgspec.Struct, frozen=True):
    """``amount`` is paid out, and ``held`` is the merchant's and is not; ``reason``: why ``amount`` is zero."""

    amount: int
    held: int
    reason: HoldReason | None = None


def decide_payout(facts: PayoutFacts) -> PayoutDecision:
    """What is available, all or nothing."""
    if facts.before <= 0:
        return PayoutDecision(0, 0, "negative" if facts.before < 0 else "minimum")
    available = max(0, facts.before - facts.held - facts.frozen - facts.since)
    reason: HoldReason | None = None
    if not available:
        reason = "not_available"
    elif available < facts.minimum:
        reason = "minimum"
    elif not facts.has_account:
        reason = "no_account"
    elif not facts.verified:
        reason = "unverified"
    elif facts.paused:
        reason = "paused"
    amount = 0 if reason else available
    return PayoutDecision(amount, facts.before - amount, reason)
