"""A worker: relays outboxes, sweeps deadlines, updates read models. Any number of workers share the work by leases."""

import asyncio
import secrets
from collections.abc import Coroutine
from typing import Any

import structlog

from renga.apps.compose import Process, open_worker
from renga.apps.settings import load_settings, reach
from renga.platform.outbox.leases import WORKER_TTL_MS, LeaseKeeper, Leases
from renga.platform.outbox.news import opened_news
from renga.platform.outbox.relay import Relay
from renga.platform.running import ending_in_one_line, run_until_signal, settle_memory
from renga.platform.sections import Sections
from renga.platform.settings import PlatformSettings, Sources
from renga.platform.telemetry import logs

log = structlog.get_logger(__name__)


async def work(settings: Sections) -> None:
    """Work until cancelled; then finish the current batch and release the leases."""
    async with open_worker(settings) as process:
        leases = Leases(process.resources.redis_driver, secrets.token_hex(8), ttl_ms=WORKER_TTL_MS)
        await _run(process, LeaseKeeper(leases, sorted(process.outboxes())))


async def _run(process: Process, keeper: LeaseKeeper) -> None:
    outboxes = process.outboxes()
    async with opened_news(outboxes, process.resources.database) as news:
        relay = Relay(outboxes, process.resources.bus, keeper, news=news)
        keeper.tell(relay.wake)
        await _run_with(process, keeper, relay)


async def _run_with(process: Process, keeper: LeaseKeeper, relay: Relay) -> None:
    consumers = process.consumers()
    for consumer in consumers:
        await process.resources.bus.declare(consumer)
    jobs: list[Coroutine[Any, Any, None]] = [
        keeper.run(),
        relay.run(),
        *(process.resources.bus.consume(consumer) for consumer in consumers),
        *process.jobs(keeper.held),
    ]
    settle_memory()
    log.info("worker_started", outboxes=len(process.outboxes()), consumers=[consumer.name for consumer in consumers])
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(job)


def main() -> None:
    """Entry point of a worker process; it imports only what a worker needs."""
    with ending_in_one_line():
        logs.begin()
        settings = load_settings(Sources())
        platform = settings[PlatformSettings]
        logs.configure(platform.log_level, platform.log_format)
        run_until_signal(work(reach(settings)))


if __name__ == "__main__":
    main()
