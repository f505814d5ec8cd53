"""Statements and transactions on a pool; translates the driver's errors to the port's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from renga.domains.catalog.ports import StaleWrite
from renga.platform.postgres import calls
from renga.platform.postgres.calls import Connection as Connection

WRITE_TIMEOUT_S = 60.0

#: This write lost against a concurrent one, detected by a constraint.
_LOST_RACE = (asyncpg.UniqueViolationError, asyncpg.ForeignKeyViolationError)


class Database:
    """A pool whose database has this domain's migrations."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def fetch(self, query: str, *arguments: object) -> "list[asyncpg.Record]":
        return await calls.fetch(self._pool, query, *arguments)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        try:
            async with calls.transaction(self._pool, timeout_s=WRITE_TIMEOUT_S, lost_race=StaleWrite) as connection:
                yield connection
        except _LOST_RACE as error:
            raise StaleWrite(str(error)) from error
