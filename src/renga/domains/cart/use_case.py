"""Shared by the cart's use cases: recovery after a loss of the store, and the result of a write."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from renga.domains.cart.contract import Cart, CartBusy, CartMergedAway, CartNotFound, Change
from renga.domains.cart.dependencies import CartDependencies, checked_id
from renga.domains.cart.erase_customer import erase_if_recorded
from renga.domains.cart.merging import resume_merge
from renga.domains.cart.model import view, view_line
from renga.domains.cart.ports import StoredCart, WriteOutcome, etag
from renga.kernel.errors import Unavailable

T = TypeVar("T")


async def with_recovery(dependencies: CartDependencies, cart_id: str, step: Callable[[], Awaitable[T]]) -> T:
    """Do the step. If the store has lost the cart, restore it and retry; if a merge is unfinished, finish it and retry."""
    for _ in range(2):
        try:
            return await step()
        except CartNotFound:
            if not await restore(dependencies, cart_id):
                raise
        except CartBusy as busy:
            if "into" not in busy.extra:
                raise  # another cart is busy
            if await resume_merge(dependencies, cart_id, str(busy.extra["into"])):
                raise CartMergedAway() from None
    try:
        return await step()
    except CartBusy:
        raise CartBusy() from None  # without the target's id: the caller may have no access to it


async def restore(dependencies: CartDependencies, cart_id: str) -> bool:
    """Restore the cart from its snapshot; False if there is no snapshot or the store has the cart."""
    snapshot = await dependencies.snapshots.find(cart_id)
    if snapshot is None or not await dependencies.recovery.restore(cart_id, snapshot.fields):
        return False
    if "owner" in snapshot.fields:
        await erase_if_recorded(dependencies, [(cart_id, snapshot.fields["owner"])])
    return True


async def view_cart(dependencies: CartDependencies, stored: StoredCart) -> Cart:
    """The cart as the contract returns it, with current prices where the catalogue has them."""
    skus = [line.sku for line in (*stored.lines, *stored.saved)]
    peek = dependencies.offers.peek
    prices: dict[str, int | None] = {}
    missing = []
    for sku in skus:
        offer = peek(sku)
        if offer is None:
            missing.append(sku)
        else:
            prices[sku] = offer.prices.get(stored.currency)
    if missing:
        try:
            found = await dependencies.offers.find_many(missing)
        except Unavailable:
            found = {}  # return the cart without current prices; logged by the cache, counted by the catalogue's metric
        prices |= {sku: offer.prices.get(stored.currency) for sku, offer in found.items()}
    return view(
        id=stored.id,
        version=stored.version,
        etag=stored.etag,
        currency=stored.currency,
        state=stored.state,
        owner=stored.owner,
        times_ms=(stored.created_ms, stored.updated_ms, stored.expires_ms),
        note=stored.note,
        coupons=stored.coupons,
        lines=tuple(view_line(line, stored.currency, prices.get(line.sku)) for line in stored.lines),
        saved=tuple(view_line(line, stored.currency, prices.get(line.sku)) for line in stored.saved),
    )


async def change_of(dependencies: CartDependencies, cart_id: str, outcome: WriteOutcome) -> Change:
    """The result of a write as the contract returns it."""
    return Change(
        cart_id=cart_id,
        version=outcome.version,
        etag=etag(outcome.version, outcome.restores),
        line=outcome.line or None,
        cart=None if outcome.cart is None else await view_cart(dependencies, outcome.cart),
        replayed=outcome.replayed,
    )


async def write_step(
    dependencies: CartDependencies, cart_id: str, step: Callable[[str], Awaitable[WriteOutcome]]
) -> Change:
    """A write: check the id, do the step with recovery, return the Change."""
    checked = checked_id(cart_id)
    return await change_of(dependencies, checked, await with_recovery(dependencies, checked, lambda: step(checked)))
