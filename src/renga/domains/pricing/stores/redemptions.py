"""RedemptionStore on PostgreSQL: uses are counted under the locks of their counts, so that no limit is passed."""

from collections.abc import Sequence
from uuid import UUID

from renga.domains.pricing.contract import (
    CouponExhausted,
    CouponUsed,
    PromotionNotFound,
    RedemptionEnded,
    RedemptionNotFound,
)
from renga.domains.pricing.ports import HeldUse, NewRedemption, RedemptionEvents
from renga.kernel.once import IdempotencyConflict
from renga.platform.outbox.postgres import append
from renga.platform.postgres import calls

_INSERT = """
    INSERT INTO pricing.redemptions (key, state, customer, fingerprint, made_ms, expires_ms)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING true
"""
_LOCK = "SELECT state, customer, fingerprint FROM pricing.redemptions WHERE key = $1 FOR UPDATE"
_SET = "UPDATE pricing.redemptions SET state = $2 WHERE key = $1"
# Shared: a change of the promotion waits, another redemption does not.
_PROMOTIONS = """
    SELECT id::text, uses_max, customer_uses_max FROM pricing.promotions WHERE id = ANY($1::uuid[]) ORDER BY id FOR SHARE
"""
_USE = "UPDATE pricing.uses SET uses = uses + 1 WHERE promotion = $1 AND uses < $2 RETURNING uses"
_CUSTOMER_USE = """
    INSERT INTO pricing.customer_uses AS held (promotion, customer, uses) VALUES ($1, $2, 1)
    ON CONFLICT (promotion, customer) DO UPDATE SET uses = held.uses + 1 WHERE held.uses < $3 RETURNING uses
"""
_UNUSE = "UPDATE pricing.uses SET uses = uses - 1 WHERE promotion = $1 AND uses > 0"
_CUSTOMER_UNUSE = "UPDATE pricing.customer_uses SET uses = uses - 1 WHERE promotion = $1 AND customer = $2 AND uses > 0"
_USE_CODE = (
    "UPDATE pricing.single_use_codes SET redemption = $3 WHERE digest = $1 AND promotion = $2 AND redemption IS NULL"
)
_KNOWN_CODE = "SELECT true FROM pricing.single_use_codes WHERE digest = $1 AND promotion = $2"
_FREE_CODE = "UPDATE pricing.single_use_codes SET redemption = NULL WHERE redemption = $1 AND promotion = $2"
_INSERT_USES = """
    INSERT INTO pricing.redemption_uses (key, promotion, amount, currency)
    SELECT $1, * FROM unnest($2::uuid[], $3::bigint[], $4::text[])
"""
_USES = "SELECT promotion::text FROM pricing.redemption_uses WHERE key = $1 ORDER BY promotion"
_DUE = "SELECT key FROM pricing.redemptions WHERE state = 'held' AND expires_ms <= $1 ORDER BY expires_ms LIMIT $2"
_ERASE = "UPDATE pricing.redemptions SET customer = NULL WHERE customer = $1"
_ERASE_COUNTS = "DELETE FROM pricing.customer_uses WHERE customer = $1"
_FORGET = """
    DELETE FROM pricing.redemptions WHERE key IN (SELECT key FROM pricing.redemptions
        WHERE state = 'released' AND expires_ms < $1 ORDER BY expires_ms LIMIT $2 FOR UPDATE SKIP LOCKED)
"""


