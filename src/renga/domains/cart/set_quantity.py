"""Set the quantity of a line."""

from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.model import check_quantity
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def set_quantity(
    dependencies: CartDependencies, caller: Caller, cart_id: str, line: str, quantity: int, write: Write
) -> Change:
    check_quantity(quantity, dependencies.limits.quantity)
    checked = guard(caller, write, "set_quantity", cart_id, line, quantity)
    return await write_step(
        dependencies, cart_id, lambda known: dependencies.store.set_quantity(known, line, quantity, checked)
    )
