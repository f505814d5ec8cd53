"""StockRegister on PostgreSQL: locations, lists, the journal, stock counts, and the check of levels."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from renga.domains.inventory.contract.levels import (
    DEFAULT_LOCATION,
    BrokenLevel,
    CountLine,
    JournalEntry,
    StockCount,
    StockLocation,
)
from renga.domains.inventory.model.stock import Lot
from renga.kernel.clock import from_rfc3339, rfc3339
from renga.platform.postgres import calls

_LOCATION_COLUMNS = "code, name, kind, merchant, country, region, postal_code, priority, active"
_LOCATIONS = f"SELECT {_LOCATION_COLUMNS} FROM inventory.locations ORDER BY priority, code"
_PUT_LOCATION = f"""
    INSERT INTO inventory.locations ({_LOCATION_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (code) DO UPDATE SET name = excluded.name, kind = excluded.kind, country = excluded.country,
        region = excluded.region, postal_code = excluded.postal_code, priority = excluded.priority, active = excluded.active
"""
_ENSURE = f"""
    INSERT INTO inventory.locations ({_LOCATION_COLUMNS})
    VALUES ($1, 'Default', 'warehouse', 'house', '', '', '', 100, true) ON CONFLICT DO NOTHING
"""
_SKUS_AT = "SELECT sku FROM inventory.levels WHERE location = $1 AND sku > $2 ORDER BY sku LIMIT $3"
_FREE = "coalesce(sum(greatest(l.on_hand - l.safety - l.reserved, 0)) FILTER (WHERE l.active), 0)"
_LISTED = f"""
    SELECT sku FROM inventory.items i WHERE sku > $1 AND ($2::text[] IS NULL OR merchant = ANY($2))
    AND (NOT $3 OR low >= (SELECT {_FREE} FROM inventory.levels l WHERE l.sku = i.sku))
    ORDER BY sku LIMIT $4
"""
_JOURNAL = """
    SELECT position, at_ms, sku, location, on_hand, reserved, reason, actor, reference, reservation, lot, expires_on
    FROM inventory.movements WHERE sku = $1 AND ($2::bigint IS NULL OR position < $2) ORDER BY position DESC LIMIT $3
"""
_LOTS = """
    SELECT sku, location, lot, expires_on, on_hand FROM inventory.lots WHERE sku = ANY($1::text[])
    ORDER BY expires_on NULLS LAST, lot
"""
_PUT_COUNT = """
    INSERT INTO inventory.counts (id, location, state, opened_by, opened_ms) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING RETURNING true
"""
_COUNT = "SELECT id, location, state, opened_by, opened_ms FROM inventory.counts WHERE id = $1"
_COUNT_LINES = "SELECT sku, counted, by, at_ms, found FROM inventory.count_lines WHERE count = $1 ORDER BY sku"
_PUT_LINE = """
    INSERT INTO inventory.count_lines (count, sku, counted, by, at_ms) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (count, sku) DO UPDATE SET counted = excluded.counted, by = excluded.by, at_ms = excluded.at_ms
"""
# One statement is one snapshot; movements, levels and reservations are written in the same transactions.
_BROKEN = """
    WITH skus AS (SELECT sku FROM inventory.items WHERE sku > $1 ORDER BY sku LIMIT $2),
    journal AS (
        SELECT sku, location, sum(on_hand) AS on_hand, sum(reserved) AS reserved FROM inventory.movements
        WHERE sku IN (SELECT sku FROM skus) GROUP BY sku, location
    ),
    held AS (
        SELECT one ->> 'sku' AS sku, one ->> 'location' AS location, sum((one ->> 'quantity_milli')::bigint) AS held
        FROM inventory.reservations, jsonb_array_elements(lines) AS line, jsonb_array_elements(line -> 'allocations') AS one
        WHERE state IN ('pending', 'committed') AND one ->> 'sku' IN (SELECT sku FROM skus) AND one ? 'location'
        GROUP BY 1, 2
    )
    SELECT l.sku, l.location, l.on_hand, coalesce(j.on_hand, 0)::bigint, l.reserved, coalesce(j.reserved, 0)::bigint,
        coalesce(h.held, 0)::bigint
    FROM inventory.levels l LEFT JOIN journal j USING (sku, location) LEFT JOIN held h USING (sku, location)
    WHERE l.sku IN (SELECT sku FROM skus) AND (l.on_hand <> coalesce(j.on_hand, 0)
        OR l.reserved <> coalesce(j.reserved, 0) OR l.reserved <> coalesce(h.held, 0))
    ORDER BY 1, 2
"""
_NEXT = "SELECT max(sku) FROM (SELECT sku FROM inventory.items WHERE sku > $1 ORDER BY sku LIMIT $2) AS next"


class PostgresStockRegister:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: calls.Pool) -> None:
        self._pool = pool

    async def locations(self) -> Sequence[StockLocation]:
        return [StockLocation(**dict(row)) for row in await calls.fetch(self._pool, _LOCATIONS)]

    async def put_location(self, location: StockLocation) -> None:
        one = location
        await calls.execute(
            self._pool, _PUT_LOCATION, one.code, one.name, one.kind, one.merchant, one.country, one.region,
            one.postal_code, one.priority, one.active,
        )  # fmt: skip

    async def ensure_default(self) -> None:
        if not await calls.fetch(self._pool, "SELECT 1 FROM inventory.locations WHERE code = $1", DEFAULT_LOCATION):
            await calls.execute(self._pool, _ENSURE, DEFAULT_LOCATION)

    async def skus_at(self, location: str, after: str, limit: int) -> Sequence[str]:
        return [row[0] for row in await calls.fetch(self._pool, _SKUS_AT, location, after, limit)]

    async def listed(self, merchants: frozenset[str] | None, *, low: bool, after: str, limit: int) -> Sequence[str]:
        whose = None if merchants is None else sorted(merchants)
        return [row[0] for row in await calls.fetch(self._pool, _LISTED, after, whose, low, limit)]

    async def lots(self, skus: Sequence[str]) -> Mapping[tuple[str, str], Sequence[Lot]]:
        found: dict[tuple[str, str], list[Lot]] = {}
        for row in await calls.fetch(self._pool, _LOTS, list(skus)):
            found.setdefault((row[0], row[1]), []).append(Lot(lot=row[2], expires_on=row[3], on_hand=row[4]))
        return found

    async def journal(self, sku: str, before: int | None, limit: int) -> Sequence[JournalEntry]:
        return [_entry(row) for row in await calls.fetch(self._pool, _JOURNAL, sku, before, limit)]

    async def put_count(self, count: StockCount) -> bool:
        status = await calls.execute(
            self._pool, _PUT_COUNT, UUID(count.id), count.location, count.state, count.opened_by,
            from_rfc3339(count.opened_at),
        )  # fmt: skip
        return not status.endswith(" 0")

    async def count(self, identifier: str) -> StockCount | None:
        row = await calls.fetch_row(self._pool, _COUNT, UUID(identifier))
        if row is None:
            return None
        lines = await calls.fetch(self._pool, _COUNT_LINES, UUID(identifier))
        return StockCount(
            id=str(row[0]), location=row[1], state=row[2], opened_by=row[3], opened_at=rfc3339(row[4]),
            lines=tuple(
                CountLine(sku=one[0], counted_milli=one[1], by=one[2], at=rfc3339(one[3]), found_milli=one[4])
                for one in lines
            ),
        )  # fmt: skip

    async def put_count_line(self, identifier: str, line: CountLine) -> bool:
        async with calls.transaction(self._pool) as connection:
            is_open = "SELECT 1 FROM inventory.counts WHERE id = $1 AND state = 'open' FOR SHARE"
            if await connection.fetchval(is_open, UUID(identifier)) is None:
                return False
            values = (UUID(identifier), line.sku, line.counted_milli, line.by, from_rfc3339(line.at))
            await connection.execute(_PUT_LINE, *values)
        return True

    async def broken(self, after: str, limit: int) -> tuple[Sequence[BrokenLevel], str | None]:
        async with calls.reading(self._pool, timeout_s=VERIFY_TIMEOUT_S) as connection:
            rows = await connection.fetch(_BROKEN, after, limit, timeout=VERIFY_TIMEOUT_S)
            return [_broken(row) for row in rows], await connection.fetchval(_NEXT, after, limit)


#: Deadline of the check of some skus, whose journal may be long.
VERIFY_TIMEOUT_S = 60.0


def _entry(row: Any) -> JournalEntry:
    position, at_ms, sku, location, on_hand, reserved, reason, actor, reference, reservation, lot, expires_on = row
    return JournalEntry(
        position=position, at=rfc3339(at_ms), sku=sku, location=location, on_hand_milli=on_hand, reserved_milli=reserved,
        reason=reason, actor=actor, reference=reference, reservation=None if reservation is None else str(reservation),
        lot=lot, expires_on=expires_on,
    )  # fmt: skip


def _broken(row: Any) -> BrokenLevel:
    return BrokenLevel(
        sku=row[0], location=row[1], on_hand_milli=row[2], journal_on_hand_milli=row[3], reserved_milli=row[4],
        journal_reserved_milli=row[5], held_milli=row[6],
    )  # fmt: skip
