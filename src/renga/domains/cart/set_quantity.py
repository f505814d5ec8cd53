"""Set the quantity of a line."""

from renga.domains.cart.contract import Change, OutOfStock, Write
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.model import check_quantity
from renga.domains.cart.owner_groups import write_on_terms
from renga.domains.cart.ports import WriteOutcome
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def set_quantity(
    dependencies: CartDependencies, caller: Caller, cart_id: str, line: str, quantity: int, write: Write
) -> Change:
    check_quantity(quantity, dependencies.limits.quantity)
    checked = guard(caller, write, "set_quantity", cart_id, line, quantity)
    sku: str | None = None

    async def step(known: str) -> WriteOutcome:
        nonlocal sku
        sku = await _sku_of(dependencies, known, line)
        most = None if sku is None else (await dependencies.stock.find(sku)).most
        return await write_on_terms(
            dependencies,
            caller,
            known,
            checked,
            lambda guarded: dependencies.store.set_quantity(known, line, quantity, guarded, most),
        )

    try:
        return await write_step(dependencies, cart_id, step)
    except OutOfStock as error:
        available = int(error.extra["available"])
        raise OutOfStock(f"of {sku} {available} can be bought now", sku=sku, available=available) from None


async def _sku_of(dependencies: CartDependencies, cart_id: str, line: str) -> str | None:
    """The sku of a line: known from an earlier call, or read; None if the cart has no such line."""
    sku = dependencies.line_skus.of(line)
    if sku is None and dependencies.stock.counts:
        _, stored = await dependencies.store.read(cart_id)
        for held in stored.lines if stored is not None else ():
            dependencies.line_skus.remember(held.line, held.sku)
        sku = dependencies.line_skus.of(line)
    return sku
