"""Use case: promotions that a caller keeps, newest first."""

from renga.domains.pricing.access import reach_of
from renga.domains.pricing.contract import PROMOTIONS_PAGE_MAX, PromotionCursorInvalid, PromotionPage
from renga.domains.pricing.dependencies import PricingDependencies
from renga.kernel.caller import Caller
from renga.kernel.errors import Invalid

CURSOR_DIGITS_MAX = 18


async def list_promotions(
    dependencies: PricingDependencies, caller: Caller, *, limit: int = 20, cursor: str | None = None
) -> PromotionPage:
    """Raises PromotionCursorInvalid, Invalid (limit)."""
    reach = reach_of(caller)
    if not 1 <= limit <= PROMOTIONS_PAGE_MAX:
        raise Invalid(f"limit is from 1 to {PROMOTIONS_PAGE_MAX}", field="limit")
    items, following = await dependencies.promotions.page(reach.listed, _before(cursor), limit)
    return PromotionPage(items=tuple(items), next=None if following is None else str(following))


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= CURSOR_DIGITS_MAX):
        raise PromotionCursorInvalid(field="cursor")
    return int(cursor)
