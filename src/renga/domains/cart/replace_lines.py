"""Replace all lines, all or nothing; an empty list clears the cart."""

from collections.abc import Sequence

from renga.domains.cart.add_line import refusal
from renga.domains.cart.contract import Change, LineLimit, NewLine, OutOfStock, Write
from renga.domains.cart.dependencies import CartDependencies, checked_id, guard
from renga.domains.cart.line_prices import line_argument
from renga.domains.cart.model import add_up, check_line, check_quantity, line_id
from renga.domains.cart.owner_groups import write_on_terms
from renga.domains.cart.ports import Guard, WriteOutcome
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def replace_lines(
    dependencies: CartDependencies, caller: Caller, cart_id: str, lines: Sequence[NewLine], write: Write
) -> Change:
    wanted = _checked(dependencies, lines)
    checked = guard(caller, write, "replace", cart_id, wanted)
    offers = await dependencies.offers.find_many(line.sku for line in wanted)
    for offer in offers.values():
        if offer.bundle:
            dependencies.stock.know_bundle(offer.sku, (part.sku for part in offer.bundle))
    stock = await dependencies.stock.find_many(line.sku for line in wanted)

    async def step(known: str) -> WriteOutcome:
        async def replace(guarded: Guard) -> WriteOutcome:
            arguments = [
                line_argument(
                    line,
                    offers.get(line.sku),
                    stock[line.sku],
                    price_key=guarded.price_key,
                    language=write.language,
                    at=dependencies.at,
                )
                for line in wanted
            ]
            return await dependencies.store.replace(known, arguments, guarded)

        return await write_on_terms(dependencies, caller, known, checked, replace)

    try:
        return await write_step(dependencies, cart_id, step)
    except OutOfStock as error:
        sku = next(line.sku for line in wanted if line_id(line.sku, line.options) == error.extra["line"])
        raise refusal(error, sku, offers.get(sku), dependencies.price_keys.of(checked_id(cart_id))) from None


def _checked(dependencies: CartDependencies, lines: Sequence[NewLine]) -> list[NewLine]:
    """Lines of one sku and options summed up. Raises Unprocessable, QuantityOutOfRange, LineLimit."""
    for index, line in enumerate(lines):
        check_quantity(line.quantity, dependencies.limits.quantity, f"lines[{index}].")
        check_line(line, f"lines[{index}].")
    wanted = add_up(lines)
    if len(wanted) > dependencies.limits.lines:
        raise LineLimit(limit=dependencies.limits.lines)
    for line in wanted:
        check_quantity(line.quantity, dependencies.limits.quantity)
    return wanted
