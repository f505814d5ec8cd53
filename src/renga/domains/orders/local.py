"""The contract in this process."""

import msgspec

from renga.domains.orders.cancel_order import cancel_order
from renga.domains.orders.change_checkout import change_checkout
from renga.domains.orders.contract import Checkout, CheckoutChange, CheckoutRequest
from renga.domains.orders.contract.orders import Order, OrderPage, PlaceCommand, Placement
from renga.domains.orders.dependencies import OrderDependencies
from renga.domains.orders.place_order import confirm_placement, place_order
from renga.domains.orders.read_checkout import read_checkout
from renga.domains.orders.read_orders import list_orders, read_order
from renga.domains.orders.start_checkout import start_checkout
from renga.kernel.caller import Caller
from renga.kernel.once import Once


class LocalOrders(msgspec.Struct, frozen=True):
    """Implements ``contract.Checkouts`` and ``contract.orders.Orders``."""

    dependencies: OrderDependencies

    async def start(
        self, caller: Caller, request: CheckoutRequest, *, language: str = "", once: Once | None = None
    ) -> tuple[Checkout, bool]:
        return await start_checkout(self.dependencies, caller, request, language, once)

    async def change(self, caller: Caller, checkout_id: str, change: CheckoutChange, *, language: str = "") -> Checkout:
        return await change_checkout(self.dependencies, caller, checkout_id, change, language)

    async def read(self, caller: Caller, checkout_id: str) -> Checkout:
        return await read_checkout(self.dependencies, caller, checkout_id)

    async def place(self, caller: Caller, checkout_id: str, command: PlaceCommand) -> Placement:
        return await place_order(self.dependencies, caller, checkout_id, command)

    async def confirm(self, caller: Caller, checkout_id: str) -> Placement:
        return await confirm_placement(self.dependencies, caller, checkout_id)

    async def order(self, caller: Caller, order_id: str) -> Order:
        return await read_order(self.dependencies, caller, order_id)

    async def orders(self, caller: Caller, *, cursor: str | None = None, limit: int = 20) -> OrderPage:
        return await list_orders(self.dependencies, caller, cursor=cursor, limit=limit)

    async def cancel(self, caller: Caller, order_id: str) -> Order:
        return await cancel_order(self.dependencies, caller, order_id)
