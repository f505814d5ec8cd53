"""The catalogue in PostgreSQL: products as documents, offers by sku beside them, the outbox in the same transaction."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import msgspec

from renga.catalog.contract import Category, CategoryNotFound, Offer, Product
from renga.catalog.model import Change
from renga.catalog.ports import ImportMark, Listed, StaleWrite
from renga.catalog.stores import sql
from renga.catalog.stores.writing import write_changes
from renga.platform.postgres.errors import DatabaseUnavailable, database_errors

ACQUIRE_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 5.0
WRITE_TIMEOUT_S = 60.0

_POSITION_MAX = 2**63 - 1
_product = msgspec.json.Decoder(Product)
_offer = msgspec.json.Decoder(Offer)
_category = msgspec.json.Decoder(Category)


class PostgresProducts:
    """ProductStore on a pool whose database has this domain's migrations."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        rows = await self._fetch(sql.OFFERS, skus)
        return {row[0]: _offer.decode(row[1]) for row in rows}

    async def page(self, *, limit: int, before: int | None, category: str | None) -> Sequence[Listed]:
        before = _POSITION_MAX if before is None else before
        if category is None:
            rows = await self._fetch(sql.PAGE, before, limit)
        else:
            shelves = [row[0] for row in await self._fetch(sql.SHELF_AND_BELOW, category)]
            if not shelves:
                raise CategoryNotFound(f"there is no category {category!r}", category=category)
            rows = await self._fetch(sql.PAGE_OF_SHELVES, shelves, before, limit)
        return [Listed(row[0], _product.decode(row[1])) for row in rows]

    async def by_slug(self, slugs: Sequence[str]) -> dict[str, Product]:
        rows = await self._fetch(sql.BY_SLUG, slugs)
        return {row[0]: _product.decode(row[1]) for row in rows}

    async def owners(self, skus: Sequence[str]) -> dict[str, str]:
        return {row[0]: row[1] for row in await self._fetch(sql.OWNERS, skus)}

    async def categories(self) -> tuple[Category, ...]:
        return tuple(_category.decode(row[0]) for row in await self._fetch(sql.CATEGORIES))

    async def put_categories(self, categories: Sequence[Category]) -> None:
        async with self._transaction() as connection:
            await connection.execute(
                sql.PUT_CATEGORIES,
                [c.slug for c in categories],
                [c.parent for c in categories],
                [c.position for c in categories],
                [msgspec.json.encode(c).decode() for c in categories],
            )

    async def write(self, changes: Sequence[Change], mark: ImportMark | None = None) -> None:
        async with self._transaction() as connection:
            if changes:
                await write_changes(connection, changes)
            if mark is not None:
                await connection.execute(sql.PUT_MARK, mark.fingerprint, mark.line, mark.at_ms)

    async def import_mark(self) -> ImportMark | None:
        rows = await self._fetch(sql.GET_MARK)
        return ImportMark(fingerprint=rows[0][0], line=rows[0][1], at_ms=rows[0][2]) if rows else None

    async def clear_import_mark(self) -> None:
        async with self._transaction() as connection:
            await connection.execute(sql.CLEAR_MARK)

    async def _fetch(self, query: str, *arguments: object) -> "list[asyncpg.Record]":
        with _translated():
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                return await connection.fetch(query, *arguments, timeout=READ_TIMEOUT_S)

    @asynccontextmanager
    async def _transaction(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        with _translated():
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                with _translated(writes=True):
                    async with asyncio.timeout(WRITE_TIMEOUT_S), connection.transaction():
                        yield connection  # type: ignore[misc]  # a pool's proxy stands for its connection


#: Two writers met, and this one lost.
_LOST_RACE = (
    asyncpg.UniqueViolationError,
    asyncpg.ForeignKeyViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)


@contextmanager
def _translated(*, writes: bool = False) -> Iterator[None]:
    """The driver's errors as the port's."""
    try:
        with database_errors(writes=writes):
            yield
    except _LOST_RACE as error:
        raise StaleWrite(str(error)) from error
    except asyncpg.InsufficientResourcesError as error:
        raise DatabaseUnavailable(f"the database is full: {error}") from error
