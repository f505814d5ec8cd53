"""Use case: erase a person from their carts, also from writes that come later.

The erasure first writes its record, then searches for the person's carts. A snapshot, restore or current cart first writes
the person's id, then looks for the record. So at least one of the two sees the other, without a lock.
"""

import asyncio
from collections.abc import Iterable, Sequence

from renga.domains.cart.dependencies import CartDependencies

#: Carts per batch; a customer has few.
CARTS_MAX = 100


async def erase_customer(dependencies: CartDependencies, customer: str) -> None:
    """Delete the customer's current-cart row, their carts' owner, note and lines with options, and snapshots. Idempotent."""
    await dependencies.erased.record(customer)
    current = await dependencies.current.find(customer)
    if current is not None:
        await erase_in_carts(dependencies, customer, [current])
    await dependencies.current.drop(customer)
    while cart_ids := await dependencies.snapshots.owned_by(customer, CARTS_MAX):
        await erase_in_carts(dependencies, customer, cart_ids)


async def erase_if_recorded(dependencies: CartDependencies, owners: Iterable[tuple[str, str]]) -> None:
    """``owners`` are pairs of cart and owner that were just written: erases the owners who have an erasure record."""
    carts: dict[str, list[str]] = {}
    for cart_id, owner in owners:
        carts.setdefault(owner, []).append(cart_id)
    if carts:
        for customer in sorted(await dependencies.erased.among(carts)):
            await erase_in_carts(dependencies, customer, carts[customer])


async def erase_in_carts(dependencies: CartDependencies, customer: str, cart_ids: Sequence[str]) -> None:
    """Store first, snapshots second: a snapshot taken in between has no owner and is not dropped."""
    for start in range(0, len(cart_ids), CARTS_MAX):
        some = cart_ids[start : start + CARTS_MAX]
        await asyncio.gather(*(dependencies.erasure.erase(cart_id, customer) for cart_id in some))
        await dependencies.snapshots.drop(some, customer)
