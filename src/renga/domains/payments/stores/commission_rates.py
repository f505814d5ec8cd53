"""The newest commission rules for a transaction on a payment, read on its connection; decoded only when they have changed."""

import msgspec

from renga.domains.payments.contract.commissions import CommissionTable
from renga.domains.payments.model.commission_rules import CommissionBook
from renga.platform.postgres.calls import Connection

#: The newest version as text, unless it is the ``known`` one.
NEWEST = """
    SELECT document::text FROM payments.commission_tables
    WHERE version = (SELECT max(version) FROM payments.commission_tables) AND version <> {known}
"""
_NEWEST = NEWEST.format(known="$1")

_table = msgspec.json.Decoder(CommissionTable)


class NewestRates:
    """Kept by a store for all its transactions: the rules that it has seen last."""

    def __init__(self) -> None:
        self.version, self.book = 0, CommissionBook()

    def learn(self, document: str | None) -> CommissionBook:
        """The rules, after a read of NEWEST; None: they are still those."""
        if document is not None:
            table = _table.decode(document)
            if table.version > self.version:
                self.version, self.book = table.version, CommissionBook(table.rules)
        return self.book

    async def newest(self, connection: Connection) -> CommissionBook:
        """The rules that are committed now."""
        return self.learn(await connection.fetchval(_NEWEST, self.version))
