"""Generations of the index as pairs of tables: which one is live, which is being built, which may go."""

import asyncpg
import msgspec

from renga.search.contract import RebuildLost, SearchUnavailable

#: One process at a time makes, swaps or drops tables.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('renga.search.generations'))"

#: Rows are read whole when they are ranked and counted: what fits into a page is not moved out of it.
_INLINE = "WITH (toast_tuple_target = 8160)"


class Tables(msgspec.Struct, frozen=True):
    """The tables of one generation."""

    id: int

    @property
    def documents(self) -> str:
        return f"search.documents_{self.id}"

    @property
    def words(self) -> str:
        return f"search.words_{self.id}"


async def live(connection: "asyncpg.Connection[asyncpg.Record]") -> Tables:
    """The generation that answers."""
    found = await connection.fetchval("SELECT id FROM search.generations WHERE state = 'live'")
    if found is None:
        raise SearchUnavailable("the index was never made")
    return Tables(found)


async def written(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Tables]:
    """The generations that take documents, held as they are until the transaction ends."""
    rows = await connection.fetch("SELECT id FROM search.generations WHERE state <> 'old' ORDER BY id FOR SHARE")
    if not rows:
        raise SearchUnavailable("the index was never made")
    return [Tables(row[0]) for row in rows]


async def prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Have a live generation."""
    await connection.execute(_LOCK)
    if await connection.fetchval("SELECT 1 FROM search.generations WHERE state = 'live'") is None:
        await _make(connection, "live")


async def begin(connection: "asyncpg.Connection[asyncpg.Record]") -> Tables:
    """A new generation to build; an unfinished one goes."""
    await connection.execute(_LOCK)
    for row in await connection.fetch("SELECT id FROM search.generations WHERE state = 'building' FOR UPDATE"):
        await _drop(connection, Tables(row[0]))
    return await _make(connection, "building")


async def building(connection: "asyncpg.Connection[asyncpg.Record]", generation: str) -> Tables:
    """This generation, held as it is until the transaction ends. Raises RebuildLost."""
    found = None
    if generation.isdigit() and len(generation) < 19:
        found = await connection.fetchval(
            "SELECT id FROM search.generations WHERE id = $1 AND state = 'building' FOR SHARE", int(generation)
        )
    if found is None:
        raise RebuildLost(f"generation {generation[:20]!r} is not being built")
    return Tables(found)


async def finish(connection: "asyncpg.Connection[asyncpg.Record]", generation: str) -> None:
    """Swap. Who still reads the one before can: it goes with the next swap."""
    await connection.execute(_LOCK)
    ready = await building(connection, generation)
    for row in await connection.fetch("SELECT id FROM search.generations WHERE state = 'old' FOR UPDATE"):
        await _drop(connection, Tables(row[0]))
    await connection.execute("UPDATE search.generations SET state = 'old' WHERE state = 'live'")
    await connection.execute("UPDATE search.generations SET state = 'live' WHERE id = $1", ready.id)


async def abandon(connection: "asyncpg.Connection[asyncpg.Record]", generation: str) -> None:
    await connection.execute(_LOCK)
    try:
        await _drop(connection, await building(connection, generation))
    except RebuildLost:
        return  # it is gone: that was wanted


async def _make(connection: "asyncpg.Connection[asyncpg.Record]", state: str) -> Tables:
    made = await connection.fetchval("INSERT INTO search.generations (state) VALUES ($1) RETURNING id", state)
    tables = Tables(made)
    for name, template in ((tables.documents, "documents_template"), (tables.words, "words_template")):
        await connection.execute(f"CREATE TABLE {name} (LIKE search.{template} INCLUDING ALL) {_INLINE}")
    return tables


async def _drop(connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables) -> None:
    await connection.execute("DELETE FROM search.generations WHERE id = $1", tables.id)
    await connection.execute(f"DROP TABLE {tables.documents}, {tables.words}")
