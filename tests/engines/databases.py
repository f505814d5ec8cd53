"""The tests' databases on one server. A migrated one serves test after test: emptying it costs a tenth of making another.

Who changed more than rows (tables, statistics, much space on disk) or leaves a connection that does not go away has the
database dropped instead.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from renga.platform.postgres import migrations

#: Rows that were deleted still take space; a database that has grown by more than this is not used again.
GROWTH_BYTES = 2 * 1024 * 1024
GOODBYES = 200
GOODBYE_S = 0.01

#: What a database is besides its rows. ``xmin`` names the transaction that wrote a row last.
_CATALOGUES = (
    *("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_proc", "pg_trigger", "pg_type"),
    *("pg_namespace", "pg_extension", "pg_policy", "pg_rewrite", "pg_statistic", "pg_db_role_setting"),
)
_OURS = "NOT IN ('pg_catalog', 'information_schema')"
_TABLES = f"SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname {_OURS} ORDER BY 1"
_SEQUENCES = f"SELECT format('%I.%I', schemaname, sequencename), start_value FROM pg_sequences WHERE schemaname {_OURS}"
_SIZE = "SELECT sum(pg_total_relation_size(name::regclass))::bigint FROM unnest($1::text[]) AS name"
_LET_GO = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


class Fresh(msgspec.Struct, frozen=True):
    """A migrated database as it is before any test: what emptying one must come back to."""

    tables: list[str]
    empty: str
    shape: list[tuple[object, ...]]
    size: int


@asynccontextmanager
async def _connected(url: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def _shape(connection: "asyncpg.Connection[asyncpg.Record]", tables: list[str]) -> list[tuple[object, ...]]:
    """Which transactions wrote the catalogues and the marks of the migrations."""
    asked = [*_CATALOGUES, *(table for table in tables if table.endswith(".alembic_version"))]
    said = await connection.fetch(
        " UNION ALL ".join(
            f"SELECT count(*), sum(xmin::text::bigint), max(xmin::text::bigint) FROM {one}" for one in asked
        )
    )
    return [tuple(row) for row in said]


async def _fresh(url: str) -> Fresh:
    async with _connected(url) as connection:
        tables = [row[0] for row in await connection.fetch(_TABLES)]
        deletes = [f"DELETE FROM {table}" for table in tables if not table.endswith(".alembic_version")]
        restarts = [f"SELECT setval('{row[0]}', {row[1]}, false)" for row in await connection.fetch(_SEQUENCES)]
        # as a replica: neither triggers nor foreign keys ask about what goes
        empty = ";".join(["SET session_replication_role = replica", *deletes, *restarts])
        shape, size = await _shape(connection, tables), await connection.fetchval(_SIZE, tables)
    return Fresh(tables=tables, empty=empty, shape=shape, size=size)


async def _emptied(url: str, fresh: Fresh) -> bool:
    """Whether the database is as a fresh one again."""
    async with _connected(url) as connection:
        for _ in range(GOODBYES):
            if not await connection.fetchval(_LET_GO):
                break
            await asyncio.sleep(GOODBYE_S)
        else:
            return False
        if await _shape(connection, fresh.tables) != fresh.shape:
            return False
        await connection.execute(fresh.empty)
        return bool(await connection.fetchval(_SIZE, fresh.tables) <= fresh.size + GROWTH_BYTES)


class Databases:
    """Gives a test a database and takes it back."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._template: str | None = None
        self._fresh: Fresh | None = None
        self._spare: list[str] = []

    async def new(self, template: str = "template0") -> str:
        """The address of a copy, unmigrated unless ``template`` is."""
        name = f"test_{secrets.token_hex(6)}"
        async with _connected(self._server) as connection:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return re.sub(r"/postgres(?=\?)", f"/{name}", self._server)

    async def drop(self, url: str) -> None:
        async with _connected(self._server) as connection:
            await connection.execute(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    async def take(self) -> str:
        """A database in which every domain's migrations have run, and nothing else."""
        if self._spare:
            return self._spare.pop()
        if self._template is None:
            url = await self.new()
            await migrations.upgrade(url, migrations.discover())
            self._fresh, self._template = await _fresh(url), _name(url)
        return await self.new(self._template)

    async def give_back(self, url: str) -> None:
        """Emptied for the next test, or dropped."""
        assert self._fresh is not None
        if await _emptied(url, self._fresh):
            self._spare.append(url)
        else:
            await self.drop(url)


def _name(url: str) -> str:
    found = re.search(r"/(test_\w+)\?", url)
    assert found
    return found[1]
