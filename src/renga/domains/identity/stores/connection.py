"""The connection that a unit of work hands to its rows."""

from typing import TypeAlias

import asyncpg

#: A text, because the driver's class takes its record type in stubs only.
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
