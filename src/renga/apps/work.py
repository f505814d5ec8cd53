"""A worker: relays outboxes, sweeps deadlines, keeps read models. Any number of them share the work by leases."""

import asyncio
import secrets
from collections.abc import Coroutine
from typing import Any

import structlog

from renga.apps.compose import Shop, open_shop
from renga.apps.settings import Settings, load_settings, reach
from renga.platform.outbox.leases import LeaseKeeper, Leases
from renga.platform.outbox.relay import Relay
from renga.platform.redis.driver import make_client
from renga.platform.running import run_until_signal, settle_memory
from renga.platform.settings import Sources
from renga.platform.telemetry import logs

log = structlog.get_logger(__name__)


async def work(settings: Settings) -> None:
    """Work until cancelled; the batch at hand is finished, leases are given back."""
    async with open_shop(settings) as shop:
        client = make_client(settings.platform.redis)
        try:
            await _run(shop, LeaseKeeper(Leases(client, secrets.token_hex(8)), sorted(shop.outboxes())))
        finally:
            await client.aclose()


async def _run(shop: Shop, keeper: LeaseKeeper) -> None:
    relay = Relay(shop.outboxes(), shop.bus, keeper)
    consumers = shop.consumers()
    for consumer in consumers:
        await shop.bus.declare(consumer)
    jobs: list[Coroutine[Any, Any, None]] = [
        keeper.run(),
        relay.run(),
        *(shop.bus.consume(consumer) for consumer in consumers),
        *shop.jobs(keeper.held),
    ]
    settle_memory()
    log.info("worker_started", outboxes=len(shop.outboxes()), consumers=[consumer.name for consumer in consumers])
    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(job)


def main() -> None:
    """A worker process of its own, with no more in memory than it needs."""
    settings = load_settings(Sources())
    logs.configure(settings.platform.log_level, settings.platform.log_format)
    run_until_signal(work(reach(settings)))


if __name__ == "__main__":
    main()
