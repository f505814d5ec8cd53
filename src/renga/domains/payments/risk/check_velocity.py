"""Use case: before an authorisation, look whether somebody tries cards. Rules and pause are the shop's own, not a provider's."""

from renga.domains.payments.contract.errors import TooManyAttempts
from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.model.velocity import ATTEMPT_MS, VelocityRule, pause_left_ms
from renga.domains.payments.ports.store import PaymentUnit


async def check_velocity(dependencies: PaymentDependencies, unit: PaymentUnit) -> None:
    """In the transaction that inserts the payment. Raises TooManyAttempts: nothing was done, no provider was asked."""
    rules, now_ms = dependencies.velocity, dependencies.clock.now_ms()
    since_ms = now_ms - max(rules.reference.window_s, rules.address.window_s) * 1000
    found = await unit.hold_attempts(
        since_ms=since_ms,
        open_since_ms=now_ms - ATTEMPT_MS,
        limit=max(rules.reference.declines, rules.address.declines),
    )
    _check(rules.reference, found.of_reference_ms, found.open_attempts, now_ms, "this reference")
    _check(rules.address, found.of_address_ms, 0, now_ms, "this address")


def _check(rule: VelocityRule, declined_ms: tuple[int, ...], open_attempts: int, now_ms: int, what: str) -> None:
    left_ms = pause_left_ms(rule, declined_ms, open_attempts=open_attempts, now_ms=now_ms)
    if left_ms is not None:
        wait_s = -(-left_ms // 1000)
        raise TooManyAttempts(f"too many declines of {what}: wait {wait_s} seconds", retry_after_s=wait_s)
