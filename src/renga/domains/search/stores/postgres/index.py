"""SearchIndex on PostgreSQL, composed of the other modules of this package."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg

from renga.domains.search.contract import Suggestion
from renga.domains.search.model.document import Document
from renga.domains.search.ports import IndexFindings, IndexQuestion, Removal
from renga.domains.search.stores.postgres import generations, suggesting, words, writing
from renga.domains.search.stores.postgres.connecting import maintaining, reading
from renga.domains.search.stores.postgres.connecting import writing as transaction
from renga.domains.search.stores.postgres.facets import FacetCounter
from renga.domains.search.stores.postgres.generations import Tables
from renga.domains.search.stores.postgres.searching import find
from renga.domains.search.stores.postgres.shares import LARGE, KnownShares

#: Documents per transaction.
BATCH_MAX = 500


class PostgresIndex:
    """On a pool whose database has this domain's migrations; it does not close the pool. From ``large`` documents on, the
    number of matches is estimated by ``shares``, not left to the planner."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, large: int = LARGE) -> None:
        self._pool = pool
        self._facets = FacetCounter()
        self._shares = KnownShares(large)

    async def prepare(self) -> None:
        async with reading(self._pool) as connection:
            if await generations.has_live(connection):
                return
        async with self._changing() as connection:
            await generations.prepare(connection)

    @asynccontextmanager
    async def _changing(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """A connection with an open transaction that holds the lock for changing generations."""
        async with maintaining(self._pool) as connection, generations.alone(connection), connection.transaction():
            yield connection

    async def put(self, documents: Sequence[Document]) -> None:
        for start in range(0, len(documents), BATCH_MAX):
            async with transaction(self._pool) as connection:
                for tables in await generations.written(connection):
                    await writing.put(connection, tables, documents[start : start + BATCH_MAX])

    async def remove(self, removals: Sequence[Removal]) -> None:
        async with transaction(self._pool) as connection:
            for tables in await generations.written(connection):
                await writing.remove(connection, tables, removals)

    async def set_popularity(self, scores: Mapping[str, float]) -> None:
        async with transaction(self._pool) as connection:
            for tables in await generations.written(connection):
                await writing.set_popularity(connection, tables, scores)

    async def search(self, question: IndexQuestion) -> IndexFindings:
        async with reading(self._pool) as connection:
            return await find(connection, await generations.live(connection), question, self._facets, self._shares)

    async def suggest(self, text: str, *, language: str, channel: str, limit: int) -> tuple[Suggestion, ...]:
        async with reading(self._pool) as connection:
            tables = await generations.live(connection)
            shares = await self._shares.get(connection, tables)
            return await suggesting.suggest(connection, tables, shares, text, language, channel, limit)

    async def correct(self, text: str, *, language: str) -> str | None:
        async with reading(self._pool) as connection:
            return await words.corrected(connection, await generations.live(connection), text, language)

    async def begin_rebuild(self) -> str:
        async with self._changing() as connection:
            return str((await generations.begin(connection)).id)

    async def put_into(self, generation: str, documents: Sequence[Document]) -> None:
        for start in range(0, max(len(documents), 1), BATCH_MAX):
            async with transaction(self._pool) as connection:
                tables = await generations.building(connection, generation)
                await writing.put(connection, tables, documents[start : start + BATCH_MAX])

    async def finish_rebuild(self, generation: str) -> None:
        async with maintaining(self._pool) as connection, generations.alone(connection):
            await generations.index(connection, generation)
        async with self._changing() as connection:
            await generations.finish(connection, generation)

    async def abandon_rebuild(self, generation: str) -> None:
        async with self._changing() as connection:
            await generations.abandon(connection, generation)

    async def versions(self, *, after: str, limit: int) -> Sequence[tuple[str, int]]:
        async with reading(self._pool) as connection:
            tables: Tables = await generations.live(connection)
            rows = await connection.fetch(
                f"SELECT product_id, version FROM {tables.documents} WHERE product_id > $1 AND NOT gone "
                "ORDER BY product_id LIMIT $2",
                after,
                limit,
            )
        return [(row[0], row[1]) for row in rows]

    async def count(self) -> int:
        async with reading(self._pool) as connection:
            tables = await generations.live(connection)
            return int(await connection.fetchval(f"SELECT count(*) FROM {tables.documents} WHERE NOT gone"))

    async def close(self) -> None:
        """The pool belongs to the process."""
