"""Store or remove a coupon code; the checkout's quote decides whether it gives a discount."""

from typing import Literal

from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.model import check_coupon
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller


async def keep_coupon(
    dependencies: CartDependencies,
    caller: Caller,
    cart_id: str,
    code: str,
    change: Literal["apply", "remove"],
    write: Write,
) -> Change:
    checked_code = check_coupon(code)
    checked = guard(caller, write, f"coupon-{change}", cart_id, checked_code)
    return await write_step(
        dependencies, cart_id, lambda known: dependencies.store.coupon(known, checked_code, change, checked)
    )
