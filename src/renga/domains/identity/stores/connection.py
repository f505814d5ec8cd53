"""The connection that a unit of work gives to its row classes."""

from typing import TypeAlias

import asyncpg

#: Quoted, because the driver's class is generic in its stubs only.
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
