"""TaxonomyStore in PostgreSQL: categories, collections with their members, product types, each with its event."""

from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from renga.domains.catalog.contract import Category, CategoryCycle, CategoryNotFound, Collection, ProductType
from renga.domains.catalog.ports import Listed, StaleWrite
from renga.domains.catalog.stores.pages import ProductPages
from renga.domains.catalog.stores.postgres import taxonomy_sql as sql
from renga.domains.catalog.stores.postgres.connecting import Connection, Database
from renga.domains.catalog.stores.postgres.products import page_of
from renga.domains.catalog.stores.postgres.sql import GATHERED
from renga.kernel.events import Event
from renga.kernel.ids import canonical_uuid
from renga.platform.outbox.postgres import append

_category = msgspec.json.Decoder(Category)
_collection = msgspec.json.Decoder(Collection)
_product_type = msgspec.json.Decoder(ProductType)
_encode = msgspec.json.Encoder().encode


class PostgresTaxonomy:
    """TaxonomyStore on a pool whose database has this domain's migrations."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", pages: ProductPages | None = None) -> None:
        self._database = Database(pool)
        self._pages = pages or ProductPages()

    async def categories(self) -> tuple[Category, ...]:
        return tuple(_category.decode(row[0]) for row in await self._database.fetch(sql.CATEGORIES))

    async def seed_categories(self, categories: Sequence[Category]) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(sql.TREE_LOCK)
            await connection.execute(
                sql.SEED_CATEGORIES,
                [c.slug for c in categories],
                [c.parent for c in categories],
                [c.position for c in categories],
                [_encode(c).decode() for c in categories],
            )

    async def put_category(self, category: Category, event: Event) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(sql.TREE_LOCK)
            if category.parent is not None:
                await _check_parent(connection, category.slug, category.parent)
            await _write(
                connection,
                sql.INSERT_CATEGORY if category.version == 1 else sql.UPDATE_CATEGORY,
                (category.slug, category.version, category.parent, category.position, _encode(category).decode()),
                event,
            )

    async def drop_category(self, slug: str, version: int, event: Event) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(sql.TREE_LOCK)
            await _write(connection, sql.DROP_CATEGORY, (slug, version), event)
            await connection.execute(sql.CLEAR_SHELF, slug)

    async def collections(self) -> tuple[Collection, ...]:
        return tuple(_collection.decode(row[0]) for row in await self._database.fetch(sql.COLLECTIONS))

    async def collection(self, slug: str) -> Collection | None:
        rows = await self._database.fetch(sql.COLLECTION, slug)
        return _collection.decode(rows[0][0]) if rows else None

    async def put_collection(self, collection: Collection, event: Event) -> None:
        by_rule = collection.rule is not None
        async with self._database.transaction() as connection:
            await _write(
                connection,
                sql.INSERT_COLLECTION if collection.version == 1 else sql.UPDATE_COLLECTION,
                (collection.slug, collection.version, by_rule, _encode(collection).decode()),
                event,
            )
            if not by_rule:
                await _forget_gathered(connection, collection.slug)

    async def drop_collection(self, slug: str, version: int, event: Event) -> None:
        async with self._database.transaction() as connection:
            await _write(connection, sql.DROP_COLLECTION, (slug, version), event)
            await _forget_gathered(connection, slug)

    async def members(self, slug: str, *, limit: int, before: int | None, channel: str) -> Sequence[Listed]:
        return await page_of(self._database, self._pages, [f"{GATHERED}{slug}"], channel, before, limit)

    async def set_members(self, memberships: Mapping[str, tuple[int, Sequence[str]]]) -> None:
        known = {product_id: m for product_id, m in memberships.items() if canonical_uuid(product_id) is not None}
        if not known:
            return
        async with self._database.transaction() as connection:
            rows = await connection.fetch(
                sql.GATHER,
                list(known),
                [version for version, _ in known.values()],
                [_encode(list(slugs)).decode() for _, slugs in known.values()],
            )
            positions = [row[0] for row in rows]
            await connection.execute(sql.DROP_GATHERED, positions)
            await connection.execute(sql.PLACE_GATHERED, positions)

    async def product_types(self) -> tuple[ProductType, ...]:
        return tuple(_product_type.decode(row[0]) for row in await self._database.fetch(sql.PRODUCT_TYPES))

    async def put_product_type(self, product_type: ProductType, event: Event) -> None:
        async with self._database.transaction() as connection:
            await _write(
                connection,
                sql.INSERT_PRODUCT_TYPE if product_type.version == 1 else sql.UPDATE_PRODUCT_TYPE,
                (product_type.code, product_type.version, _encode(product_type).decode()),
                event,
            )

    async def drop_product_type(self, code: str, version: int, event: Event) -> None:
        async with self._database.transaction() as connection:
            await _write(connection, sql.DROP_PRODUCT_TYPE, (code, version), event)


async def _write(connection: Connection, statement: str, arguments: Sequence[object], event: Event) -> None:
    """A write with its event. Raises StaleWrite if it affects no row."""
    if await connection.fetchval(statement, *arguments) is None:
        raise StaleWrite
    await append(connection, "catalog", [event])


async def _check_parent(connection: Connection, slug: str, parent: str) -> None:
    row = await connection.fetchrow(sql.STANDS_ABOVE, slug, parent)
    exists, below = row if row is not None else (False, False)
    if not exists:
        raise CategoryNotFound(f"there is no category {parent!r}", category=parent)
    if below:
        raise CategoryCycle(f"{parent!r} stands below {slug!r}")


async def _forget_gathered(connection: Connection, slug: str) -> None:
    await connection.execute(sql.FORGET_GATHERED, slug)
    await connection.execute(sql.CLEAR_SHELF, f"{GATHERED}{slug}")
