"""Set the cart's state to ``checkout``."""

from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def start_checkout(dependencies: CartDependencies, caller: Caller, cart_id: str, write: Write) -> Change:
    checked = guard(caller, write, "checkout", cart_id)
    return await write_step(dependencies, cart_id, lambda known: dependencies.store.checkout(known, checked))
