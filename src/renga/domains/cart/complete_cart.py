"""Subtract what was ordered and remove the used coupons, once per order; with no line left the cart is completed.

An order of a cart that was merged meanwhile is subtracted where its lines went.
"""

from collections.abc import Mapping, Sequence

from renga.domains.cart.contract import CartMergedAway, Change, Write
from renga.domains.cart.dependencies import CartDependencies, checked_id, guard
from renga.domains.cart.merging import CHAIN_MAX
from renga.domains.cart.model import check_coupon, check_order_id, check_quantity
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def complete_cart(
    dependencies: CartDependencies,
    caller: Caller,
    cart_id: str,
    ordered: Mapping[str, int],
    write: Write,
    coupons: Sequence[str] = (),
    order_id: str | None = None,
) -> Change:
    for quantity in ordered.values():
        check_quantity(quantity, dependencies.limits.quantity)
    used = sorted({check_coupon(code) for code in coupons})
    order = "" if order_id is None else check_order_id(order_id)
    parts = (*used, order) if order else used

    async def complete(of: str) -> Change:
        checked = guard(caller, write, "complete", of, dict(ordered), *parts)
        return await write_step(
            dependencies, of, lambda known: dependencies.store.complete(known, ordered, checked, used, order)
        )

    for _ in range(CHAIN_MAX):
        try:
            return await complete(cart_id)
        except CartMergedAway:
            target = await _merged_into(dependencies, cart_id)
            if target is None:
                raise
            cart_id = target
    raise CartMergedAway()


async def _merged_into(dependencies: CartDependencies, cart_id: str) -> str | None:
    """Where the lines of a merged cart went. Who may not use that cart is refused there."""
    _, stored = await dependencies.store.read(checked_id(cart_id))
    return None if stored is None else stored.into
