"""Read a cart; restores it if the store has lost it, finishes an unfinished merge first."""

from renga.domains.cart.access import check_owner, guard_caller
from renga.domains.cart.contract import Cart, CartBusy, CartHasExpired, CartMergedAway, CartNotFound
from renga.domains.cart.dependencies import CartDependencies, checked_id
from renga.domains.cart.owner_groups import terms_now
from renga.domains.cart.ports import StoredCart
from renga.domains.cart.use_case import view_cart, with_recovery
from renga.kernel.caller import Caller


async def read_cart(dependencies: CartDependencies, caller: Caller, cart_id: str) -> Cart:
    checked = checked_id(cart_id)
    name = guard_caller(caller)

    async def step() -> StoredCart:
        now_ms, stored = await dependencies.store.read(checked)
        if stored is None:
            raise CartNotFound()
        check_owner(stored.owner, name)
        if stored.state == "merged":
            raise CartMergedAway()
        if stored.state == "merging":
            raise CartBusy(into=stored.into)
        if stored.state == "expired" or (stored.state != "completed" and now_ms >= stored.expires_ms):
            raise CartHasExpired()
        return stored

    cart = await with_recovery(dependencies, checked, step)
    return await view_cart(dependencies, cart, terms=await terms_now(dependencies, caller, cart.terms))
