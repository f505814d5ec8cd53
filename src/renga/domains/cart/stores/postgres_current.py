"""Customers' current carts in PostgreSQL: a row per customer, changed by compare and set."""

import asyncpg

from renga.domains.cart.stores.postgres import store_errors
from renga.platform.postgres import calls

_FIND = "SELECT cart_id::text FROM cart.current_carts WHERE customer = $1"
_FIRST = "INSERT INTO cart.current_carts (customer, cart_id) VALUES ($1, $2::text::uuid) ON CONFLICT DO NOTHING"
_NEXT = """
UPDATE cart.current_carts SET cart_id = $2::text::uuid, since = now()
 WHERE customer = $1 AND cart_id = $3::text::uuid
"""
_AFTER = """
SELECT current.cart_id::text, erased.customer IS NOT NULL
  FROM cart.current_carts AS current LEFT JOIN cart.erased_customers AS erased USING (customer)
 WHERE current.customer = $1
"""
_DROP = "DELETE FROM cart.current_carts WHERE customer = $1"


class PostgresCurrentCarts:
    """Implements ``CurrentCarts``."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def find(self, customer: str) -> str | None:
        with store_errors():
            row = await calls.fetch_row(self._pool, _FIND, customer)
        return None if row is None else str(row[0])

    async def put(self, customer: str, cart_id: str, *, instead_of: str | None) -> str:
        with store_errors():
            if instead_of is None:
                await calls.execute(self._pool, _FIRST, customer, cart_id)
            else:
                await calls.execute(self._pool, _NEXT, customer, cart_id, instead_of)
            row = await calls.fetch_row(self._pool, _AFTER, customer)
        # only an erasure deletes rows, so the loser of a race between logins finds the winner's cart
        kept, erased = (cart_id, False) if row is None else row
        if erased:
            await self.drop(customer)
        return str(kept)

    async def drop(self, customer: str) -> None:
        with store_errors():
            await calls.execute(self._pool, _DROP, customer)
