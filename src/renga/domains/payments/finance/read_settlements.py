"""Use case: settlement files that were imported."""

import msgspec

from renga.domains.payments.contract.finance_errors import FinanceCursorInvalid, PayoutDayInvalid
from renga.domains.payments.contract.settlements import SETTLEMENTS_PAGE_MAX, SettlementPage
from renga.domains.payments.finance.access import read_provider
from renga.domains.payments.finance.cursors import decoded_cursor, encoded_cursor
from renga.domains.payments.finance.dependencies import FinanceDependencies
from renga.domains.payments.finance.model.payout_schedule import parsed_day
from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid


async def list_settlements(
    dependencies: FinanceDependencies, caller: Caller, provider: str, *, limit: int = 20, cursor: str | None = None
) -> SettlementPage:
    """Newest day first. Raises ProviderNotFound, FinanceCursorInvalid, Invalid (limit)."""
    await read_provider(dependencies, caller, provider)
    if not 1 <= limit <= SETTLEMENTS_PAGE_MAX:
        raise Invalid(f"limit is 1 to {SETTLEMENTS_PAGE_MAX}", field="limit")
    found = await dependencies.settlements.files(provider, _place(cursor), limit + 1)
    items = tuple(msgspec.structs.replace(one, differences=()) for one in found[:limit])
    more = len(found) > limit
    return SettlementPage(items=items, next=encoded_cursor((items[-1].day, items[-1].id)) if more else None)


def _place(cursor: str | None) -> tuple[str, str] | None:
    if cursor is None:
        return None
    place = decoded_cursor(cursor, tuple[str, str])
    try:
        parsed_day(place[0])
    except PayoutDayInvalid:
        raise FinanceCursorInvalid() from None
    return place
