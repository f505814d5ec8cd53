"""Remove a line."""

from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import Tools, guard
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def remove_line(tools: Tools, caller: Caller, cart_id: str, line: str, write: Write) -> Change:
    checked = guard(caller, write, "remove", cart_id, line)
    return await write_step(tools, cart_id, lambda known: tools.store.remove(known, line, checked))
