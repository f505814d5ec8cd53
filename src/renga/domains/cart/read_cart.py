"""Read a cart; one that the store has lost comes back from its snapshot, one that is half merged is merged first."""

from renga.domains.cart.access import check_owner, store_name
from renga.domains.cart.contract import Cart, CartBusy, CartExpired, CartMergedAway, CartNotFound
from renga.domains.cart.dependencies import Tools, checked_id
from renga.domains.cart.ports import StoredCart
from renga.domains.cart.use_case import riding_out, shown
from renga.kernel.caller import Caller


async def read_cart(tools: Tools, caller: Caller, cart_id: str) -> Cart:
    checked = checked_id(cart_id)
    name = store_name(caller)

    async def step() -> StoredCart:
        now_ms, stored = await tools.store.read(checked)
        if stored is None:
            raise CartNotFound()
        check_owner(stored.owner, name)
        if stored.state == "merged":
            raise CartMergedAway()
        if stored.state == "merging":
            raise CartBusy(into=stored.into)
        if stored.state == "expired" or (stored.state != "completed" and now_ms >= stored.expires_ms):
            raise CartExpired()
        return stored

    return await shown(tools, await riding_out(tools, checked, step))
