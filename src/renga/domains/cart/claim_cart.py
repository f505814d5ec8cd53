"""Give a guest cart to the customer who is logged in; the lines of a customer in groups are priced for them."""

import contextlib

from renga.domains.cart.access import owner_of
from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.ports import TermsDiffer, WriteOutcome
from renga.domains.cart.set_terms import claim_on_terms, groups_now
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller
from renga.kernel.errors import Unauthenticated


async def claim_cart(dependencies: CartDependencies, caller: Caller, cart_id: str, write: Write) -> Change:
    customer = owner_of(caller)
    if customer is None:
        raise Unauthenticated("only a customer who is logged in can claim a cart")
    checked = guard(caller, write, "claim", cart_id, customer)
    groups = await groups_now(dependencies, customer)

    async def step(known: str) -> WriteOutcome:
        if not groups:
            with contextlib.suppress(TermsDiffer):  # a cart with prices of groups that the customer has left
                return await dependencies.store.claim(known, customer, checked, groupless=groups is not None)
        return await claim_on_terms(dependencies, known, customer, groups or (), checked)

    return await write_step(dependencies, cart_id, step)
