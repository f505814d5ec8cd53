"""The two things that each use case of the cart does: ride out a loss of the store, and answer."""

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
    """Do the step; if the store has lost the cart, restore it and do it again; if the cart is half merged, finish that first."""
    for _ in range(2):
        try:
            return await step()
        except CartNotFound:
            if not await restore(dependencies, cart_id):
                raise
        except CartBusy as busy:
            if "into" not in busy.extra:
                raise  # it is another cart that is busy
            if await resume_merge(dependencies, cart_id, str(busy.extra["into"])):
                raise CartMergedAway() from None
    try:
        return await step()
    except CartBusy:
        raise CartBusy() from None  # where it is being merged into is not the caller's to know


async def restore(dependencies: CartDependencies, cart_id: str) -> bool:
    """Bring the cart back from its snapshot; False if there is none or the store has the cart."""
    snapshot = await dependencies.snapshots.find(cart_id)
    if snapshot is None or not await dependencies.recovery.restore(cart_id, snapshot.fields):
        return False
    if "owner" in snapshot.fields:
        await erase_if_recorded(dependencies, [(cart_id, snapshot.fields["owner"])])
    return True


async def shown(dependencies: CartDependencies, stored: StoredCart) -> Cart:
    """The cart as it is answered, with today's prices beside the lines where the catalogue tells them."""
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
            found = {}  # the cart answers without today's prices; the cache has logged and the catalogue's own metric counts
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


async def changed(dependencies: CartDependencies, cart_id: str, outcome: WriteOutcome) -> Change:
    """The answer to a write."""
    return Change(
        cart_id=cart_id,
        version=outcome.version,
        etag=etag(outcome.version, outcome.restores),
        line=outcome.line or None,
        cart=None if outcome.cart is None else await shown(dependencies, outcome.cart),
        replayed=outcome.replayed,
    )


async def write_step(
    dependencies: CartDependencies, cart_id: str, step: Callable[[str], Awaitable[WriteOutcome]]
) -> Change:
    """A write as every use case does it: check the id, do the step (riding out a loss), answer."""
    checked = checked_id(cart_id)
    return await changed(dependencies, checked, await with_recovery(dependencies, checked, lambda: step(checked)))
