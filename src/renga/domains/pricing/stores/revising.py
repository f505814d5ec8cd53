"""The number of what quotes follow: whoever changes it does so under the lock of one row."""

from renga.platform.postgres import calls

#: No row yet: nothing was ever changed.
READ = "SELECT coalesce(max(number), 0) FROM pricing.revision"
_REVISE = """
    INSERT INTO pricing.revision AS held (number) VALUES (1) ON CONFLICT (one) DO UPDATE SET number = held.number + 1
"""


async def revise(connection: calls.Connection) -> None:
    """First in the transaction of every change. Changes are rare; events of one subject keep their order by it."""
    await connection.execute(_REVISE)
