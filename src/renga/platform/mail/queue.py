"""Mail in the background: requests are answered before their mail is sent, so that response times reveal nothing.

The queue is bounded and in memory: a crash loses its mails, and their readers request them again. A mail that cannot be queued
or sent is logged and counted, without its text, which contains links.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import Counter

from renga.kernel.errors import Unavailable
from renga.platform.mail.port import Mail, Mailer
from renga.platform.retrying import Retries

log = structlog.get_logger(__name__)

WAITING_MAX = 1_000
WORKERS = 4
ATTEMPTS_MAX = 4
#: Random waits of at most 4, 8 and 16 s.
RETRIES = Retries(attempts_max=ATTEMPTS_MAX, wait_min_ms=4_000, wait_max_ms=16_000)

mails = Counter("renga_mails", "Mails by outcome: sent, failed (given up), dropped (the queue was full)", ["outcome"])


class QueuedMailer:
    """``Mailer`` in front of another one. ``run`` it beside the requests; ``drain`` waits until it is empty."""

    def __init__(self, inner: Mailer, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._inner, self._sleep = inner, sleep
        self._queue: asyncio.Queue[Mail] = asyncio.Queue(WAITING_MAX)

    async def send(self, mail: Mail) -> None:
        """Never raises and never waits: an error would reveal who has an account."""
        try:
            self._queue.put_nowait(mail)
        except asyncio.QueueFull:
            mails.labels("dropped").inc()
            log.error("mail_dropped", kind=mail.kind)

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(self._work())

    async def drain(self, timeout_s: float) -> None:
        """Return when every mail is sent or given up, or at the time-out."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._queue.join()

    async def _work(self) -> None:
        while True:
            mail = await self._queue.get()
            try:
                await self._deliver(mail)
            finally:
                self._queue.task_done()

    async def _deliver(self, mail: Mail) -> None:
        try:
            await RETRIES.call(
                lambda: self._inner.send(mail), lambda error: isinstance(error, Unavailable), sleep=self._sleep
            )
        except Unavailable as error:
            mails.labels("failed").inc()
            log.error("mail_failed", kind=mail.kind, error=str(error))
        else:
            mails.labels("sent").inc()
