"""What a worker runs of pricing: its outbox, its jobs, redemptions. Quotes, and what they ask of others, are not loaded there."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

from renga.domains.pricing.dependencies import RedemptionDependencies
from renga.domains.pricing.jobs import jobs
from renga.domains.pricing.kept_redemptions import KeptRedemptions
from renga.domains.pricing.reactions import erasure_consumer
from renga.domains.pricing.stores.redemptions import PostgresRedemptions
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.modules.opening import Held, Opened, Opening
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres import calls


@asynccontextmanager
async def open_pricing_worker(opening: Opening) -> AsyncIterator[Opened]:
    """The contract is ``Redemptions``: a worker ends what a dead process has begun."""
    resources = opening.resources
    outbox = PostgresOutbox(resources.database, "pricing")
    yield Opened(
        contract=KeptRedemptions(_dependencies(opening)),
        outboxes={outbox.name: outbox},
        consumers=[erasure_consumer(_dependencies(opening))],
        jobs=jobs_of(opening),
    )


def _dependencies(opening: Opening) -> RedemptionDependencies:
    resources = opening.resources
    return RedemptionDependencies(
        redemptions=PostgresRedemptions(resources.database), clock=resources.clock, new_id=resources.new_id
    )


def jobs_of(opening: Opening) -> Callable[[Held], Sequence[Coroutine[Any, Any, None]]]:
    """The jobs on the process's database."""
    resources, dependencies = opening.resources, _dependencies(opening)
    answers = IdempotentAnswers("pricing", resources.secret)

    async def sweep() -> int:
        async with calls.transaction(resources.database) as connection:
            return await answers.sweep(connection, resources.clock.now_ms())

    return lambda held: jobs(dependencies, sweep)
