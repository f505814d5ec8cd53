"""The contract in this process."""

import msgspec

from renga.domains.orders.change_checkout import change_checkout
from renga.domains.orders.contract import Checkout, CheckoutChange, CheckoutRequest
from renga.domains.orders.dependencies import CheckoutDependencies
from renga.domains.orders.read_checkout import read_checkout
from renga.domains.orders.start_checkout import start_checkout
from renga.kernel.caller import Caller
from renga.kernel.once import Once


class LocalCheckouts(msgspec.Struct, frozen=True):
    """Implements ``contract.Checkouts``."""

    dependencies: CheckoutDependencies

    async def start(
        self, caller: Caller, request: CheckoutRequest, *, language: str = "", once: Once | None = None
    ) -> tuple[Checkout, bool]:
        return await start_checkout(self.dependencies, caller, request, language, once)

    async def change(self, caller: Caller, checkout_id: str, change: CheckoutChange, *, language: str = "") -> Checkout:
        return await change_checkout(self.dependencies, caller, checkout_id, change, language)

    async def read(self, caller: Caller, checkout_id: str) -> Checkout:
        return await read_checkout(self.dependencies, caller, checkout_id)
