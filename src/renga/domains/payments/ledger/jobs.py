"""Background jobs of the ledger: checkpoints, and their check."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog
from prometheus_client import Counter

from renga.domains.payments.ledger.count_checkpoints import MORE, CheckpointCounter, verify_checkpoints
from renga.domains.payments.ledger.ports import LedgerCheckpoints
from renga.kernel.errors import Unavailable
from renga.platform.due_work import work_until_cancelled

log = structlog.get_logger(__name__)

#: Pauses: between two batches while transactions come, and between two checks of all checkpoints.
COUNT_EVERY_S, CHECK_EVERY_S = 1.0, 3_600.0

WRONG = Counter("renga_ledger_checkpoints_wrong", "Checkpoints of the ledger that differed from its entries")


def ledger_jobs(checkpoints: LedgerCheckpoints) -> list[Coroutine[Any, Any, None]]:
    """The jobs that a worker runs until cancelled. Safe with several workers."""
    return [count_until_cancelled(checkpoints), check_until_cancelled(checkpoints)]


async def count_until_cancelled(checkpoints: LedgerCheckpoints) -> None:
    counter = CheckpointCounter(checkpoints)
    await work_until_cancelled("ledger checkpoints", counter.step, batch_max=MORE, idle_s=COUNT_EVERY_S)


async def check_until_cancelled(checkpoints: LedgerCheckpoints) -> None:
    """A wrong checkpoint makes wrong balances, so it is not only told but deleted."""
    while True:
        await asyncio.sleep(CHECK_EVERY_S)
        try:
            wrong = await verify_checkpoints(checkpoints)
        except Unavailable as error:
            log.warning("ledger_not_verified", code=error.code, detail=error.detail)
            continue
        WRONG.inc(len(wrong))
        for one in wrong:
            log.error("ledger_checkpoint_was_wrong", kind=one.kind, subject=one.subject, detail=one.detail)
