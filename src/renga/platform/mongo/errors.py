"""Translates driver errors to kernel errors, so that pymongo never leaks through a port."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import (
    ConfigurationError,
    ConnectionFailure,
    InvalidOperation,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)

from renga.platform.mongo.away import DocumentStoreOutcomeUnknown, DocumentStoreUnavailable

#: Nothing was sent, or authentication failed: always safe to retry.
REFUSED = (
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    ConfigurationError,
    InvalidURI,
    InvalidOperation,  # a closed client
)
#: Error codes of a refused command: Unauthorized, AuthenticationFailed, OutOfDiskSpace, Atlas' own.
REFUSING_CODES = frozenset({13, 18, 14031, 8000})
#: Error codes of an interrupted command: MaxTimeMSExpired, PrimarySteppedDown, ShutdownInProgress, ExceededTimeLimit,
#: NotWritablePrimary, InterruptedAtShutdown, InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary.
LOST_CODES = frozenset({50, 91, 189, 262, 10107, 11600, 11602, 13435, 13436})


@contextmanager
def mongo_errors(*, writes: bool = False) -> Iterator[None]:
    """Translate lost connections to DocumentStoreUnavailable, or DocumentStoreOutcomeUnknown if ``writes`` may have happened.

    Every other error (a duplicate key, a write conflict) is raised unchanged for the caller to handle.
    """
    try:
        yield
    except REFUSED as error:
        raise DocumentStoreUnavailable(f"the document store refused: {_short_message(error)}") from error
    except PyMongoError as error:
        code = error.code if isinstance(error, OperationFailure) else None
        if code in REFUSING_CODES:
            raise DocumentStoreUnavailable(f"the document store refused: {_short_message(error)}") from error
        if not (error.timeout or isinstance(error, ConnectionFailure) or code in LOST_CODES):
            raise
        if writes:
            raise DocumentStoreOutcomeUnknown(f"the document store was lost: {_short_message(error)}") from error
        raise DocumentStoreUnavailable(f"the document store was lost: {_short_message(error)}") from error


def _short_message(error: PyMongoError) -> str:
    """The start of the message: the driver appends the state of every known server."""
    return str(error).partition(", Timeout:")[0].partition(", full error:")[0][:300] or type(error).__name__
