"""Subtract what was ordered and remove the used coupons, once per order; with no line left the cart is completed."""

from collections.abc import Mapping, Sequence

from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import CartDependencies, guard
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
    named = (order,) if order else ()
    checked = guard(caller, write, "complete", cart_id, dict(ordered), *used, *named)
    return await write_step(
        dependencies, cart_id, lambda known: dependencies.store.complete(known, ordered, checked, used, order)
    )
