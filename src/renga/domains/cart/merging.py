"""A merge crosses two carts, so two steps: freeze the source, put its load into the target, leave a tombstone.

Each step is atomic and may be repeated, so whoever finds a half-done merge (a caller, a reader, the sweeper) finishes it.
"""

from collections.abc import Sequence

import structlog

from renga.domains.cart.contract import CartBusy, CartExpired, CartMergedAway, CartNotFound
from renga.domains.cart.dependencies import Tools
from renga.domains.cart.ports import Guard, LineArgument, MergeLoad, Outcome, StoredCart, StoredLine
from renga.kernel.errors import RengaError, Unavailable

log = structlog.get_logger(__name__)


async def freeze(tools: Tools, source_id: str, target_id: str, caller: str) -> StoredCart | None:
    """The first step. A source that is half merged into another cart is merged there first, and is gone then."""
    try:
        return await tools.store.begin_merge(source_id, target_id, caller)
    except CartBusy as busy:
        if await resume_merge(tools, source_id, str(busy.extra["into"])):
            raise CartMergedAway() from None
    try:
        return await tools.store.begin_merge(source_id, target_id, caller)
    except CartBusy:
        raise CartBusy() from None  # where it is being merged into is not the caller's to know


async def put_into(tools: Tools, source: StoredCart, target_id: str, guard: Guard) -> Outcome:
    """The second and third step for a frozen source. If the target refuses, the source is thawed and the refusal raised."""
    try:
        now_ms, target = await tools.store.read(target_id)
        if target is None:
            raise CartNotFound()
        if now_ms >= target.expires_ms and target.state in ("open", "checkout"):
            raise CartExpired()
        load = await _load(tools, source, target.currency)
        outcome = await tools.store.merge(target_id, source.id, load, guard)
    except Unavailable:
        raise  # the source stays frozen: the sweeper, or the next caller, finishes it
    except RengaError:
        await tools.store.end_merge(source.id, target_id, done=False)
        raise
    await tools.store.end_merge(source.id, target_id, done=True)
    return outcome


async def resume_merge(tools: Tools, source_id: str, target_id: str) -> bool:
    """Finish a merge that someone began. True: the source is gone; False: it could not be done and the source is thawed."""
    try:
        source = await tools.store.begin_merge(source_id, target_id, "*")
        if source is not None:
            await put_into(tools, source, target_id, Guard(caller="*", whole=False))
    except Unavailable:
        raise
    except RengaError as error:
        log.warning("merge_abandoned", source=source_id, code=error.code)
        return False
    return True


async def _load(tools: Tools, source: StoredCart, currency: str) -> MergeLoad:
    """The source's lines, at their own prices, or at today's when the target is in another currency."""
    prices: dict[str, dict[str, int]] = {}
    if source.currency != currency:
        offers = await tools.offers.find_many(line.sku for line in (*source.lines, *source.saved))
        prices = {sku: offer.prices for sku, offer in offers.items()}

    def arguments(lines: Sequence[StoredLine]) -> tuple[LineArgument, ...]:
        return tuple(
            LineArgument(
                line=line.line,
                quantity=line.quantity,
                sku=line.sku,
                title=line.title,
                options=line.options,
                prices=prices.get(line.sku, {}),
                own_price=line.price if source.currency == currency else None,
            )
            for line in lines
        )

    return MergeLoad(lines=arguments(source.lines), saved=arguments(source.saved), coupons=source.coupons)
