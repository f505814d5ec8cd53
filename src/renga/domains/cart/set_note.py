"""Set or remove the buyer's note."""

from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.model import check_note
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def set_note(dependencies: CartDependencies, caller: Caller, cart_id: str, note: str, write: Write) -> Change:
    checked_note = check_note(note)
    checked = guard(caller, write, "note", cart_id, checked_note)
    return await write_step(dependencies, cart_id, lambda known: dependencies.store.note(known, checked_note, checked))
