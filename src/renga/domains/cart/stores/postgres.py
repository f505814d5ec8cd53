"""The snapshot read model in PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import asyncpg
import msgspec

from renga.domains.cart.contract import StoreUnavailable
from renga.domains.cart.ports import Snapshot, StoredCart
from renga.domains.cart.stores.redis_codec import decode_cart
from renga.kernel.errors import Unavailable
from renga.platform.postgres import calls

_SAVE = """
INSERT INTO cart.snapshots AS held (cart_id, version, restores, state, expires_ms, fields)
SELECT * FROM jsonb_to_recordset($1::jsonb)
    AS one (cart_id uuid, version bigint, restores int, state text, expires_ms bigint, fields jsonb)
ON CONFLICT (cart_id) DO UPDATE SET version = excluded.version, restores = excluded.restores, state = excluded.state,
       expires_ms = excluded.expires_ms, fields = excluded.fields
 WHERE (excluded.restores, excluded.version) >= (held.restores, held.version)
"""
_FIND = "SELECT version, restores, state, expires_ms, fields::text FROM cart.snapshots WHERE cart_id = $1::text::uuid"
# Ids are sorted by time (UUIDv7), so this is a walk along the primary key.
_NEWEST = """
SELECT cart_id::text, fields::text FROM cart.snapshots
 WHERE state IN ('open', 'checkout') AND expires_ms > $1
   AND jsonb_path_exists(fields, '$.keyvalue().key ? (@ starts with "l:")')
 ORDER BY cart_id DESC LIMIT $2
"""
_OVERDUE = """
SELECT cart_id::text FROM cart.snapshots
 WHERE state IN ('open', 'checkout', 'merging') AND expires_ms < $1 ORDER BY expires_ms LIMIT $2
"""
_FORGET = """
DELETE FROM cart.snapshots WHERE cart_id IN (
    SELECT cart_id FROM cart.snapshots
     WHERE state NOT IN ('open', 'checkout', 'merging') AND expires_ms < $1 ORDER BY expires_ms LIMIT $2)
"""
_OWNED = "SELECT cart_id::text FROM cart.snapshots WHERE fields->>'owner' = $1 ORDER BY cart_id LIMIT $2"
_DROP = "DELETE FROM cart.snapshots WHERE cart_id = ANY($1::uuid[]) AND fields->>'owner' = $2"


class PostgresSnapshots:
    """Implements ``Snapshots``."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def save(self, snapshots: Sequence[Snapshot]) -> None:
        # always in the same order, so that two writers of the same carts cannot deadlock
        ordered = sorted(snapshots, key=lambda s: s.cart_id)
        # one text for all: the driver takes longer for arrays, of which it looks at each element
        with store_errors():
            await calls.execute(self._pool, _SAVE, msgspec.json.encode(ordered).decode())

    async def find(self, cart_id: str) -> Snapshot | None:
        with store_errors():
            row = await calls.fetch_row(self._pool, _FIND, cart_id)
        if row is None:
            return None
        version, restores, state, expires_ms, fields = row
        return Snapshot(
            cart_id=cart_id,
            version=version,
            restores=restores,
            state=state,
            expires_ms=expires_ms,
            fields=msgspec.json.decode(fields, type=dict[str, str]),
        )

    async def newest(self, now_ms: int, limit: int) -> Sequence[StoredCart]:
        with store_errors():
            rows = await calls.fetch(self._pool, _NEWEST, now_ms, limit)
        carts = (decode_cart(row[0], _flat(row[1])) for row in rows)
        return [cart for cart in carts if cart is not None]

    async def overdue(self, before_ms: int, limit: int) -> Sequence[str]:
        with store_errors():
            return [row[0] for row in await calls.fetch(self._pool, _OVERDUE, before_ms, limit)]

    async def forget(self, before_ms: int, limit: int) -> int:
        with store_errors():
            status = await calls.execute(self._pool, _FORGET, before_ms, limit)
        return int(status.rpartition(" ")[2])

    async def owned_by(self, customer: str, limit: int) -> Sequence[str]:
        with store_errors():
            return [row[0] for row in await calls.fetch(self._pool, _OWNED, customer, limit)]

    async def drop(self, cart_ids: Sequence[str], customer: str) -> None:
        with store_errors():
            await calls.execute(self._pool, _DROP, sorted(cart_ids), customer)


def _flat(fields: str) -> list[bytes]:
    """A snapshot's fields as the flat reply of HGETALL."""
    decoded = msgspec.json.decode(fields, type=dict[str, str])
    return [part.encode() for pair in decoded.items() for part in pair]


@contextmanager
def store_errors() -> Iterator[None]:
    """Translates Unavailable and OutcomeUnknown to StoreUnavailable: every write here may be repeated."""
    try:
        yield
    except Unavailable as error:
        raise StoreUnavailable("the cart's database is away") from error
