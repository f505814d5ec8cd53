"""Use case: forget a person in her carts, once and for whatever comes late.

The record comes first, what it applies to is looked for afterwards; whoever writes her id down (a snapshot, a restore, a
current cart) does so first and looks for the record afterwards. So one of the two sees the other, without a lock.
"""

import asyncio
from collections.abc import Iterable, Sequence

from renga.domains.cart.dependencies import CartDependencies

#: Carts that are looked for at once; a customer has few.
CARTS_MAX = 100


async def erase_customer(dependencies: CartDependencies, customer: str) -> None:
    """Forget her: her current cart's row, her carts' owner, note and lines with options, and their snapshots. Idempotent."""
    await dependencies.erased.record(customer)
    current = await dependencies.current.find(customer)
    if current is not None:
        await erase_in_carts(dependencies, customer, [current])
    await dependencies.current.drop(customer)
    while cart_ids := await dependencies.snapshots.owned_by(customer, CARTS_MAX):
        await erase_in_carts(dependencies, customer, cart_ids)


async def erase_if_recorded(dependencies: CartDependencies, owners: Iterable[tuple[str, str]]) -> None:
    """Pairs of a cart and its owner that were just written down: undo that for owners who are to be forgotten."""
    carts: dict[str, list[str]] = {}
    for cart_id, owner in owners:
        carts.setdefault(owner, []).append(cart_id)
    if carts:
        for customer in sorted(await dependencies.erased.among(carts)):
            await erase_in_carts(dependencies, customer, carts[customer])


async def erase_in_carts(dependencies: CartDependencies, customer: str, cart_ids: Sequence[str]) -> None:
    """The store first: a snapshot that is taken in between has no owner, and is not dropped."""
    for start in range(0, len(cart_ids), CARTS_MAX):
        some = cart_ids[start : start + CARTS_MAX]
        await asyncio.gather(*(dependencies.erasure.erase(cart_id, customer) for cart_id in some))
        await dependencies.snapshots.drop(some, customer)