class PostgresRedemptions:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def redeem(self, new: NewRedemption, events: RedemptionEvents) -> None:
        async with calls.transaction(self._pool) as connection:
            row = (new.key, "held", new.customer, new.fingerprint, new.made_ms, new.expires_ms)
            if not await connection.fetchval(_INSERT, *row):
                await _check_replay(connection, new)
                return
            limits = await _limits(connection, [use.promotion for use in new.uses])
            for use in new.uses:
                if use.promotion not in limits:
                    raise PromotionNotFound(f"there is no promotion {use.promotion}")
                most = limits[use.promotion][0]
                if await _count(connection, use, new.customer, *limits[use.promotion]) and most is not None:
                    await append(connection, "pricing", [events.exhausted(use.promotion, most)])
            for use in new.uses:
                await _use_code(connection, use, new.key)
            ids = [UUID(use.promotion) for use in new.uses]
            amounts, currencies = [one.amount for one in new.uses], [one.currency for one in new.uses]
            await connection.execute(_INSERT_USES, new.key, ids, amounts, currencies)

    async def commit(self, key: str, events: RedemptionEvents) -> None:
        async with calls.transaction(self._pool) as connection:
            row = await connection.fetchrow(_LOCK, key)
            if row is None:
                raise RedemptionNotFound()
            if row[0] == "released":
                raise RedemptionEnded("it was released")
            if row[0] == "held":
                await connection.execute(_SET, key, "committed")
                await append(connection, "pricing", [events.redeemed(await _uses(connection, key))])

    async def release(self, key: str, events: RedemptionEvents, now_ms: int, *, only_due: bool = False) -> bool:
        async with calls.transaction(self._pool) as connection:
            if not only_due and await connection.fetchval(_INSERT, key, "released", None, b"", now_ms, now_ms):
                return True
            row = await connection.fetchrow(_LOCK, key)
            if row is None or row[0] == "released" or (only_due and row[0] == "committed"):
                return False
            if row[0] == "committed":
                raise RedemptionEnded("it was committed")
            await connection.execute(_SET, key, "released")
            promotions = await _uses(connection, key)
            await _free(connection, key, promotions, row[1])
            if promotions:
                await append(connection, "pricing", [events.released(promotions)])
        return True

    async def due(self, now_ms: int, limit: int) -> Sequence[str]:
        return [row[0] for row in await calls.fetch(self._pool, _DUE, now_ms, limit)]

    async def erase(self, customer: str) -> None:
        async with calls.transaction(self._pool) as connection:
            await connection.execute(_ERASE, customer)
            await connection.execute(_ERASE_COUNTS, customer)

    async def forget(self, before_ms: int, limit: int) -> int:
        return int((await calls.execute(self._pool, _FORGET, before_ms, limit)).rpartition(" ")[2])


async def _check_replay(connection: calls.Connection, new: NewRedemption) -> None:
    """Raises RedemptionEnded, IdempotencyConflict."""
    row = await connection.fetchrow(_LOCK, new.key)
    if row is None or row[0] == "released":
        raise RedemptionEnded("it was released")
    if row[2] != new.fingerprint:
        raise IdempotencyConflict()


async def _limits(connection: calls.Connection, promotions: Sequence[str]) -> dict[str, tuple[int | None, int | None]]:
    rows = await connection.fetch(_PROMOTIONS, [UUID(one) for one in promotions])
    return {row[0]: (row[1], row[2]) for row in rows}


async def _count(
    connection: calls.Connection, use: HeldUse, customer: str | None, most: int | None, of_customer: int | None
) -> bool:
    """True: this was the last use in all. Raises CouponExhausted."""
    promotion, last = UUID(use.promotion), False
    if most is not None:
        uses = await connection.fetchval(_USE, promotion, most)
        if uses is None:
            raise CouponExhausted(promotion=use.promotion, coupon=use.code)
        last = uses == most
    if of_customer is not None:
        if customer is None:
            detail = "its limit for each customer needs to know the customer"
            raise CouponExhausted(detail, promotion=use.promotion, coupon=use.code)
        if await connection.fetchval(_CUSTOMER_USE, promotion, customer, of_customer) is None:
            detail = "this customer has used the promotion as often as they may"
            raise CouponExhausted(detail, promotion=use.promotion, coupon=use.code)
    return last


async def _use_code(connection: calls.Connection, use: HeldUse, key: str) -> None:
    """Raises CouponUsed. A code that is not of a batch is one that the promotion lists itself."""
    if use.digest is None:
        return
    promotion = UUID(use.promotion)
    used = await connection.execute(_USE_CODE, use.digest, promotion, key)
    if used == "UPDATE 0" and await connection.fetchval(_KNOWN_CODE, use.digest, promotion):
        raise CouponUsed(coupon=use.code)


async def _uses(connection: calls.Connection, key: str) -> tuple[str, ...]:
    return tuple(row[0] for row in await connection.fetch(_USES, key))


async def _free(connection: calls.Connection, key: str, promotions: Sequence[str], customer: str | None) -> None:
    """Locks what a redemption locks, in its order."""
    limits = await _limits(connection, promotions)
    for promotion, (most, of_customer) in limits.items():
        if most is not None:
            await connection.execute(_UNUSE, UUID(promotion))
        if of_customer is not None and customer is not None:
            await connection.execute(_CUSTOMER_UNUSE, UUID(promotion), customer)
    for promotion in limits:
        await connection.execute(_FREE_CODE, key, UUID(promotion))
