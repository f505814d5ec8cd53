"""What a worker runs of payments: its outbox and jobs, with the providers that the janitor asks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from renga.domains.payments.jobs import jobs
from renga.domains.payments.opening import open_dependencies
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.modules.opening import Opened, Opening
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.postgres import calls


@asynccontextmanager
async def open_payments_worker(opening: Opening) -> AsyncIterator[Opened]:
    """Without a contract."""
    resources = opening.resources
    outbox = PostgresOutbox(resources.database, "payments")
    answers = IdempotentAnswers("payments", resources.secret)

    async def sweep() -> int:
        async with calls.transaction(resources.database) as connection:
            return await answers.sweep(connection, resources.clock.now_ms())

    async with open_dependencies(opening) as dependencies:
        yield Opened(contract=None, outboxes={outbox.name: outbox}, jobs=lambda held: jobs(dependencies, sweep))
