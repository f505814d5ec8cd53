"""Take away exactly what was ordered and the coupons that were used; with nothing left the cart is over."""

from collections.abc import Mapping, Sequence

from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import Tools, guard
from renga.domains.cart.model import check_coupon, check_quantity
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def complete_cart(
    tools: Tools, caller: Caller, cart_id: str, ordered: Mapping[str, int], write: Write, coupons: Sequence[str] = ()
) -> Change:
    for quantity in ordered.values():
        check_quantity(quantity, tools.limits.quantity)
    used = sorted({check_coupon(code) for code in coupons})
    checked = guard(caller, write, "complete", cart_id, dict(ordered), *used)
    return await write_step(tools, cart_id, lambda known: tools.store.complete(known, ordered, checked, used))
