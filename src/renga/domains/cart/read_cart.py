"""Read a cart; one that the store has lost comes back from its snapshot, one that is half merged is merged first."""

from renga.domains.cart.contract import Cart, CartBusy, CartExpired, CartMergedAway, CartNotFound
from renga.domains.cart.dependencies import Tools, caller, checked_id
from renga.domains.cart.ports import StoredCart
from renga.domains.cart.use_case import riding_out, shown


async def read_cart(tools: Tools, cart_id: str, customer: str | None, service: bool) -> Cart:
    checked = checked_id(cart_id)
    who = caller(customer, service)

    async def step() -> StoredCart:
        now_ms, stored = await tools.store.read(checked)
        if stored is None or (stored.owner is not None and who not in (stored.owner, "*")):
            raise CartNotFound()
        if stored.state == "merged":
            raise CartMergedAway()
        if stored.state == "merging":
            raise CartBusy(into=stored.into)
        if stored.state == "expired" or (stored.state != "completed" and now_ms >= stored.expires_ms):
            raise CartExpired()
        return stored

    return await shown(tools, await riding_out(tools, checked, step))
