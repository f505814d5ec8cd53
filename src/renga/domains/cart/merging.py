"""A merge changes two carts in three steps: freeze the source, add its load to the target, leave a tombstone.

Each step is atomic and may be repeated, so every caller, reader or sweeper that finds an unfinished merge finishes it, or
gives it up: first at the target, which from then on refuses the load of that freeze, then at the source.
"""

from collections.abc import Sequence

import msgspec
import structlog

from renga.domains.cart.access import EVERY_CART
from renga.domains.cart.contract import CartBusy, CartHasExpired, CartMergedAway, CartNotFound
from renga.domains.cart.dependencies import CartDependencies
from renga.domains.cart.line_prices import OfferPrices, prices_on
from renga.domains.cart.ports import (
    Guard,
    LineArgument,
    MergeLoad,
    MergePending,
    Rows,
    StoredCart,
    StoredLine,
    TermsDiffer,
    WriteOutcome,
)
from renga.kernel.errors import RengaError, Unavailable

log = structlog.get_logger(__name__)

#: How often a merge is tried again when its target turns out to be merged itself; and how many such merges are followed.
TRIES_MAX, CHAIN_MAX = 4, 16


async def freeze(dependencies: CartDependencies, source_id: str, target_id: str, caller: str) -> StoredCart | None:
    """The first step. Finishes an unfinished merge of the source into another cart first; then raises CartMergedAway."""
    try:
        return await dependencies.store.begin_merge(source_id, target_id, caller)
    except CartBusy as busy:
        if await resume_merge(dependencies, source_id, str(busy.extra["into"])):
            raise CartMergedAway() from None
    try:
        return await dependencies.store.begin_merge(source_id, target_id, caller)
    except CartBusy:
        raise CartBusy() from None  # without the target's id: the caller may have no access to it


async def move_into(dependencies: CartDependencies, source: StoredCart, target_id: str, guard: Guard) -> WriteOutcome:
    """The second and third step for a frozen source. If the target refuses, unfreezes the source and raises the error."""
    try:
        outcome = await _add_to(dependencies, source, target_id, guard)
    except Unavailable:
        raise  # the source stays frozen: the sweeper or the next caller finishes the merge
    except RengaError as error:
        if guard.caller != EVERY_CART and not isinstance(error, CartBusy):  # another caller may meet the conditions
            await dependencies.store.end_merge(source.id, target_id, done=False)
            raise
        if await dependencies.store.give_up_merge(source.id, target_id, source.token):
            raise
        return await dependencies.store.merge(target_id, source.id, MergeLoad(lines=()), guard)  # a replay
    await dependencies.store.end_merge(source.id, target_id, done=True)
    return outcome


async def _add_to(dependencies: CartDependencies, source: StoredCart, target_id: str, guard: Guard) -> WriteOutcome:
    """The second step. If the target is itself being merged, that merge comes first."""
    for _ in range(TRIES_MAX):
        now_ms, target = await dependencies.store.read(target_id)
        if target is None:
            raise CartNotFound()
        if now_ms >= target.expires_ms and target.state in ("open", "checkout"):
            raise CartHasExpired()
        load = await _load(dependencies, source, target)
        guarded = msgspec.structs.replace(guard, price_key=target.terms.price_key)
        try:
            return await dependencies.store.merge(target_id, source.id, load, guarded)
        except TermsDiffer:
            continue
        except CartBusy as busy:
            if "into" not in busy.extra:
                raise  # this freeze of the source was given up
        await _finish_chain(dependencies, target_id)
    raise CartBusy()


async def _finish_chain(dependencies: CartDependencies, cart_id: str) -> None:
    """Finish the merges that begin at a frozen cart, the last first. In a circle the cart with the smallest id stays."""
    chain: list[MergePending] = []
    frozen: dict[str, StoredCart] = {}
    following = cart_id
    while len(chain) < CHAIN_MAX:
        _, cart = await dependencies.store.read(following)
        if cart is None or cart.state != "merging" or cart.into is None:
            break
        if cart.id in frozen:
            circle = list(frozen)[list(frozen).index(cart.id) :]
            stays = frozen[min(circle)]
            await dependencies.store.give_up_merge(stays.id, str(stays.into), stays.token)
            return
        frozen[cart.id] = cart
        chain.append(MergePending(cart.id, cart.into))
        following = cart.into
    for merge in reversed(chain):
        await resume_merge(dependencies, merge.source_id, merge.target_id)


async def resume_merge(dependencies: CartDependencies, source_id: str, target_id: str) -> bool:
    """Finish an unfinished merge. True: the source is merged; False: the target refused, the source is unfrozen."""
    try:
        source = await dependencies.store.begin_merge(source_id, target_id, EVERY_CART)
        if source is not None:
            await move_into(dependencies, source, target_id, Guard(caller=EVERY_CART, whole=False))
    except Unavailable:
        raise
    except RengaError as error:
        log.warning("merge_abandoned", source=source_id, code=error.code)
        return False
    return True


async def _load(dependencies: CartDependencies, source: StoredCart, target: StoredCart) -> MergeLoad:
    """The source's lines at their stored prices, or at current prices if the target has another currency or other terms.

    A line that has no current price in the same currency keeps its own.
    """
    prices: dict[str, OfferPrices] = {}
    key, currency = target.terms.price_key, target.currency
    if source.currency != currency or source.terms.price_key != key:
        offers = await dependencies.offers.find_many(line.sku for line in (*source.lines, *source.saved))
        prices = {sku: prices_on(offer, key, dependencies.at) for sku, offer in offers.items()}

    def own_rows(line: StoredLine) -> Rows | None:
        priced = prices.get(line.sku)
        again = priced is not None and currency in priced.prices
        return line.rows if source.currency == currency and not again else None

    def arguments(lines: Sequence[StoredLine]) -> tuple[LineArgument, ...]:
        return tuple(
            LineArgument(
                line=line.line,
                quantity=line.quantity,
                sku=line.sku,
                title=line.title,
                options=line.options,
                prices=prices[line.sku].prices if line.sku in prices else {},
                breaks=prices[line.sku].breaks if line.sku in prices else {},
                own_rows=own_rows(line),
            )
            for line in lines
        )

    return MergeLoad(
        lines=arguments(source.lines), saved=arguments(source.saved), coupons=source.coupons, token=source.token
    )
