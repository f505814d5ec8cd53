"""Replace all lines, all or nothing; an empty list clears the cart."""

from collections.abc import Sequence

from renga.domains.cart.add_line import line_argument
from renga.domains.cart.contract import Change, LineLimit, NewLine, Write
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.model import add_up, check_line, check_quantity
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def replace_lines(
    dependencies: CartDependencies, caller: Caller, cart_id: str, lines: Sequence[NewLine], write: Write
) -> Change:
    for index, line in enumerate(lines):
        check_quantity(line.quantity, dependencies.limits.quantity, f"lines[{index}].")
        check_line(line, f"lines[{index}].")
    wanted = add_up(lines)
    if len(wanted) > dependencies.limits.lines:
        raise LineLimit(limit=dependencies.limits.lines)
    for line in wanted:
        check_quantity(line.quantity, dependencies.limits.quantity)
    checked = guard(caller, write, "replace", cart_id, wanted)
    offers = await dependencies.offers.find_many(line.sku for line in wanted)
    arguments = [line_argument(line, offers.get(line.sku), write.language) for line in wanted]
    return await write_step(dependencies, cart_id, lambda known: dependencies.store.replace(known, arguments, checked))
