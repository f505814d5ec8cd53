"""What a worker runs of orders: outbox, consumers, jobs, and the processes that place orders."""

from renga.domains.orders.jobs import forget_attempts, jobs
from renga.domains.orders.local import LocalOrders
from renga.domains.orders.reactions import (
    cancelled_consumer,
    cart_consumers,
    checkout_erasure_consumer,
    payment_consumer,
)
from renga.domains.orders.settings import OrdersSettings
from renga.domains.orders.stores.checkouts import PostgresCheckouts
from renga.domains.orders.stores.placings import PostgresPlacings
from renga.platform.modules.opening import Opened, Opening
from renga.platform.outbox.postgres import PostgresOutbox
from renga.platform.process.worker import run_until_cancelled


def worked(opening: Opening, orders: LocalOrders) -> Opened:
    """Orders with all that a worker runs of them."""
    resources, settings = opening.resources, opening.settings[OrdersSettings]
    dependencies = orders.dependencies
    store, placings = dependencies.checkouts, dependencies.placings
    assert isinstance(store, PostgresCheckouts)
    assert isinstance(placings, PostgresPlacings)
    outbox = PostgresOutbox(resources.database, "orders")

    async def forget() -> int:
        return await forget_attempts(dependencies.orders, resources.clock, settings.checkout_kept_days)

    return Opened(
        contract=orders,
        outboxes={outbox.name: outbox},
        consumers=[
            *cart_consumers(dependencies),
            checkout_erasure_consumer(store),
            payment_consumer(dependencies.services, placings),
            cancelled_consumer(dependencies.services),
        ],
        jobs=lambda held: [
            *jobs(
                store,
                resources.clock,
                resources.new_id,
                kept_days=settings.checkout_kept_days,
                sweeps=[store.sweep_answers, store.sweep_heard, forget],
            ),
            run_until_cancelled(placings.processes),
        ],
    )
