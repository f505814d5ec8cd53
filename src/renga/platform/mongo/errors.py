"""The driver's failures as the kernel's errors, so that pymongo never leaks through a port."""

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

#: Nothing was sent, or nobody was let in: always safe to try again.
REFUSED = (
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    ConfigurationError,
    InvalidURI,
    InvalidOperation,  # a client that was closed
)
#: Codes of a server that refuses whoever asks: Unauthorized, AuthenticationFailed, OutOfDiskSpace, Atlas' own.
REFUSING_CODES = frozenset({13, 18, 14031, 8000})
#: Codes of a server that stopped midway: MaxTimeMSExpired, PrimarySteppedDown, ShutdownInProgress, ExceededTimeLimit,
#: NotWritablePrimary, InterruptedAtShutdown, InterruptedDueToReplStateChange, NotPrimaryNoSecondaryOk, NotPrimaryOrSecondary.
LOST_CODES = frozenset({50, 91, 189, 262, 10107, 11600, 11602, 13435, 13436})


@contextmanager
def mongo_errors(*, writes: bool = False) -> Iterator[None]:
    """Turn an absent server into DocumentStoreUnavailable, or DocumentStoreOutcomeUnknown where ``writes`` may have happened.

    Every other error (a duplicate key, a write conflict) passes: what it means is the caller's to say.
    """
    try:
        yield
    except REFUSED as error:
        raise DocumentStoreUnavailable(f"the document store refused: {_said(error)}") from error
    except PyMongoError as error:
        code = error.code if isinstance(error, OperationFailure) else None
        if code in REFUSING_CODES:
            raise DocumentStoreUnavailable(f"the document store refused: {_said(error)}") from error
        if not (error.timeout or isinstance(error, ConnectionFailure) or code in LOST_CODES):
            raise
        if writes:
            raise DocumentStoreOutcomeUnknown(f"the document store was lost: {_said(error)}") from error
        raise DocumentStoreUnavailable(f"the document store was lost: {_said(error)}") from error


def _said(error: PyMongoError) -> str:
    """The first words of it: the driver adds the state of every server that it knows."""
    return str(error).partition(", Timeout:")[0].partition(", full error:")[0][:300] or type(error).__name__
