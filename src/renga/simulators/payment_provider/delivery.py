"""Sends messages until somebody answers 2xx, and lets the clock act: the provider's own work beside requests."""

import asyncio
import hashlib
import hmac
import sys
from collections.abc import Coroutine
from typing import Any

from renga.simulators.payment_provider.desk import AGED_MAX, TWICE_MS, ProviderDesk
from renga.simulators.payment_provider.posting import PostFailed, Posts
from renga.simulators.payment_provider.storage.events import WaitingEvent

SIGNATURE = "Renga-Provider-Signature"
TIMEOUT_S = 10.0
#: Messages on their way at the same time.
SENDING_MAX = 8
ATTEMPTS_MAX = 30
BACKOFF_MS, BACKOFF_MAX_MS = 500, 60_000
#: The clock is looked at this often at least: tests move it, machines sleep.
LOOK_S = 1.0


def signature(secret: bytes, at_s: int, body: bytes) -> str:
    """``t=…,v1=…``: HMAC-SHA256 of the time, a full stop and the body."""
    mac = hmac.digest(secret, b"%d." % at_s + body, hashlib.sha256).hex()
    return f"t={at_s},v1={mac}"


class Delivery:
    """One for the process; ``run`` until cancelled."""

    def __init__(self, desk: ProviderDesk, poster: Posts) -> None:
        self._desk, self._poster = desk, poster
        self._news = asyncio.Event()
        self._sending: dict[str, asyncio.Task[None]] = {}
        desk.wake = self._news.set

    async def run(self) -> None:
        try:
            while True:
                self._news.clear()
                busy = self._desk.age() == AGED_MAX
                self._start_due()
                wait_s = 0.0 if busy else self._wait_s()
                try:
                    async with asyncio.timeout(wait_s):
                        await self._news.wait()
                except TimeoutError:
                    continue
        finally:
            for task in self._sending.values():
                task.cancel()
            await asyncio.gather(*self._sending.values(), return_exceptions=True)
            self._poster.close()

    def _start_due(self) -> None:
        free = SENDING_MAX - len(self._sending)
        if self._desk.paused or free <= 0:
            return
        for event in self._desk.events.due(self._desk.machine_clock(), free, list(self._sending)):
            self._start(event.id, self._deliver(event))

    def _start(self, event_id: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._sending[event_id] = task
        task.add_done_callback(lambda done: self._ended(event_id, done))
        return task

    def _ended(self, event_id: str, task: "asyncio.Task[None]") -> None:
        self._sending.pop(event_id, None)
        self._news.set()
        if not task.cancelled() and task.exception() is not None:
            print(f"provider: a message was not sent: {task.exception()!r}", file=sys.stderr, flush=True)

    def _wait_s(self) -> float:
        desk = self._desk
        waits = [] if desk.next_ms is None else [desk.next_ms - desk.now_ms()]
        if not desk.paused and len(self._sending) < SENDING_MAX:
            due = desk.events.next_ms(list(self._sending))
            waits += [due - desk.machine_clock()] if due is not None else []
        return max(0.0, min([LOOK_S, *(wait / 1_000 for wait in waits)]))

    async def first(self, event_ids: list[str], timeout_s: float) -> None:
        """Sends these now, before an answer; not longer than this."""
        tasks = []
        for event_id in event_ids:
            event = self._desk.events.get(event_id)
            if event is not None and not self._desk.paused:
                tasks.append(self._sending.get(event_id) or self._start(event_id, self._deliver(event)))
        if tasks:
            await asyncio.wait(tasks, timeout=timeout_s)

    async def _deliver(self, event: WaitingEvent) -> None:
        desk = self._desk
        url = event.url or desk.settings.shop_webhook
        if not url:
            desk.events.failed(event.id, None, "nobody to send it to")
            return
        now_s = desk.machine_clock() // 1_000
        headers = {"content-type": "application/json", "user-agent": "renga-provider"}
        if event.url is None:
            headers[SIGNATURE] = signature(desk.secret.webhook, now_s, event.body)
        try:
            status = await self._poster.post(url, event.body, headers)
        except PostFailed as error:
            self._failed(event, str(error)[:200])
            return
        if 200 <= status < 300:
            again = desk.machine_clock() + TWICE_MS if event.sends_left > 1 else None
            desk.events.sent(event.id, desk.machine_clock(), again, str(status))
        else:
            self._failed(event, str(status))

    def _failed(self, event: WaitingEvent, said: str) -> None:
        wait_ms = min(BACKOFF_MS * 2 ** min(event.attempts, 20), BACKOFF_MAX_MS)
        given_up = event.attempts + 1 >= ATTEMPTS_MAX
        self._desk.events.failed(event.id, None if given_up else self._desk.machine_clock() + wait_ms, said)
