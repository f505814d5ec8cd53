"""Identity's job in a worker besides relaying events: delete expired answers of idempotent writes."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

SWEEP_EVERY_S = 300.0
#: Batches per run; the rest waits for the next run.
BATCHES_MAX = 20


async def sweep_once(sweep: Callable[[], Awaitable[int]]) -> int:
    """Delete batches until one is empty; returns the number of rows. Raises Unavailable."""
    gone = 0
    for _ in range(BATCHES_MAX):
        swept = await sweep()
        gone += swept
        if not swept:
            break
    return gone


async def sweep_until_cancelled(sweep: Callable[[], Awaitable[int]]) -> None:
    """Safe in several processes: each takes rows that no other has locked."""
    while True:
        try:
            if gone := await sweep_once(sweep):
                log.info("idempotent_answers_forgotten", rows=gone)
        except Unavailable as error:
            log.warning("idempotent_answers_not_swept", code=error.code, detail=error.detail)
        await asyncio.sleep(SWEEP_EVERY_S)
