"""Shared by the cart's use cases: recovery after a loss of the store, and the result of a write."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from renga.domains.cart.contract import Cart, CartBusy, CartMergedAway, CartNotFound, CartTerms, Change, PriceMove
from renga.domains.cart.dependencies import CartDependencies, checked_id
from renga.domains.cart.erase_customer import erase_if_recorded
from renga.domains.cart.line_prices import rows_on
from renga.domains.cart.merging import resume_merge
from renga.domains.cart.model import price_at, view, view_line
from renga.domains.cart.ports import StoredCart, StoredLine, WriteOutcome, etag
from renga.domains.catalog.contract import Offer
from renga.kernel.errors import Unavailable
from renga.platform.cache.hurried import WAIT_S

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


async def view_cart(
    dependencies: CartDependencies,
    stored: StoredCart,
    moves: tuple[PriceMove, ...] = (),
    terms: CartTerms | None = None,
) -> Cart:
    """The cart as the contract returns it, with current prices (on these terms, if given) where the catalogue has them."""
    price_key = (terms or stored.terms).price_key
    lines = (*stored.lines, *stored.saved)
    peek = dependencies.offers.peek
    offers: dict[str, Offer] = {}
    missing = []
    for line in lines:
        offer = peek(line.sku)
        if offer is None:
            missing.append(line.sku)
        else:
            offers[line.sku] = offer
    if missing:
        # without the catalogue the cart has no current prices; logged by the cache, counted by the catalogue's metric
        with contextlib.suppress(Unavailable, TimeoutError):
            async with asyncio.timeout(WAIT_S):
                offers |= await dependencies.offers.find_many(missing)

    def current(line: StoredLine) -> int | None:
        offer = offers.get(line.sku)
        if offer is None or not offer.price_list:
            return None if offer is None else offer.prices.get(stored.currency)
        rows = rows_on(offer, price_key, stored.currency, dependencies.at)
        return None if rows is None else price_at(rows, line.quantity)

    return view(
        id=stored.id,
        version=stored.version,
        etag=stored.etag,
        currency=stored.currency,
        terms=stored.terms,
        state=stored.state,
        owner=stored.owner,
        times_ms=(stored.created_ms, stored.updated_ms, stored.expires_ms),
        note=stored.note,
        coupons=stored.coupons,
        lines=tuple(view_line(line, stored.currency, current(line)) for line in stored.lines),
        saved=tuple(view_line(line, stored.currency, current(line)) for line in stored.saved),
        moves=moves,
    )


async def change_of(dependencies: CartDependencies, cart_id: str, outcome: WriteOutcome) -> Change:
    """The result of a write as the contract returns it."""
    return Change(
        cart_id=cart_id,
        version=outcome.version,
        etag=etag(outcome.version, outcome.restores),
        line=outcome.line or None,
        cart=None if outcome.cart is None else await view_cart(dependencies, outcome.cart, outcome.moves),
        moves=outcome.moves,
        replayed=outcome.replayed,
    )


async def write_step(
    dependencies: CartDependencies, cart_id: str, step: Callable[[str], Awaitable[WriteOutcome]]
) -> Change:
    """A write: check the id, do the step with recovery, return the Change."""
    checked = checked_id(cart_id)
    return await change_of(dependencies, checked, await with_recovery(dependencies, checked, lambda: step(checked)))
