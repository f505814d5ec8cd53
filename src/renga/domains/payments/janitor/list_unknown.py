"""Use case: what nobody knows the outcome of, for the report."""

from renga.domains.payments.contract.payments import READING_PAYMENTS
from renga.domains.payments.contract.webhooks import UnknownOperation
from renga.domains.payments.dependencies import PaymentDependencies
from renga.kernel.caller import Caller
from renga.kernel.money import Money

#: Most operations of one report.
UNKNOWN_MAX = 1_000


async def list_unknown(
    dependencies: PaymentDependencies, caller: Caller, older_than_s: int
) -> tuple[UnknownOperation, ...]:
    """Oldest first. Raises Unauthenticated, InsufficientScope, Unavailable."""
    caller.require(READING_PAYMENTS)
    now_ms = dependencies.clock.now_ms()
    found = await dependencies.work.unknown(now_ms - older_than_s * 1000, UNKNOWN_MAX)
    return tuple(
        UnknownOperation(
            key=one.key, payment=one.payment, provider=one.provider, kind=one.kind,
            amount=Money(one.amount, one.currency), age_s=(now_ms - one.created_ms) // 1000, attempts=one.attempts,
        )
        for one in found
    )  # fmt: skip
