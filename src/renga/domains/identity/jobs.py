"""What a worker does for identity besides relaying events: forget answers of idempotent writes that nobody retries."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

SWEEP_EVERY_S = 300.0
#: Batches of one turn; the rest waits for the next.
BATCHES_MAX = 20


async def sweep_once(sweep: Callable[[], Awaitable[int]]) -> int:
    """Batches until one finds nothing; how many rows went. Raises Unavailable."""
    gone = 0
    for _ in range(BATCHES_MAX):
        swept = await sweep()
        gone += swept
        if not swept:
            break
    return gone


async def sweep_until_cancelled(sweep: Callable[[], Awaitable[int]]) -> None:
    """Several processes do no harm: each takes rows that no other has."""
    while True:
        try:
            if gone := await sweep_once(sweep):
                log.info("idempotent_answers_forgotten", rows=gone)
        except Unavailable as error:
            log.warning("idempotent_answers_not_swept", code=error.code, detail=error.detail)
        await asyncio.sleep(SWEEP_EVERY_S)
