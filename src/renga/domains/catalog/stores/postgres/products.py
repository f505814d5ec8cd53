"""ProductStore in PostgreSQL: products as documents, offers by sku beside them, the outbox in the same transaction."""

from collections.abc import Iterable, Sequence

import asyncpg
import msgspec

from renga.domains.catalog.contract import CategoryNotFound, Offer, Product, Status
from renga.domains.catalog.model import ProductWrite
from renga.domains.catalog.ports import ImportMark, Listed
from renga.domains.catalog.stores.pages import PageReads, ProductPages, Stamp, StampedProduct
from renga.domains.catalog.stores.postgres import sql
from renga.domains.catalog.stores.postgres.connecting import Database
from renga.domains.catalog.stores.postgres.writing import write_changes
from renga.kernel.ids import canonical_uuid

_POSITION_MAX = 2**63 - 1
_STATES: tuple[Status, ...] = ("draft", "active", "archived")
_product = msgspec.json.Decoder(Product)
_offer = msgspec.json.Decoder(Offer)


class PostgresProducts:
    """ProductStore on a pool whose database has this domain's migrations."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", pages: ProductPages | None = None) -> None:
        self._database = Database(pool)
        self._pages = pages or ProductPages()

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        rows = await self._database.fetch(sql.OFFERS, skus)
        return {row[0]: _offer.decode(row[1]) for row in rows}

    async def page(
        self, *, limit: int, before: int | None, category: str | None = None, channel: str
    ) -> Sequence[Listed]:
        taxonomy = [sql.ALL_PRODUCTS]
        if category is not None:
            taxonomy = [row[0] for row in await self._database.fetch(sql.SHELF_AND_BELOW, category)]
            if not taxonomy:
                raise CategoryNotFound(f"there is no category {category!r}", category=category)
        return await page_of(self._database, self._pages, taxonomy, channel, before, limit)

    async def of_merchants(
        self, merchants: Sequence[str] | None, *, limit: int, before: int | None, status: Status | None = None
    ) -> Sequence[Listed]:
        start = _POSITION_MAX if before is None else before
        if merchants is not None:
            states = _STATES if status is None else (status,)
            return _listed(await self._database.fetch(sql.OF_MERCHANTS, merchants, states, start, limit))
        query = sql.NEWEST if status is None else sql.NEWEST_IN[status]
        return _listed(await self._database.fetch(query, start, limit))

    async def by_slug(self, slugs: Sequence[str]) -> dict[str, Product]:
        return _named(await self._database.fetch(sql.BY_SLUG, slugs))

    async def by_id(self, ids: Sequence[str]) -> dict[str, Product]:
        wanted = {uuid: given for given in ids if (uuid := canonical_uuid(given)) is not None}
        found = _named(await self._database.fetch(sql.BY_ID, list(wanted))) if wanted else {}
        return {wanted[uuid]: product for uuid, product in found.items()}

    async def by_sku(self, skus: Sequence[str]) -> dict[str, Product]:
        return _named(await self._database.fetch(sql.BY_SKU, skus))

    async def owners(self, skus: Sequence[str]) -> dict[str, str]:
        return {row[0]: row[1] for row in await self._database.fetch(sql.OWNERS, skus)}

    async def scan(self, *, after: int, limit: int) -> Sequence[Listed]:
        return _listed(await self._database.fetch(sql.SCAN, after, limit))

    async def due(self, now: str, limit: int) -> Sequence[Product]:
        return [_product.decode(row[0]) for row in await self._database.fetch(sql.DUE, now, limit)]

    async def write(self, changes: Sequence[ProductWrite], mark: ImportMark | None = None) -> None:
        async with self._database.transaction() as connection:
            if changes:
                await write_changes(connection, changes)
            if mark is not None:
                await connection.execute(sql.PUT_MARK, mark.fingerprint, mark.line, mark.at_ms)

    async def import_mark(self) -> ImportMark | None:
        rows = await self._database.fetch(sql.GET_MARK)
        return ImportMark(fingerprint=rows[0][0], line=rows[0][1], at_ms=rows[0][2]) if rows else None

    async def clear_import_mark(self) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(sql.CLEAR_MARK)


async def page_of(
    database: Database, pages: ProductPages, taxonomy: Sequence[str], channel: str, before: int | None, limit: int
) -> Sequence[Listed]:
    """One page of these shelves: products sold in the channel, highest position first."""
    one = len(taxonomy) == 1
    arguments = (taxonomy[0] if one else taxonomy, channel, _POSITION_MAX if before is None else before, limit)

    async def stamps() -> list[tuple[int, Stamp]]:
        rows = await database.fetch(sql.SHELF_STAMPS if one else sql.SHELVES_STAMPS, *arguments)
        return [(row[0], (row[1], row[2])) for row in rows]

    async def whole() -> list[StampedProduct]:
        rows = await database.fetch(sql.SHELF_PAGE if one else sql.SHELVES_PAGE, *arguments)
        return [StampedProduct(row[0], (row[1], row[2]), _product.decode(row[3]), len(row[3])) for row in rows]

    return await pages.page((tuple(taxonomy), channel, before, limit), PageReads(stamps, whole))


def _listed(rows: "Iterable[asyncpg.Record]") -> list[Listed]:
    return [Listed(row[0], _product.decode(row[1])) for row in rows]


def _named(rows: "Iterable[asyncpg.Record]") -> dict[str, Product]:
    return {row[0]: _product.decode(row[1]) for row in rows}
