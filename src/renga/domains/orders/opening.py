"""Opens orders: connects its adapters to its ports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from renga.domains.cart.contract import Carts
from renga.domains.identity.contract import Buyers, IdentityContracts
from renga.domains.orders.dependencies import CheckoutDependencies
from renga.domains.orders.local import LocalCheckouts
from renga.domains.orders.settings import OrdersSettings
from renga.domains.orders.stores.checkouts import PostgresCheckouts
from renga.domains.orders.working import worked
from renga.domains.payments.contract.service import Payments
from renga.domains.pricing.contract import Pricing
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.modules.opening import Opened, Opening
from renga.platform.postgres import calls


def checkouts_on_postgres(
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
) -> LocalCheckouts:
    """Checkouts on a pool whose database has the migrations."""
    return LocalCheckouts(
        CheckoutDependencies(
            checkouts=PostgresCheckouts(pool, clock, secret),
            carts=carts,
            pricing=pricing,
            payments=payments,
            buyers=buyers,
            settings=settings,
            clock=clock,
            new_id=new_id,
            public_url=public_url,
        )
    )


@asynccontextmanager
async def open_orders(opening: Opening) -> AsyncIterator[Opened]:
    """Orders on the process's database."""
    resources, settings = opening.resources, opening.settings[OrdersSettings]
    identity: IdentityContracts | None = opening.contracts.get("identity")
    checkouts = checkouts_on_postgres(
        resources.database,
        settings,
        carts=opening.contracts["cart"],
        pricing=opening.contracts["pricing"],
        payments=opening.contracts["payments"],
        buyers=None if identity is None else identity.buyers,
        clock=resources.clock,
        new_id=resources.new_id,
        secret=resources.secret,
        public_url=resources.public_url,
    )
    yield worked(opening, checkouts)
