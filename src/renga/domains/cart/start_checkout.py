"""Mark that a checkout began."""

from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import Tools, guard
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def start_checkout(tools: Tools, caller: Caller, cart_id: str, write: Write) -> Change:
    checked = guard(caller, write, "checkout", cart_id)
    return await write_step(tools, cart_id, lambda known: tools.store.checkout(known, checked))
