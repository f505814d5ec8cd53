"""PromotionStore on PostgreSQL."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from renga.domains.pricing.contract import CouponCodeTaken, Promotion
from renga.domains.pricing.model.promotion_index import normalised_code
from renga.domains.pricing.stores.counting import count_uses
from renga.domains.pricing.stores.revising import revise
from renga.kernel.events import Event
from renga.kernel.ids import canonical_uuid
from renga.kernel.once import Once
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.outbox.postgres import append
from renga.platform.postgres import calls

_COLUMNS = "merchant, version, active, uses_max, customer_uses_max, document"
_INSERT = f"INSERT INTO pricing.promotions (id, {_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)"
_UPDATE = f"UPDATE pricing.promotions SET ({_COLUMNS}) = ($2, $3, $4, $5, $6, $7) WHERE id = $1 AND version = $8"
_FIND = "SELECT document::text FROM pricing.promotions WHERE id = $1"
_PAGE = """
    SELECT position, document::text FROM pricing.promotions
    WHERE ($1::text[] IS NULL OR merchant = ANY($1)) AND ($2::bigint IS NULL OR position < $2)
    ORDER BY position DESC LIMIT $3
"""
_DROP = "DELETE FROM pricing.promotions WHERE id = $1 AND version = $2"
_DROP_CODES = "DELETE FROM pricing.promotion_codes WHERE promotion = $1"
_CODES = "INSERT INTO pricing.promotion_codes (code, promotion) SELECT code, $2 FROM unnest($1::text[]) AS given (code)"

_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Promotion)


class PostgresPromotions:
    """On a pool whose database has this domain's migrations. Writes go one after the other: see ``revise``."""

    def __init__(self, pool: calls.Pool, secret: bytes) -> None:
        self._pool = pool
        self._answers = IdempotentAnswers("pricing", secret)

    async def find(self, promotion_id: str) -> Promotion | None:
        if (canonical := canonical_uuid(promotion_id)) is None:
            return None
        row = await calls.fetch_row(self._pool, _FIND, UUID(canonical))
        return None if row is None else _decoder.decode(row[0])

    async def page(
        self, merchants: frozenset[str] | None, before: int | None, limit: int
    ) -> tuple[Sequence[Promotion], int | None]:
        whose = None if merchants is None else sorted(merchants)
        rows = await calls.fetch(self._pool, _PAGE, whose, before, limit + 1)
        found = [_decoder.decode(row[1]) for row in rows[:limit]]
        return found, rows[limit - 1][0] if len(rows) > limit else None

    async def create(self, promotion: Promotion, event: Event, once: Once | None, now_ms: int) -> Promotion:
        async with calls.transaction(self._pool) as connection:
            if once is not None and (answer := await self._answers.claim(connection, once, now_ms)) is not None:
                return _decoder.decode(answer)
            await revise(connection)
            await connection.execute(_INSERT, *_row(promotion))
            await _write_codes(connection, promotion)
            await count_uses(connection, promotion)
            await append(connection, "pricing", [event])
            if once is not None:
                await self._answers.keep(connection, once, _encode(promotion))
        return promotion

    async def replace(self, promotion: Promotion, event: Event) -> bool:
        async with calls.transaction(self._pool) as connection:
            await revise(connection)
            if await connection.execute(_UPDATE, *_row(promotion), promotion.version - 1) == "UPDATE 0":
                return False
            await connection.execute(_DROP_CODES, UUID(promotion.id))
            await _write_codes(connection, promotion)
            await count_uses(connection, promotion)
            await append(connection, "pricing", [event])
        return True

    async def remove(self, promotion: Promotion, event: Event) -> bool:
        async with calls.transaction(self._pool) as connection:
            await revise(connection)
            if await connection.execute(_DROP, UUID(promotion.id), promotion.version) == "DELETE 0":
                return False
            await append(connection, "pricing", [event])
        return True


def _row(promotion: Promotion) -> tuple[object, ...]:
    limits = promotion.limits
    return (
        UUID(promotion.id), promotion.merchant, promotion.version, promotion.active, limits.uses,
        limits.uses_per_customer, _encode(promotion).decode(),
    )  # fmt: skip


async def _write_codes(connection: calls.Connection, promotion: Promotion) -> None:
    """Raises CouponCodeTaken."""
    if promotion.codes:
        codes = [normalised_code(code) for code in promotion.codes]
        try:
            await connection.execute(_CODES, codes, UUID(promotion.id))
        except asyncpg.UniqueViolationError as error:
            raise CouponCodeTaken("another promotion has one of these codes") from error
