"""Units of work in PostgreSQL, and the rows of accounts, registrations and recoveries."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg
import msgspec

from renga.domains.identity.accounts.model.values import Person, Registration
from renga.domains.identity.accounts.ports import EmailTaken
from renga.domains.identity.stores import audit_recording as auditing
from renga.domains.identity.stores.addresses import PostgresAddresses
from renga.domains.identity.stores.attempts import PostgresAttempts
from renga.domains.identity.stores.audit import PostgresTrail
from renga.domains.identity.stores.connection import Connection
from renga.domains.identity.stores.parts import erase_parts, export_parts
from renga.domains.identity.stores.proofs import PostgresProofs
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.events import Event
from renga.kernel.facts import Fact, also_of
from renga.kernel.once import Once
from renga.platform.idempotency.postgres import IdempotentAnswers
from renga.platform.outbox.postgres import append
from renga.platform.postgres.calls import transaction

T = TypeVar("T")

SCHEMA, SOURCE = "identity", "renga/identity"
#: Deadline of a whole unit of work.
UNIT_TIMEOUT_S = 15.0
#: Expired rows deleted by one insert.
SWEEP_MAX = 20

PERSON = """
    SELECT a.*, EXISTS (
        SELECT FROM identity.totp t WHERE t.account_id = a.id AND t.secret IS NOT NULL
    ) AS has_totp, (SELECT count(*) FROM identity.passkeys p WHERE p.account_id = a.id) AS keys
    FROM identity.accounts a WHERE
