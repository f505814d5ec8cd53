"""Erased customers in PostgreSQL: an id and when it was recorded."""

from collections.abc import Iterable

import asyncpg

from renga.domains.cart.stores.postgres import store_errors
from renga.platform.postgres import calls

_RECORD = "INSERT INTO cart.erased_customers (customer) VALUES ($1) ON CONFLICT DO NOTHING"
_AMONG = "SELECT customer FROM cart.erased_customers WHERE customer = ANY($1::text[])"
_FORGET = """
DELETE FROM cart.erased_customers WHERE customer IN (
    SELECT customer FROM cart.erased_customers
     WHERE erased_at < to_timestamp($1::bigint / 1000.0) ORDER BY erased_at LIMIT $2)
"""


class PostgresErasedCustomers:
    """Implements ``ErasedCustomers``."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def record(self, customer: str) -> None:
        with store_errors():
            await calls.execute(self._pool, _RECORD, customer)

    async def among(self, customers: Iterable[str]) -> frozenset[str]:
        with store_errors():
            return frozenset(row[0] for row in await calls.fetch(self._pool, _AMONG, list(customers)))

    async def forget(self, before_ms: int, limit: int) -> int:
        with store_errors():
            status = await calls.execute(self._pool, _FORGET, before_ms, limit)
        return int(status.rpartition(" ")[2])
