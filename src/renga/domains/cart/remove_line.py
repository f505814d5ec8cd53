"""Remove a line."""

from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import Tools, guard
from renga.domains.cart.use_case import write_step


async def remove_line(tools: Tools, cart_id: str, line: str, write: Write) -> Change:
    checked = guard(write, "remove", cart_id, line)
    return await write_step(tools, cart_id, lambda known: tools.store.remove(known, line, checked))
