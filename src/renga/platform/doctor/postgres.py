"""Checks of the database: reachable, new enough, migrated."""

from collections.abc import Sequence

import asyncpg

from renga.kernel.errors import RengaError
from renga.platform.doctor.check import Check
from renga.platform.postgres.errors import DatabaseUnavailable
from renga.platform.postgres.migrations import DatabaseAhead, pending
from renga.platform.postgres.pool import connect
from renga.platform.postgres.revisions import Migrations
from renga.platform.settings import mask_url

#: ``server_version_num`` of the oldest release that the PostgreSQL project supported at our first release.
VERSION_MIN = 15_00_00


async def check_postgres(url: str, migrations: Sequence[Migrations]) -> list[Check]:
    """An empty URL means the embedded engine, which is not running."""
    if not url:
        return [Check("postgres", "ok", "embedded; not running now")]
    mend = "Start the server that RENGA_DATABASE names and make its database, or leave the setting empty."
    try:
        connection = await connect(url)
    except (DatabaseUnavailable, asyncpg.PostgresError, ValueError) as error:
        return [Check("postgres", "fail", f"{mask_url(url)}: {error}", mend)]
    try:
        number = int(await connection.fetchval("SHOW server_version_num"))
        version = await connection.fetchval("SHOW server_version")
    finally:
        await connection.close()
    if number < VERSION_MIN:
        return [Check("postgres", "fail", f"PostgreSQL {version}", "Upgrade to PostgreSQL 15 or newer.")]
    return [Check("postgres", "ok", f"PostgreSQL {version}"), await _check_migrations(url, migrations)]


async def _check_migrations(url: str, migrations: Sequence[Migrations]) -> Check:
    try:
        waiting = await pending(url, migrations)
    except DatabaseAhead as error:
        return Check("migrations", "fail", error.detail, "Run the Renga that made this database, or a newer one.")
    except RengaError as error:
        return Check("migrations", "fail", error.detail, "Mend what the message names and ask again.")
    if not waiting:
        return Check("migrations", "ok", "none pending")
    names = ", ".join(f"{revision.schema} {revision.revision}" for revision in waiting)
    return Check("migrations", "warn", f"pending: {names}", "Run renga migrate.")
