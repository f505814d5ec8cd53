"""What a worker runs of orders: outbox, consumers and jobs. Quotes, and what they ask of others, are not loaded there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from renga.domains.orders.dependencies import CheckoutKeeping
from renga.domains.orders.jobs import jobs
from renga.domains.orders.reactions import cart_consumers, checkout_erasure_consumer
from renga.domains.orders.settings import OrdersSettings
from renga.domains.orders.stores.checkouts import PostgresCheckouts
from renga.platform.modules.opening import Opened, Opening
from renga.platform.outbox.postgres import PostgresOutbox


@asynccontextmanager
async def open_orders_worker(opening: Opening) -> AsyncIterator[Opened]:
    """Without a contract."""
    yield worked(opening, None)


def worked(opening: Opening, contract: object) -> Opened:
    """Orders with all that a worker runs of them."""
    resources, settings = opening.resources, opening.settings[OrdersSettings]
    store = PostgresCheckouts(resources.database, resources.clock, resources.secret)
    keeping = CheckoutKeeping(
        checkouts=store,
        carts=opening.contracts["cart"],
        settings=settings,
        clock=resources.clock,
        new_id=resources.new_id,
    )
    outbox = PostgresOutbox(resources.database, "orders")
    return Opened(
        contract=contract,
        outboxes={outbox.name: outbox},
        consumers=[*cart_consumers(keeping), checkout_erasure_consumer(store)],
        jobs=lambda held: jobs(
            store,
            resources.clock,
            resources.new_id,
            kept_days=settings.checkout_kept_days,
            sweeps=[store.sweep_answers, store.sweep_heard],
        ),
    )
