"""What placing an order and following it needs of others, and the callers that it uses there."""

from collections.abc import Callable

import msgspec

from renga.domains.cart.contract import ANY_CART, Carts
from renga.domains.inventory.contract.stock import RESERVING, Stock
from renga.domains.orders.ports.orders import OrderStore
from renga.domains.orders.ports.placing import PlacingWrites
from renga.domains.orders.settings import OrdersSettings
from renga.domains.payments.contract.payments import PAYING
from renga.domains.payments.contract.service import Payments
from renga.domains.pricing.contract import Redemptions
from renga.kernel.caller import Caller
from renga.kernel.clock import Clock
from renga.kernel.ids import IdSource

#: The shop itself at the cart, at payments and at the inventory.
AT_CARTS = Caller.of_system("orders", ANY_CART)
AT_PAYMENTS = Caller.of_system("orders", PAYING)
AT_STOCK = Caller.of_system("orders", RESERVING)


class PlacingServices(msgspec.Struct, frozen=True, kw_only=True):
    """``stock`` None: nothing is counted here. Of pricing a worker has no more than redemptions."""

    orders: OrderStore
    writes: PlacingWrites
    carts: Carts
    pricing: Redemptions
    payments: Payments
    stock: Stock | None
    settings: OrdersSettings
    clock: Clock
    new_id: IdSource
    new_number: Callable[[], str]
