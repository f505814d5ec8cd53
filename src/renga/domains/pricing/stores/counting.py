"""Counts of uses: kept only for promotions with a limit, counted again when a promotion is written."""

from uuid import UUID

from renga.domains.pricing.contract import Promotion
from renga.platform.postgres import calls

_COUNT = """
    INSERT INTO pricing.uses (promotion, uses)
    SELECT $1, count(*) FROM pricing.redemption_uses u JOIN pricing.redemptions r USING (key)
    WHERE u.promotion = $1 AND r.state IN ('held', 'committed')
    ON CONFLICT (promotion) DO UPDATE SET uses = excluded.uses
"""
_FORGET = "DELETE FROM pricing.customer_uses WHERE promotion = $1"
_COUNT_CUSTOMERS = """
    INSERT INTO pricing.customer_uses (promotion, customer, uses)
    SELECT $1, r.customer, count(*) FROM pricing.redemption_uses u JOIN pricing.redemptions r USING (key)
    WHERE u.promotion = $1 AND r.state IN ('held', 'committed') AND r.customer IS NOT NULL GROUP BY r.customer
"""


async def count_uses(connection: calls.Connection, promotion: Promotion) -> None:
    """Under the lock of the promotion's row, which keeps redemptions out until the transaction ends."""
    if promotion.limits.uses is not None:
        await connection.execute(_COUNT, UUID(promotion.id))
    if promotion.limits.uses_per_customer is not None:
        await connection.execute(_FORGET, UUID(promotion.id))
        await connection.execute(_COUNT_CUSTOMERS, UUID(promotion.id))
