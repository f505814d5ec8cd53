"""TaxProvider of the shop's own tables."""

from collections.abc import Awaitable, Callable

from renga.domains.pricing.contract import TaxAnswer, TaxRequest, TaxTables
from renga.domains.pricing.model.tax_tables import table_taxes

#: Reads the tables of now. Raises Unavailable.
ReadTables = Callable[[], Awaitable[TaxTables]]


class TableTaxes:
    """Answers from the tables; as the fallback of another provider the answer says so."""

    def __init__(self, tables: ReadTables, *, fallback: bool = False) -> None:
        self._tables = tables
        self._fallback = fallback

    async def tax(self, request: TaxRequest) -> TaxAnswer:
        return table_taxes(request, await self._tables(), fallback=self._fallback)
