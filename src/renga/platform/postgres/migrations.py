"""Migrates a database: a check is one query, parallel runs are safe, each domain is all or nothing.

Alembic renders the migrations to SQL in a short-lived process (``renga.platform.postgres.render``), which keeps Alembic and
SQLAlchemy out of the server's memory; asyncpg runs the SQL under an advisory lock, one transaction per domain.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import msgspec
import structlog

from renga.kernel.errors import RengaError
from renga.platform.postgres.errors import DatabaseUnavailable, database_errors
from renga.platform.postgres.pool import connect
from renga.platform.postgres.revisions import Migrations, MigrationsInvalid, Revision, discover, following, line

__all__ = ["Migrations", "MigrationsInvalid", "Revision", "discover", "history", "pending", "upgrade"]

log = structlog.get_logger(__name__)

#: Key of the advisory lock of an upgrade (an arbitrary number).
LOCK = 0x72656E6761
LOCK_WAIT_S = 120.0
RENDER_TIMEOUT_S = 60.0
#: Deadline of one domain's migrations.
RUN_TIMEOUT_S = 600.0


class MigrationFailed(RengaError):
    code = "migration_failed"
    title = "A migration failed; its domain is as it was before"


class DatabaseAhead(RengaError):
    code = "database_ahead"
    title = "The database was made by a newer Renga"


class Rendered(msgspec.Struct, frozen=True):
    """The SQL of one revision, including the update of ``alembic_version``."""

    schema: str
    revision: str
    sql: str


async def pending(url: str, domains: Sequence[Migrations]) -> list[Revision]:
    """The revisions that ``upgrade`` would run, in order. Raises DatabaseUnavailable, DatabaseAhead, MigrationsInvalid."""
    connection = await connect(url)
    try:
        with database_errors():
            return await _pending(connection, domains)
    finally:
        await connection.close()


async def history(url: str, domains: Sequence[Migrations]) -> list[Revision]:
    """Every revision of every domain, oldest first, with ``applied``. Raises as ``pending`` does."""
    waiting = {(revision.schema, revision.revision) for revision in await pending(url, domains)}
    shipped = [revision for domain in domains for revision in line(domain)]
    return [msgspec.structs.replace(r, applied=(r.schema, r.revision) not in waiting) for r in shipped]


async def upgrade(url: str, domains: Sequence[Migrations]) -> list[Revision]:
    """Run and return the pending revisions; of several parallel processes one works and the others find nothing to do.

    Raises MigrationFailed naming the revision (its domain is unchanged, earlier domains are done), else as ``pending``.
    """
    connection = await connect(url, command_timeout_s=RUN_TIMEOUT_S)
    try:
        with database_errors(writes=True):
            await _lock(connection)
            waiting = await _pending(connection, domains)
            if waiting:
                await _run(connection, await _render(waiting, domains))
        return waiting
    finally:
        await connection.close()


async def _lock(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK, timeout=LOCK_WAIT_S)
    except TimeoutError as error:
        raise DatabaseUnavailable(f"another process has been migrating for {LOCK_WAIT_S:.0f} s") from error


async def _pending(connection: "asyncpg.Connection[asyncpg.Record]", domains: Sequence[Migrations]) -> list[Revision]:
    current = await _current(connection, [domain.schema for domain in domains])
    waiting: list[Revision] = []
    for domain in domains:
        left = following(line(domain), current.get(domain.schema, ""))
        if left is None:
            raise DatabaseAhead(
                f"{domain.schema} is at revision {current[domain.schema]!r}, which this Renga does not know"
            )
        waiting += left
    return waiting


async def _current(connection: "asyncpg.Connection[asyncpg.Record]", schemas: Sequence[str]) -> dict[str, str]:
    tables = await connection.fetch(
        "SELECT schemaname FROM pg_tables WHERE tablename = 'alembic_version' AND schemaname = ANY($1)", list(schemas)
    )
    if not tables:
        return {}
    marks = [f"SELECT '{row[0]}', version_num FROM \"{row[0]}\".alembic_version" for row in tables]
    return {row[0]: row[1] for row in await connection.fetch(" UNION ALL ".join(marks))}


async def _render(waiting: Sequence[Revision], domains: Sequence[Migrations]) -> list[Rendered]:
    folders = {domain.schema: str(domain.folder) for domain in domains}
    root = str(Path(__file__).parents[3])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "renga.platform.postgres.render"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        async with asyncio.timeout(RENDER_TIMEOUT_S):
            out, err = await process.communicate(msgspec.json.encode([waiting, folders]))
    except TimeoutError as error:
        process.kill()
        await process.wait()
        raise MigrationFailed(f"rendering the migrations took more than {RENDER_TIMEOUT_S:.0f} s") from error
    if process.returncode:
        raise MigrationFailed(err.decode(errors="replace").strip().splitlines()[-1])
    return msgspec.json.decode(out, type=list[Rendered])


async def _run(connection: "asyncpg.Connection[asyncpg.Record]", rendered: Sequence[Rendered]) -> None:
    for schema in dict.fromkeys(one.schema for one in rendered):
        async with connection.transaction():
            await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            for one in rendered:
                if one.schema == schema:
                    await _run_one(connection, one)


async def _run_one(connection: "asyncpg.Connection[asyncpg.Record]", one: Rendered) -> None:
    try:
        await connection.execute(one.sql)
    except asyncpg.PostgresConnectionError:
        raise
    except asyncpg.PostgresError as error:
        raise MigrationFailed(
            f"{one.schema} {one.revision}: {error}", schema=one.schema, revision=one.revision
        ) from error
    log.info("migration_applied", schema=one.schema, revision=one.revision)
