"""Stock and uses of promotions of an order: held, committed, given back. Every call may be repeated."""

import contextlib

from renga.domains.inventory.contract.errors import NotEnoughStock, ReservationNotFound, ReservationState
from renga.domains.orders.contract.errors import OrderOutOfStock
from renga.domains.orders.model.placing import Placing, redemption_of, reservation_of
from renga.domains.orders.placing_services import AT_STOCK, PlacingServices
from renga.domains.pricing.contract import RedemptionEnded, RedemptionNotFound
from renga.kernel.errors import Conflict


class GoodsGone(Conflict):
    """What was held is free again, and somebody else may have it."""

    code = "goods_gone"
    title = "The goods are not held any more"


async def hold_goods(services: PlacingServices, placing: Placing, *, key: str, from_ms: int, seconds: int) -> None:
    """Hold everything, or raise OrderOutOfStock, CouponExhausted, CouponUsed, PromotionNotFound.

    The caller gives back what a refused call has held.
    """
    redemption = redemption_of(placing, key=key, expires_ms=from_ms + seconds * 1000)
    if redemption is not None:
        await services.pricing.redeem(redemption)
    if services.stock is None:
        return
    try:
        await services.stock.reserve(AT_STOCK, reservation_of(placing, key=key, expires_in_s=seconds))
    except NotEnoughStock as short:
        raise OrderOutOfStock(short.detail, left=short.extra["left"]) from short


async def commit_goods(services: PlacingServices, placing: Placing, key: str) -> None:
    """It is sold: nothing of it expires any more. Raises GoodsGone."""
    try:
        if placing.quote.quote.promotions:
            await services.pricing.commit(key)
        if services.stock is not None:
            await services.stock.commit(AT_STOCK, key)
    except (ReservationState, ReservationNotFound, RedemptionEnded, RedemptionNotFound) as error:
        raise GoodsGone(error.detail) from error


async def secure_goods(services: PlacingServices, placing: Placing, key: str) -> str:
    """Commit what is held; if its time is over, hold it again first. Returns the key of what is committed.

    Raises GoodsGone if somebody else has bought it meanwhile.
    """
    try:
        await commit_goods(services, placing, key)
    except GoodsGone:
        key = await hold_again(services, placing, key, next_key(key))
    return key


def late_key(key: str) -> str:
    """The key under which goods are held for money that came late. One that was given back cannot be used again."""
    return f"{key}:late"


async def hold_again(services: PlacingServices, placing: Placing, key: str, again: str) -> str:
    """The same goods under the key ``again``, committed. Raises GoodsGone; nothing is held then."""
    await release_goods(services, placing, key)
    now_ms = services.clock.now_ms()
    try:
        await hold_goods(services, placing, key=again, from_ms=now_ms, seconds=placing.hold_s)
        await commit_goods(services, placing, again)
    except Conflict as gone:  # out of stock, a promotion that is used up, or held before and over again
        await release_goods(services, placing, again)
        raise GoodsGone(gone.detail) from gone
    return again


def next_key(key: str) -> str:
    """The key under which goods are held again after this one."""
    return f"{key}+" if ":again" in key else f"{key}:again"


async def release_goods(services: PlacingServices, placing: Placing, key: str) -> None:
    """Give back what is held or committed under a key, if anything is."""
    if services.stock is not None:
        with contextlib.suppress(ReservationNotFound):  # it never came so far
            await services.stock.release(AT_STOCK, key)
    if placing.quote.quote.promotions:
        with contextlib.suppress(RedemptionEnded):  # committed uses stay used: nobody gets a coupon twice by cancelling
            await services.pricing.release(key)
