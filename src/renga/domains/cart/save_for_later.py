"""Move a line to the saved lines or back, or remove a saved line."""

from typing import Literal

from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.owner_groups import write_on_terms
from renga.domains.cart.ports import Guard, WriteOutcome
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def save_for_later(
    dependencies: CartDependencies,
    caller: Caller,
    cart_id: str,
    line: str,
    change: Literal["save", "restore", "remove"],
    write: Write,
) -> Change:
    checked = guard(caller, write, f"saved-{change}", cart_id, line)

    async def step(known: str) -> WriteOutcome:
        async def move(guarded: Guard) -> WriteOutcome:
            return await dependencies.store.saved(known, line, change, guarded)

        return await (
            write_on_terms(dependencies, caller, known, checked, move) if change == "restore" else move(checked)
        )

    return await write_step(dependencies, cart_id, step)
