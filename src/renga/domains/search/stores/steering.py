"""SteeringStore on PostgreSQL."""

from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from renga.domains.search.contract import Pins, Synonyms, ZeroResult
from renga.domains.search.limits import DEMAND_HALF, DEMAND_HALF_LIFE_MS
from renga.domains.search.stores.postgres.connecting import reading
from renga.domains.search.stores.postgres.connecting import writing as transaction
from renga.kernel.events import Event
from renga.platform.outbox.postgres import append

_encode = msgspec.json.Encoder().encode
_synonyms = msgspec.json.Decoder(tuple[Synonyms, ...])

# Decays to now, then adds: x · 2^(-Δt / half-life) + new.
_ADD_DEMAND = """
INSERT INTO search.demand AS present (product_id, demand, at_ms)
SELECT product_id, demand, $3 FROM unnest($1::text[], $2::float8[]) AS seen(product_id, demand) ORDER BY product_id
ON CONFLICT (product_id) DO UPDATE SET
    demand = present.demand * power(2, -(greatest($3 - present.at_ms, 0)::float8 / $4)) + excluded.demand,
    at_ms = greatest($3, present.at_ms)
RETURNING product_id, demand
"""
_DEMAND = """
SELECT product_id, demand * power(2, -(greatest($2::bigint - at_ms, 0)::float8 / $3))
FROM search.demand WHERE product_id = ANY($1::text[])
"""
_NOTE = """
INSERT INTO search.zero_results AS present (language, text, count, last_at)
SELECT language, text, count, $4 FROM unnest($1::text[], $2::text[], $3::bigint[]) AS seen(language, text, count)
ORDER BY language, text
ON CONFLICT (language, text) DO UPDATE SET count = present.count + excluded.count, last_at = excluded.last_at
"""


class PostgresSteering:
    """On a pool whose database has this domain's migrations."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def synonyms(self) -> Mapping[str, tuple[Synonyms, ...]]:
        async with reading(self._pool) as connection:
            rows = await connection.fetch("SELECT language, rulings::text FROM search.synonyms ORDER BY language")
        return {row[0]: _synonyms.decode(row[1]) for row in rows}

    async def set_synonyms(self, language: str, synonyms: Sequence[Synonyms], event: Event) -> None:
        async with transaction(self._pool) as connection:
            await connection.execute(
                "INSERT INTO search.synonyms (language, rulings) VALUES ($1, $2::jsonb) "
                "ON CONFLICT (language) DO UPDATE SET rulings = excluded.rulings",
                language,
                _encode(list(synonyms)).decode(),
            )
            await append(connection, "search", [event])

    async def pins(self) -> tuple[Pins, ...]:
        async with reading(self._pool) as connection:
            rows = await connection.fetch(
                "SELECT text, language, pinned, hidden FROM search.pins ORDER BY language, text"
            )
        return tuple(Pins(text=r[0], language=r[1], pinned=tuple(r[2]), hidden=tuple(r[3])) for r in rows)

    async def set_pins(self, pins: Pins, event: Event) -> None:
        async with transaction(self._pool) as connection:
            if pins.pinned or pins.hidden:
                await connection.execute(
                    "INSERT INTO search.pins (language, text, pinned, hidden) VALUES ($1, $2, $3, $4) "
                    "ON CONFLICT (language, text) DO UPDATE SET pinned = excluded.pinned, hidden = excluded.hidden",
                    pins.language,
                    pins.text,
                    list(pins.pinned),
                    list(pins.hidden),
                )
            else:
                await connection.execute(
                    "DELETE FROM search.pins WHERE language = $1 AND text = $2", pins.language, pins.text
                )
            await append(connection, "search", [event])

    async def note_nothing(self, counts: Mapping[tuple[str, str], int], at: str) -> None:
        names = list(counts)
        async with transaction(self._pool) as connection:
            await connection.execute(
                _NOTE, [n[0] for n in names], [n[1] for n in names], [counts[n] for n in names], at
            )

    async def zero_results(self, limit: int) -> tuple[ZeroResult, ...]:
        async with reading(self._pool) as connection:
            rows = await connection.fetch(
                "SELECT text, language, count, last_at FROM search.zero_results ORDER BY count DESC, last_at DESC, text LIMIT $1",
                limit,
            )
        return tuple(ZeroResult(text=r[0], language=r[1], count=r[2], last_at=r[3]) for r in rows)

    async def add_demand(self, seen: Mapping[str, float], now_ms: int) -> Mapping[str, float]:
        ids = sorted(seen)
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                _ADD_DEMAND, ids, [seen[one] for one in ids], now_ms, float(DEMAND_HALF_LIFE_MS)
            )
        return {row[0]: popularity_of(row[1]) for row in rows}

    async def popularity(self, ids: Sequence[str], now_ms: int) -> Mapping[str, float]:
        async with reading(self._pool) as connection:
            rows = await connection.fetch(_DEMAND, list(ids), now_ms, float(DEMAND_HALF_LIFE_MS))
        return {row[0]: popularity_of(row[1]) for row in rows}


def popularity_of(demand: float) -> float:
    """From 0 to 1: demand / (demand + DEMAND_HALF), so early demand counts more than later."""
    return demand / (demand + DEMAND_HALF)
