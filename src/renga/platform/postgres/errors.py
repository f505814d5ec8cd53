"""Translates driver errors to kernel errors, so that asyncpg never leaks through a port."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from renga.kernel.errors import Invalid, OutcomeUnknown, Unavailable


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"
    title = "The database is away"


class DatabaseOutcomeUnknown(OutcomeUnknown):
    code = "database_outcome_unknown"
    title = "The database went away midway; the change may or may not have happened"


#: The server refused before it did anything: always safe to retry.
REFUSED = (
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    ConnectionRefusedError,
    FileNotFoundError,
)
#: The connection was lost, or the time-out passed, between sending and the answer.
LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    asyncpg.InterfaceError,
    # raised by a pool that resets a connection lost during a statement
    asyncpg.InternalClientError,
    asyncio.TimeoutError,
    OSError,
)

#: U+0000 in a text or in JSON: PostgreSQL keeps every other character.
UNKEEPABLE = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)


@contextmanager
def database_errors(*, writes: bool = False) -> Iterator[None]:
    """Translate lost connections to DatabaseUnavailable, or DatabaseOutcomeUnknown if ``writes`` may have happened.

    A text that PostgreSQL cannot keep raises Invalid. Every other error (a violated constraint, a serialization failure)
    is raised unchanged for the caller to handle.
    """
    try:
        yield
    except UNKEEPABLE as error:
        raise Invalid("a text has a character that is not kept: U+0000") from error
    except REFUSED as error:
        raise DatabaseUnavailable(f"the database refused: {error}") from error
    except LOST as error:
        said = str(error) or type(error).__name__
        if writes:
            raise DatabaseOutcomeUnknown(f"the database was lost: {said}") from error
        raise DatabaseUnavailable(f"the database was lost: {said}") from error
