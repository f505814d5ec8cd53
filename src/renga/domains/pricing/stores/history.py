"""OrderHistory from redemptions: each order redeems, also one that uses no promotion."""

from renga.domains.pricing.contract import BuyerHistory
from renga.platform.postgres import calls

_ORDERS = "SELECT count(*) FROM pricing.redemptions WHERE customer = $1 AND state = 'committed'"
_EXHAUSTED = """
    SELECT p.id::text FROM pricing.promotions p JOIN pricing.uses u ON u.promotion = p.id
    WHERE p.active AND p.uses_max IS NOT NULL AND u.uses >= p.uses_max
    UNION SELECT p.id::text FROM pricing.customer_uses u JOIN pricing.promotions p ON p.id = u.promotion
    WHERE u.customer = $1 AND p.customer_uses_max IS NOT NULL AND u.uses >= p.customer_uses_max
"""


class RedemptionHistory:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def history(self, customer: str | None) -> BuyerHistory:
        async with calls.reading(self._pool) as connection:
            exhausted = await connection.fetch(_EXHAUSTED, customer)
            orders = None if customer is None else await connection.fetchval(_ORDERS, customer)
        return BuyerHistory(orders=orders, exhausted=frozenset(row[0] for row in exhausted))
