"""What the use cases of checkouts need."""

import msgspec

from renga.domains.cart.contract import Carts
from renga.domains.identity.contract import Buyers
from renga.domains.orders.placing_services import PlacingServices
from renga.domains.orders.ports.checkouts import CheckoutStore
from renga.domains.orders.ports.orders import OrderStore
from renga.domains.orders.ports.placing import Placings
from renga.domains.orders.settings import OrdersSettings
from renga.domains.payments.contract.service import Payments
from renga.domains.pricing.contract import Pricing
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource
from renga.platform.turns import Turns


class CheckoutKeeping(msgspec.Struct, frozen=True, kw_only=True):
    """What checkouts need that nobody asks a quote for; a worker has no more."""

    checkouts: CheckoutStore
    carts: Carts
    settings: OrdersSettings
    clock: Clock
    new_id: IdSource


class CheckoutDependencies(CheckoutKeeping, frozen=True, kw_only=True):
    """``buyers`` None: nothing is verified of anybody.

    ``public_url`` is where browsers reach the shop. ``turns``: changes of one cart's checkout are made one after another.
    """

    pricing: Pricing
    payments: Payments
    buyers: Buyers | None
    public_url: str
    turns: Turns = msgspec.field(default_factory=Turns)


class OrderDependencies(CheckoutDependencies, frozen=True, kw_only=True):
    """``placings`` runs the saga; ``answer_within_s``: after it a placement that is not over is answered as ``processing``."""

    orders: OrderStore
    placings: Placings
    services: PlacingServices
    answer_within_s: float = 10.0
