"""Opens orders: connects its adapters to its ports."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from renga.domains.cart.contract import Carts
from renga.domains.identity.contract import Buyers, IdentityContracts
from renga.domains.inventory.contract.stock import Stock
from renga.domains.orders.dependencies import OrderDependencies
from renga.domains.orders.hear_payments import LateOrders
from renga.domains.orders.local import LocalOrders
from renga.domains.orders.model.order_numbers import new_number
from renga.domains.orders.placing_saga import NEWS, definition
from renga.domains.orders.placing_services import PlacingServices
from renga.domains.orders.settings import OrdersSettings
from renga.domains.orders.stores.attempt_ending import PostgresPlacingWrites
from renga.domains.orders.stores.checkouts import PostgresCheckouts
from renga.domains.orders.stores.orders import PostgresOrders
from renga.domains.orders.stores.placings import PostgresPlacings
from renga.domains.orders.working import worked
from renga.domains.payments.contract.service import Payments
from renga.domains.pricing.contract import Pricing
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.modules.opening import Opened, Opening
from renga.platform.postgres import calls
from renga.platform.process.postgres import Processes


def orders_on_postgres(
    pool: calls.Pool,
    settings: OrdersSettings,
    *,
    carts: Carts,
    pricing: Pricing,
    payments: Payments,
    clock: Clock,
    new_id: IdSource,
    secret: bytes,
    public_url: str,
    buyers: Buyers | None = None,
    stock: Stock | None = None,
    new_number: Callable[[], str] = new_number,
    crash_point: Callable[[str], None] = lambda name: None,
) -> LocalOrders:
    """Checkouts and orders on a pool whose database has the migrations. Late money is asked about here from now on."""
    services = PlacingServices(
        orders=PostgresOrders(pool),
        writes=PostgresPlacingWrites(),
        carts=carts,
        pricing=pricing,
        payments=payments,
        stock=stock,
        settings=settings,
        clock=clock,
        new_id=new_id,
        new_number=new_number,
    )
    processes = Processes(pool, "orders", definition(services), clock, crash_point)
    payments.answer_late_money(LateOrders(services))
    return LocalOrders(
        OrderDependencies(
            checkouts=PostgresCheckouts(pool, clock, secret),
            carts=carts,
            pricing=pricing,
            payments=payments,
            buyers=buyers,
            settings=settings,
            clock=clock,
            new_id=new_id,
            public_url=public_url,
            orders=services.orders,
            placings=PostgresPlacings(pool, processes, NEWS),
            services=services,
        )
    )


@asynccontextmanager
async def open_orders(opening: Opening) -> AsyncIterator[Opened]:
    """Orders on the process's database. A worker opens the same, without identity: nobody calls orders there."""
    resources, settings = opening.resources, opening.settings[OrdersSettings]
    identity: IdentityContracts | None = opening.contracts.get("identity")
    orders = orders_on_postgres(
        resources.database,
        settings,
        carts=opening.contracts["cart"],
        pricing=opening.contracts["pricing"],
        payments=opening.contracts["payments"],
        buyers=None if identity is None else identity.buyers,
        stock=opening.contracts.get("inventory"),
        clock=resources.clock,
        new_id=resources.new_id,
        secret=resources.secret,
        public_url=resources.public_url,
    )
    yield worked(opening, orders)
