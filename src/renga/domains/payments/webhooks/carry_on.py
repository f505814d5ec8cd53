"""Perform what follows from applied events: the capture after a challenge, the refund of late money."""

import asyncio
from collections.abc import Sequence

import structlog

from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.perform_operation import carry_out
from renga.domains.payments.webhooks.apply_event import AppliedEvent
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

#: How long whoever brought the events waits at most; they are written already.
CARRY_ON_S = 5.0


async def carry_on(dependencies: PaymentDependencies, applied: Sequence[AppliedEvent]) -> None:
    """Never raises Unavailable: what takes too long, or cannot be done now, a worker does when the lease ends."""
    try:
        async with asyncio.timeout(CARRY_ON_S):
            for one in applied:
                await carry_out(dependencies, one.known, one.following)
    except (TimeoutError, Unavailable) as error:
        log.warning("following_operations_left_to_worker", reason=str(error) or "timeout")
