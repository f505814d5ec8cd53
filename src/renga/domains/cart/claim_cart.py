"""Give a guest cart to the customer who is logged in; the lines of a customer in groups are priced for them."""

from renga.domains.cart.access import owner_of
from renga.domains.cart.contract import Change, Write
from renga.domains.cart.dependencies import CartDependencies, guard
from renga.domains.cart.set_terms import claim_on_terms, groups_of
from renga.domains.cart.use_case import write_step
from renga.kernel.caller import Caller
from renga.kernel.errors import Unauthenticated


async def claim_cart(dependencies: CartDependencies, caller: Caller, cart_id: str, write: Write) -> Change:
    customer = owner_of(caller)
    if customer is None:
        raise Unauthenticated("only a customer who is logged in can claim a cart")
    checked = guard(caller, write, "claim", cart_id, customer)
    groups = await groups_of(dependencies, customer)
    if groups:
        return await write_step(
            dependencies, cart_id, lambda known: claim_on_terms(dependencies, known, customer, groups, checked)
        )
    return await write_step(dependencies, cart_id, lambda known: dependencies.store.claim(known, customer, checked))
