"""CodeStore on PostgreSQL: digests of single-use codes; a lookup is one read of the primary key."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

import asyncpg
import msgspec

from renga.domains.pricing.contract import CodeBatch, PromotionNotFound
from renga.domains.pricing.ports import FoundCode, StoredBatch
from renga.kernel.clock import rfc3339
from renga.kernel.errors import Unavailable
from renga.kernel.ids import canonical_uuid
from renga.kernel.once import Once
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.postgres import calls

_BATCH = """
    INSERT INTO pricing.code_batches (id, promotion, count, prefix, seed, created_ms) VALUES ($1, $2, $3, $4, $5, $6)
"""
_FIND_BATCH = """
    SELECT id, promotion, count, prefix, seed, created_ms FROM pricing.code_batches WHERE id = $1 AND promotion = $2
"""
_BATCHES = """
    SELECT id, promotion, count, prefix, seed, created_ms FROM pricing.code_batches
    WHERE promotion = $1 ORDER BY created_ms DESC, id LIMIT $2
"""
_FIND = """
    SELECT digest, promotion::text, redemption IS NOT NULL FROM pricing.single_use_codes WHERE digest = ANY($1::bytea[])
"""
#: Deadline of a transaction that writes a batch.
WRITE_S = 60.0


class PostgresCodes:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool, secret: bytes) -> None:
        self._pool = pool
        self._answers = IdempotentAnswers("pricing", secret)

    async def add(self, batch: StoredBatch, digests: Sequence[bytes], once: Once | None, now_ms: int) -> CodeBatch:
        one = batch.batch
        async with calls.transaction(self._pool, timeout_s=WRITE_S) as connection:
            if once is not None and (answer := await self._answers.claim(connection, once, now_ms)) is not None:
                return msgspec.json.decode(answer, type=CodeBatch)
            with _errors():
                await _write(connection, batch, digests, now_ms)
            if once is not None:
                await self._answers.keep(connection, once, msgspec.json.encode(one))
        return one

    async def batch(self, promotion_id: str, batch_id: str) -> StoredBatch | None:
        if (canonical := canonical_uuid(batch_id)) is None:
            return None
        row = await calls.fetch_row(self._pool, _FIND_BATCH, UUID(canonical), UUID(promotion_id))
        return None if row is None else _batch_of(row)

    async def batches(self, promotion_id: str, limit: int) -> Sequence[CodeBatch]:
        return [_batch_of(row).batch for row in await calls.fetch(self._pool, _BATCHES, UUID(promotion_id), limit)]

    async def find(self, digests: Sequence[bytes]) -> Mapping[bytes, FoundCode]:
        rows = await calls.fetch(self._pool, _FIND, list(digests))
        return {row[0]: FoundCode(promotion=row[1], used=row[2]) for row in rows}


async def _write(connection: calls.Connection, batch: StoredBatch, digests: Sequence[bytes], now_ms: int) -> None:
    one = batch.batch
    identifier, promotion = UUID(one.id), UUID(one.promotion)
    await connection.execute(_BATCH, identifier, promotion, one.count, one.prefix, batch.seed, now_ms)
    await connection.copy_records_to_table(
        "single_use_codes",
        schema_name="pricing",
        columns=["digest", "promotion", "batch"],
        records=[(digest, promotion, identifier) for digest in digests],
        timeout=WRITE_S,
    )


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except asyncpg.ForeignKeyViolationError as error:
        raise PromotionNotFound("the promotion was removed meanwhile") from error
    except asyncpg.UniqueViolationError as error:
        raise Unavailable("one of the new codes exists already; none was made, try again") from error


def _batch_of(row: "asyncpg.Record") -> StoredBatch:
    batch = CodeBatch(
        id=str(row[0]), promotion=str(row[1]), count=row[2], prefix=row[3], created_at=rfc3339(row[5])
    )  # fmt: skip
    return StoredBatch(batch=batch, seed=row[4])
