"""The newest commission rules for a transaction on a payment, read on its connection; decoded only when they have changed."""

import msgspec

from renga.domains.payments.contract.commissions import CommissionTable
from renga.domains.payments.model.commission_rules import CommissionBook
from renga.platform.postgres.calls import Connection

#: The newest version, unless it is the known one.
NEWEST = """
    SELECT document::text FROM payments.commission_tables
    WHERE version = (SELECT max(version) FROM payments.commission_tables) AND version <> $1
"""

_table = msgspec.json.Decoder(CommissionTable)


class NewestRates:
    """Kept by a store for all its transactions."""

    def __init__(self) -> None:
        self._version, self._book = 0, CommissionBook()

    async def newest(self, connection: Connection) -> CommissionBook:
        """The rules that are committed now."""
        document = await connection.fetchval(NEWEST, self._version)
        if document is not None:
            table = _table.decode(document)
            self._version, self._book = table.version, CommissionBook(table.rules)
        return self._book
