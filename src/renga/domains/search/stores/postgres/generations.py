"""Generations of the index as pairs of tables: which one is live, which is being built, which may be dropped.

They are only changed while holding ``alone``.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from renga.domains.search.contract import RebuildLost, SearchUnavailable
from renga.domains.search.stores.postgres import tiers
from renga.platform.postgres.pooled import session_changed

_LOCK = "hashtext('renga.domains.search.generations')"
_LOCK_EVERY_S = 0.02

#: Ranking and counting read whole rows: values that fit into the page are not moved to TOAST.
_INLINE = "WITH (toast_tuple_target = 8160)"


_INDEXING_MEMORY, _INDEXING_S = "256MB", 3_600.0
#: The text after USING of the template's indexes, without the primary key.
_INDEXES = """
SELECT split_part(pg_get_indexdef(indexrelid), ' USING ', 2) FROM pg_index
WHERE indrelid = 'search.documents_template'::regclass AND NOT indisprimary ORDER BY indexrelid
"""


#: Word columns; their indexes also contain the tier numbers.
_WORD_COLUMNS = ("terms", "in_title")


class Tables(msgspec.Struct, frozen=True):
    """The tables of one generation. ``tiers``: the ranks at which they begin; None in an index older than tiers."""

    id: int
    tiers: tuple[float, ...] | None = None

    @property
    def documents(self) -> str:
        return f"search.documents_{self.id}"

    @property
    def word_index(self) -> str:
        """The index of all words, whose statistics include the tiers."""
        return f"documents_{self.id}_terms"

    @property
    def words(self) -> str:
        return f"search.words_{self.id}"


async def live(connection: "asyncpg.Connection[asyncpg.Record]") -> Tables:
    """The live generation."""
    found = await connection.fetchrow("SELECT id, tiers FROM search.generations WHERE state = 'live'")
    if found is None:
        raise SearchUnavailable("the index was never made")
    return Tables(found[0], tuple(found[1]) if found[1] else None)


async def written(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Tables]:
    """The generations that are written to, locked (FOR SHARE) until the transaction ends."""
    rows = await connection.fetch("SELECT id FROM search.generations WHERE state <> 'old' ORDER BY id FOR SHARE")
    if not rows:
        raise SearchUnavailable("the index was never made")
    return [Tables(row[0]) for row in rows]


@asynccontextmanager
async def alone(connection: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[None]:
    """An exclusive lock for creating, indexing, swapping and dropping tables. Enter it before a transaction: a waiting
    transaction would hold a snapshot, and CREATE INDEX CONCURRENTLY waits for every snapshot."""
    session_changed(connection)
    while not await connection.fetchval(f"SELECT pg_try_advisory_lock({_LOCK})"):  # noqa: ASYNC110 - maybe another process
        await asyncio.sleep(_LOCK_EVERY_S)
    try:
        yield
    finally:
        await connection.execute(f"SELECT pg_advisory_unlock({_LOCK})")


async def has_live(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    """Whether there is a live generation."""
    return bool(await connection.fetchval("SELECT true FROM search.generations WHERE state = 'live'"))


async def prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Create a live generation if there is none."""
    if not await has_live(connection):
        await _make(connection, "live")


async def begin(connection: "asyncpg.Connection[asyncpg.Record]") -> Tables:
    """A new generation to build; an unfinished one is dropped."""
    for row in await connection.fetch("SELECT id FROM search.generations WHERE state = 'building' FOR UPDATE"):
        await _drop(connection, Tables(row[0]))
    return await _make(connection, "building")


async def building(connection: "asyncpg.Connection[asyncpg.Record]", generation: str) -> Tables:
    """This generation, locked (FOR SHARE) until the transaction ends. Raises RebuildLost."""
    found = None
    if generation.isdigit() and len(generation) < 19:
        found = await connection.fetchval(
            "SELECT id FROM search.generations WHERE id = $1 AND state = 'building' FOR SHARE", int(generation)
        )
    if found is None:
        raise RebuildLost(f"generation {generation[:20]!r} is not being built")
    return Tables(found)


async def index(connection: "asyncpg.Connection[asyncpg.Record]", generation: str) -> None:
    """Prepares a built generation for going live: creates indexes concurrently with writers, and statistics (ANALYZE). The
    connection must have no open transaction. Raises RebuildLost."""
    tables = await building(connection, generation)
    session_changed(connection)
    await connection.execute(f"SET maintenance_work_mem = '{_INDEXING_MEMORY}'")
    begins = await connection.fetchval(tiers.MEASURE.format(documents=tables.documents), timeout=_INDEXING_S)
    tables = msgspec.structs.replace(tables, tiers=tuple(begins or tiers.FIRST))
    await connection.execute("UPDATE search.generations SET tiers = $2 WHERE id = $1", tables.id, tables.tiers)
    made = {f"documents_{tables.id}_{n}": row[0] for n, row in enumerate(await connection.fetch(_INDEXES))}
    for name, definition in (made | _word_indexes(tables)).items():
        statement = f"CREATE INDEX CONCURRENTLY {name} ON {tables.documents} USING {definition}"
        await connection.execute(statement, timeout=_INDEXING_S)
    await connection.execute("RESET maintenance_work_mem")
    for table in (tables.documents, tables.words):
        await connection.execute(f"ANALYZE {table}", timeout=_INDEXING_S)


async def finish(connection: "asyncpg.Connection[asyncpg.Record]", generation: str) -> None:
    """Swap. Readers of the previous generation can finish: it is dropped at the next swap."""
    ready = await building(connection, generation)
    for row in await connection.fetch("SELECT id FROM search.generations WHERE state = 'old' FOR UPDATE"):
        await _drop(connection, Tables(row[0]))
    await connection.execute("UPDATE search.generations SET state = 'old' WHERE state = 'live'")
    await connection.execute("UPDATE search.generations SET state = 'live' WHERE id = $1", ready.id)


async def abandon(connection: "asyncpg.Connection[asyncpg.Record]", generation: str) -> None:
    try:
        await _drop(connection, await building(connection, generation))
    except RebuildLost:
        return  # already dropped


async def _make(connection: "asyncpg.Connection[asyncpg.Record]", state: str) -> Tables:
    begins = list(tiers.FIRST)
    made = await connection.fetchval(
        "INSERT INTO search.generations (state, tiers) VALUES ($1, $2) RETURNING id", state, begins
    )
    tables = Tables(made, tuple(begins))
    documents = f"CREATE TABLE {tables.documents} (LIKE search.documents_template INCLUDING ALL"
    if state == "building":
        # indexes are created when the table is full, which takes a third of the time
        await connection.execute(f"{documents} EXCLUDING INDEXES, PRIMARY KEY (product_id)) {_INLINE}")
    else:
        await connection.execute(f"{documents}) {_INLINE}")
        for name, definition in _word_indexes(tables).items():
            await connection.execute(f"CREATE INDEX {name} ON {tables.documents} USING {definition}")
    await connection.execute(f"CREATE TABLE {tables.words} (LIKE search.words_template INCLUDING ALL) {_INLINE}")
    return tables


def _word_indexes(tables: Tables) -> dict[str, str]:
    """The text after USING, by index name."""
    numbers = tiers.numbers(tables.tiers or tiers.FIRST)
    return {
        f"documents_{tables.id}_{column}": f"gin ({column}, {numbers}) WITH (fastupdate = off)"
        for column in _WORD_COLUMNS
    }


async def _drop(connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables) -> None:
    await connection.execute("DELETE FROM search.generations WHERE id = $1", tables.id)
    await connection.execute(f"DROP TABLE {tables.documents}, {tables.words}")
