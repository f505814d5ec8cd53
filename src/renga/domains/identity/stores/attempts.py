"""Counters of failures in PostgreSQL. Rows are always locked in key order, so that attempts never deadlock."""

from collections.abc import Sequence

import asyncpg

from renga.domains.identity.accounts.model.values import AttemptKey, Counter, Counters
from renga.domains.identity.stores.connection import Connection

#: The unused half of a key: counters of a subject alone or a network alone.
ANY = b""
#: Counters deleted by one sweep; counters in one export.
SWEEP_MAX, TOLD_MAX = 20, 1_000

_MAKE = """
    INSERT INTO identity.attempts (subject, network, failures, last_ms, known_ms)
    SELECT subject, network, 0, 0, 0 FROM unnest($1::bytea[], $2::bytea[]) AS given (subject, network)
    ORDER BY subject, network
    ON CONFLICT DO NOTHING
"""
_LOCK = """
    SELECT subject, network, failures, last_ms, known_ms FROM identity.attempts
    WHERE (subject, network) IN (SELECT * FROM unnest($1::bytea[], $2::bytea[]))
    ORDER BY subject, network FOR UPDATE
"""
_WRITE = """
    UPDATE identity.attempts a SET failures = g.failures, last_ms = g.last_ms, known_ms = g.known_ms
    FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[])
         AS g (subject, network, failures, last_ms, known_ms)
    WHERE a.subject = g.subject AND a.network = g.network
"""
_TIDY = """
    DELETE FROM identity.attempts WHERE (subject, network) IN (
        SELECT subject, network FROM identity.attempts WHERE {which} AND last_ms < $1 AND last_ms > 0
        ORDER BY last_ms LIMIT $2 FOR UPDATE SKIP LOCKED
    )
"""
_TIDY_UNKNOWN, _TIDY_KNOWN = _TIDY.format(which="known_ms = 0"), _TIDY.format(which="known_ms > 0")


class PostgresAttempts:
    """``ports.AttemptRows`` on a unit's connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(self, key: AttemptKey) -> Counters:
        subjects, networks = _keys(key)
        await self._connection.execute(_MAKE, subjects, networks)
        rows = await self._connection.fetch(_LOCK, subjects, networks)
        found = {(bytes(row[0]), bytes(row[1])): _counter(row) for row in rows}
        # a sweep may have deleted a row between the two statements: it had expired, so the zero counter is right
        pair, subject, network = (found.get(one, Counter()) for one in zip(subjects, networks, strict=True))
        return Counters(pair=pair, subject=subject, network=network)

    async def write(self, key: AttemptKey, counters: Counters) -> None:
        subjects, networks = _keys(key)
        all_three = (counters.pair, counters.subject, counters.network)
        await self._connection.execute(
            *(_WRITE, subjects, networks),
            [one.failures for one in all_three],
            [one.last_ms for one in all_three],
            [one.known_ms for one in all_three],
        )

    async def of_subject(self, subject: bytes) -> Sequence[Counter]:
        rows = await self._connection.fetch(
            """
            SELECT subject, network, failures, last_ms, known_ms FROM identity.attempts
            WHERE subject = $1 AND network <> $2 ORDER BY last_ms DESC LIMIT $3
            """,
            subject,
            ANY,
            TOLD_MAX,
        )
        return [_counter(row) for row in rows]

    async def tidy(self, *, unknown_before_ms: int, known_before_ms: int) -> None:
        await self._connection.execute(_TIDY_UNKNOWN, unknown_before_ms, SWEEP_MAX)
        await self._connection.execute(_TIDY_KNOWN, known_before_ms, SWEEP_MAX)


def _keys(key: AttemptKey) -> tuple[list[bytes], list[bytes]]:
    """The rows of the pair, of the subject alone, of the network alone."""
    return [key.subject, key.subject, ANY], [key.network, ANY, key.network]


def _counter(row: "asyncpg.Record") -> Counter:
    return Counter(failures=row["failures"], last_ms=row["last_ms"], known_ms=row["known_ms"])
