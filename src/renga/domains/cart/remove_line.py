"""Remove a line."""

from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def remove_line(dependencies: CartDependencies, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
    checked = guard(caller, write, "remove", cart_id, line)
    return await write_step(dependencies, cart_id, lambda known: dependencies.store.remove(known, line, checked))
