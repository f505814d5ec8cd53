"""The loop of a job that does what is due: batch after batch while there is more, seldom while there is nothing."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)

#: Pauses: after something was due, and while the store is unavailable.
IDLE_S, AWAY_S = 2.0, 2.0
#: While nothing is due the pause doubles up to this one: what becomes due in a quiet shop is seen this late.
IDLE_MAX_S = 8.0


async def work_until_cancelled(
    what: str, step: Callable[[], Awaitable[int]], *, batch_max: int, idle_s: float = IDLE_S, away_s: float = AWAY_S
) -> None:
    """``step`` does one batch and returns how much was due; ``batch_max`` means that there may be more.

    ``what`` is due, for the log. Only Unavailable is waited out; any other error ends the job.
    """
    pause_s = idle_s
    while True:
        try:
            looked = await step()
        except Unavailable as error:
            log.warning("due_work_waits", what=what, code=error.code, detail=error.detail)
            await asyncio.sleep(away_s)
            continue
        if looked >= batch_max:
            continue
        pause_s = idle_s if looked else min(pause_s * 2, max(IDLE_MAX_S, idle_s))
        await asyncio.sleep(pause_s)