"""
_ADD = """
    INSERT INTO identity.accounts (id, email, verified_ms, name, language, stakeholders, password, created_ms, version)
    VALUES ($1::text::uuid, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_SAVE = """
    UPDATE identity.accounts
    SET email = nullif($2, ''), verified_ms = $3, name = $4, language = $5, stakeholders = $6, password = $7,
        erased_ms = $8, locked_ms = $9, version = version + 1
    WHERE id = $1::text::uuid RETURNING version
"""
_ADD_REGISTRATION = """
    INSERT INTO identity.registrations (link_hash, email, name, language, password, expires_ms, account_id)
    SELECT $1, $2, $3, $4, $5, $6, $7::text::uuid WHERE NOT EXISTS (SELECT FROM identity.accounts WHERE email = $2)
"""
_ADD_RECOVERY = """
    INSERT INTO identity.recoveries (link_hash, account_id, expires_ms)
    SELECT $2, id, $3 FROM identity.accounts WHERE email = $1
"""


class PostgresPeople:
    """``ports.PeopleRows`` on a unit's connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, account_id: str, *, lock: bool = False) -> Person | None:
        return await self._one("a.id = $1::text::uuid", account_id, lock)

    async def by_email(self, email: str, *, lock: bool = False) -> Person | None:
        return await self._one("a.email = $1", email, lock)

    async def add(self, person: Person) -> None:
        p = person
        try:
            await self._connection.execute(
                *(_ADD, p.id, p.email, p.verified_ms, p.name, p.language),
                *(list(p.stakeholders), p.password, p.created_ms, p.version),
            )
        except asyncpg.UniqueViolationError as error:
            raise EmailTaken() from error

    async def save(self, person: Person) -> Person:
        p = person
        version = await self._connection.fetchval(
            *(_SAVE, p.id, p.email, p.verified_ms, p.name, p.language),
            *(list(p.stakeholders), p.password, p.erased_ms, p.locked_ms),
        )
        return msgspec.structs.replace(person, version=version)

    async def add_registration(self, registration: Registration, *, keep_max: int, now_ms: int) -> None:
        r = registration
        await self._sweep("registrations", now_ms)
        await self._connection.execute(
            _ADD_REGISTRATION, r.link_hash, r.email, r.name, r.language, r.password, r.expires_ms, r.account_id
        )
        await self._keep("registrations", "email = $1", r.email, keep_max)

    async def take_registration(self, link_hash: bytes, now_ms: int) -> Registration | None:
        row = await self._connection.fetchrow(
            "DELETE FROM identity.registrations WHERE link_hash = $1 AND expires_ms > $2 RETURNING *", link_hash, now_ms
        )
        if row is None:
            return None
        await self._connection.execute("DELETE FROM identity.registrations WHERE email = $1", row["email"])
        return Registration(**dict(row) | {"account_id": str(row["account_id"])})

    async def add_recovery(self, email: str, link_hash: bytes, *, expires_ms: int, keep_max: int, now_ms: int) -> None:
        await self._sweep("recoveries", now_ms)
        await self._connection.execute(_ADD_RECOVERY, email, link_hash, expires_ms)
        where = "account_id = (SELECT id FROM identity.accounts WHERE email = $1)"
        await self._keep("recoveries", where, email, keep_max)

    async def recovery_of(self, link_hash: bytes, now_ms: int) -> str | None:
        query = "SELECT account_id::text FROM identity.recoveries WHERE link_hash = $1 AND expires_ms > $2"
        account_id: str | None = await self._connection.fetchval(query, link_hash, now_ms)
        return account_id

    async def take_recovery(self, link_hash: bytes, now_ms: int) -> str | None:
        query = """
            DELETE FROM identity.recoveries WHERE link_hash = $1 AND expires_ms > $2 RETURNING account_id::text
        """
        account_id: str | None = await self._connection.fetchval(query, link_hash, now_ms)
        if account_id is not None:
            await self._connection.execute(
                "DELETE FROM identity.recoveries WHERE account_id = $1::text::uuid", account_id
            )
        return account_id

    async def _one(self, where: str, value: str, lock: bool) -> Person | None:
        row = await self._connection.fetchrow(f"{PERSON} {where} {'FOR UPDATE OF a' if lock else ''}", value)
        return None if row is None else person_from(row)

    async def _sweep(self, table: str, now_ms: int) -> None:
        await self._connection.execute(
            f"""
            DELETE FROM identity.{table} WHERE link_hash IN (
                SELECT link_hash FROM identity.{table} WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT $2
                FOR UPDATE SKIP LOCKED
            )
            """,
            now_ms,
            SWEEP_MAX,
        )

    async def _keep(self, table: str, where: str, value: str, keep_max: int) -> None:
        await self._connection.execute(
            f"""
            DELETE FROM identity.{table} WHERE link_hash IN (
                SELECT link_hash FROM identity.{table} WHERE {where} ORDER BY expires_ms DESC OFFSET $2
            )
            """,
            value,
            keep_max,
        )


class PostgresUnit:
    """``ports.Unit``: one transaction."""

    def __init__(self, connection: Connection, replays: IdempotentAnswers, clock: Clock) -> None:
        self._connection = connection
        self._replays, self._clock = replays, clock
        self.people = PostgresPeople(connection)
        self.proofs = PostgresProofs(connection)
        self.addresses = PostgresAddresses(connection)
        self.attempts = PostgresAttempts(connection)
        self.trail = PostgresTrail(connection)

    async def export_parts(self, account_id: str) -> dict[str, Any]:
        return await export_parts(self._connection, account_id)

    async def erase_parts(self, account_id: str, *, at_ms: int) -> None:
        await erase_parts(self._connection, account_id, at_ms)

    async def erase_person(self, person: Person, subjects: Sequence[bytes]) -> None:
        await self._connection.execute("DELETE FROM identity.registrations WHERE email = $1", person.email)
        await self._connection.execute("DELETE FROM identity.attempts WHERE subject = ANY($1::bytea[])", list(subjects))
        for table in ("recoveries", "totp", "recovery_codes", "passkeys", "challenges", "addresses"):
            await self._connection.execute(f"DELETE FROM identity.{table} WHERE account_id = $1::text::uuid", person.id)
        await self.trail.forget_addresses(person.id)

    async def record(
        self,
        action: str,
        *,
        account_id: str | None,
        by: str | None,
        address: str,
        at_ms: int,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        entry = dict(details or {})
        await auditing.record(
            self._connection, action=action, account_id=account_id, by=by, address=address, details=entry, at_ms=at_ms
        )

    async def earlier(self, once: Once | None, kind: type[T]) -> T | None:
        answer = None if once is None else await self._replays.find(self._connection, once)
        return None if answer is None else msgspec.json.decode(answer, type=kind)

    async def replay(self, once: Once | None, kind: type[T]) -> T | None:
        answer = None if once is None else await self._replays.claim(self._connection, once, self._clock.now_ms())
        return None if answer is None else msgspec.json.decode(answer, type=kind)

    async def keep(self, once: Once | None, answer: Any) -> None:
        if once is not None:
            await self._replays.keep(self._connection, once, msgspec.json.encode(answer))

    async def announce(self, person: Person, fact: Fact, *, event_id: str, at_ms: int) -> None:
        data = msgspec.to_builtins(fact)
        event = Event(
            id=event_id,
            source=SOURCE,
            type=fact.TYPE,
            subject=person.id,
            time=rfc3339(at_ms),
            data=data,
            sequence=person.version,
            also=also_of(type(fact), data),
        )
        await append(self._connection, SCHEMA, [event])


class PostgresUnits:
    """``ports.Units`` on a pool whose database has this domain's migrations."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", *, secret: bytes, clock: Clock) -> None:
        self._pool = pool
        self._replays, self._clock = IdempotentAnswers(SCHEMA, secret), clock

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[PostgresUnit]:
        async with transaction(self._pool, timeout_s=UNIT_TIMEOUT_S) as connection:
            yield PostgresUnit(connection, self._replays, self._clock)


def person_from(row: "asyncpg.Record") -> Person:
    """A Person from a row of ``PERSON``."""
    return Person(
        id=str(row["id"]),
        email=row["email"] or "",
        verified_ms=row["verified_ms"],
        name=row["name"],
        language=row["language"],
        stakeholders=tuple(row["stakeholders"]),
        password=row["password"],
        created_ms=row["created_ms"],
        erased_ms=row["erased_ms"],
        locked_ms=row["locked_ms"],
        version=row["version"],
        totp=row["has_totp"],
        passkeys=row["keys"],
    )
