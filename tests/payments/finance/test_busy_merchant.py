"""A payout is planned while the merchant goes on selling."""

from datetime import date
from itertools import count
from typing import Any

from renga.domains.payments.contract.ledger import LedgerEntry, LedgerTransaction
from renga.domains.payments.finance.stores.payout_unit import PostgresPayoutUnit
from renga.platform.postgres import calls
from tests.payments.finance.house import House


class SellingConnection:
    """After each question to the database another sale is committed."""

    def __init__(self, connection: calls.Connection, house: House) -> None:
        self._connection, self._house, self._sales = connection, house, count(1)

    async def _sell(self) -> None:
        number = next(self._sales)
        entries = (LedgerEntry("platform", 100, "BRL"), LedgerEntry("merchant:olaria", -100, "BRL"))
        await self._house.post(
            LedgerTransaction(key=f"s{number}", kind="capture", reference=f"s{number}", entries=entries)
        )

    async def fetch(self, *query: Any, **more: Any) -> Any:
        rows = await self._connection.fetch(*query, **more)
        await self._sell()
        return rows

    async def fetchrow(self, *query: Any, **more: Any) -> Any:
        row = await self._connection.fetchrow(*query, **more)
        await self._sell()
        return row

    async def fetchval(self, *query: Any, **more: Any) -> Any:
        value = await self._connection.fetchval(*query, **more)
        await self._sell()
        return value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


async def test_a_sale_between_two_looks_at_the_ledger_spoils_no_payout(house: House) -> None:
    await house.sell("order:1", 10_000)
    house.now("2027-03-02T00:05")
    async with calls.transaction(house.pool) as connection:
        unit = PostgresPayoutUnit(SellingConnection(connection, house), "olaria", "BRL")  # type: ignore[arg-type]
        period = await unit.period(None, date(2027, 3, 2), delay_days=1, settled=False)
    assert (period.unexplained, period.sums.sale, period.since) == (0, 10_000, 0)
    assert (await house.balances())["merchant:olaria"] < -10_100
