"""Use case: one round of everything that is due for payments; a worker repeats it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

import msgspec
import structlog

from renga.domains.payments.dependencies import PaymentDependencies
from renga.domains.payments.janitor.expire_means import expire_means
from renga.domains.payments.janitor.keep_authorisation import keep_authorisation
from renga.domains.payments.janitor.resolve_operation import Resolution, resolve_operation
from renga.domains.payments.outcomes import BACKOFF_MS
from renga.domains.payments.ports.work import DueOperation, DueWebhook
from renga.domains.payments.webhooks.retry_event import retry_event
from renga.kernel.errors import Unavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")
R = TypeVar("R")

#: Most of each kind in one round, and how many of them are done at once.
DUE_MAX, AT_ONCE_MAX = 100, 8


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What a round has done. ``full``: more may be due; ``away``: questions without an answer; ``unknown``: see DueWork."""

    full: bool = False
    resolved: int = 0
    away: int = 0
    expired: int = 0
    ending: int = 0
    webhooks: int = 0
    unknown: int = 0


async def do_due(dependencies: PaymentDependencies) -> Round:
    """Raises Unavailable."""
    now_ms = dependencies.clock.now_ms()
    margin_ms = dependencies.settings.ending_margin_s * 1000
    due = await dependencies.work.due(now_ms, ending_before_ms=now_ms + margin_ms, limit=DUE_MAX)
    if not due.count:
        return Round(unknown=due.unknown)
    webhooks = await _each(due.webhooks, lambda one: _retry(dependencies, one))
    resolved, away = await _resolve(dependencies, due.operations)
    expired = await _each(due.expiring, lambda one: expire_means(dependencies, one))
    ending = await _each(due.ending, lambda one: keep_authorisation(dependencies, one))
    return Round(
        full=DUE_MAX in {resolved, len(expired), len(ending), len(webhooks)}, resolved=resolved,
        away=away + expired.count("away"), expired=expired.count("expired"),
        ending=len(ending) - ending.count("busy"), webhooks=webhooks.count(True), unknown=due.unknown,
    )  # fmt: skip


async def _resolve(dependencies: PaymentDependencies, due: Sequence[DueOperation]) -> tuple[int, int]:
    """How many went on, and how many wait because their provider is away.

    A few operations of each provider go first. If it answers none of them, the others wait, so that a round is never as long
    as the deadlines of all.
    """
    done: list[Resolution] = []
    for provider in sorted({one.provider for one in due}):
        every = [one for one in due if one.provider == provider]
        probes = {every[place] for place in (0, len(every) // 2, -1)}
        others = [one for one in every if one not in probes]
        answers = await _each(probes, lambda one: resolve_operation(dependencies, one))
        if set(answers) == {"away"} and others:
            now_ms = dependencies.clock.now_ms()
            await dependencies.work.postpone([one.key for one in others], now_ms, now_ms + BACKOFF_MS[-1])
            answers += ["away"] * len(others)
        else:
            answers += await _each(others, lambda one: resolve_operation(dependencies, one))
        done += answers
    return done.count("done"), done.count("away")


async def _retry(dependencies: PaymentDependencies, due: DueWebhook) -> bool:
    stored = await dependencies.webhooks.event(due.provider, due.id)
    return stored is not None and stored.state == "parked" and await retry_event(dependencies, stored)


async def _each(items: Iterable[T], work: Callable[[T], Awaitable[R]]) -> list[R]:
    """A few at once. One that fails is logged, and due again later; it does not stop the others."""
    limit = asyncio.Semaphore(AT_ONCE_MAX)

    async def one(item: T) -> R | None:
        async with limit:
            try:
                return await work(item)
            except Unavailable as error:
                log.warning("due_work_of_payments_waits", item=item, code=error.code, detail=error.detail)
                return None
            except Exception:
                log.exception("due_work_of_payments_failed", item=item)
                return None

    return [done for done in await asyncio.gather(*map(one, items)) if done is not None]
