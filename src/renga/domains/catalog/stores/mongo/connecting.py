"""The catalogue's database: reads and writes with deadlines, transactions where the server supports them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias, TypeVar

import msgspec
import pymongo
from pymongo import ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from renga.domains.catalog.ports import StaleWrite
from renga.domains.catalog.stores.mongo import layout
from renga.domains.catalog.stores.pages import ProductPages
from renga.kernel.clock import Clock
from renga.platform.mongo.away import DocumentStoreOutcomeUnknown
from renga.platform.mongo.client import DURABLE, Client, Database, Document
from renga.platform.mongo.errors import mongo_errors
from renga.platform.retrying import Retries

T = TypeVar("T")
#: None if the server has no transactions.
Session: TypeAlias = AsyncClientSession | None
Shelf: TypeAlias = AsyncCollection[Document]

#: Attempts of a transaction that conflicts with another; the call's deadline (``pymongo.timeout``) may end it earlier.
ATTEMPTS_MAX = 8
CONFLICT_RETRIES = Retries(attempts_max=ATTEMPTS_MAX, wait_min_ms=10, wait_max_ms=640)
#: A commit without an answer is repeated; it is the same commit each time.
COMMIT_RETRIES = Retries(attempts_max=10, wait_min_ms=200, wait_max_ms=200)
ABORT_TIMEOUT_S = 2.0

_TRANSIENT = "TransientTransactionError"
_UNKNOWN_COMMIT = "UnknownTransactionCommitResult"
_DUPLICATE_KEY = 11000
#: WriteConflict, and the codes of a transaction that was aborted by the server.
_CONFLICTS = frozenset({24, 112, 251})


class MongoDeadlines(msgspec.Struct, frozen=True, kw_only=True):
    """Deadlines of one read and of one write step, retries included."""

    read_s: float = 5.0
    write_s: float = 60.0


class MongoCatalogue:
    """The collections of the catalogue. ``transactions``: the server supports them (a replica set, a sharded cluster)."""

    def __init__(
        self,
        client: Client,
        database: Database,
        *,
        transactions: bool,
        clock: Clock,
        deadlines: MongoDeadlines | None = None,
    ) -> None:
        self.products: Shelf = database[layout.PRODUCTS]
        self.categories: Shelf = database[layout.CATEGORIES]
        self.collections: Shelf = database[layout.COLLECTIONS]
        self.types: Shelf = database[layout.TYPES]
        self.outbox: Shelf = database[layout.OUTBOX]
        self.imports: Shelf = database[layout.IMPORTS]
        self.counters: Shelf = database[layout.COUNTERS]
        self.transactions = transactions
        self.clock = clock
        self.pages = ProductPages()
        self.deadlines = deadlines or MongoDeadlines()
        self._client = client

    async def find(
        self,
        shelf: Shelf,
        wanted: Mapping[str, Any],
        *,
        fields: Mapping[str, Any] | None = None,
        sort: Sequence[tuple[str, int]] | None = None,
        limit: int = 0,
        session: Session = None,
    ) -> list[Document]:
        """Raises Unavailable."""
        with self.reading():
            return await shelf.find(wanted, fields, sort=sort, limit=limit, session=session).to_list()

    async def take(self, counter: str, count: int) -> int:
        """Reserve ``count`` unique numbers and return the first; a failed step leaves a gap."""
        if not count:
            return 0
        with self.reading():
            found = await self.counters.find_one_and_update(
                {"_id": counter}, {"$inc": {"last": count}}, upsert=True, return_document=ReturnDocument.AFTER
            )
        assert found is not None, "an upsert returns the document"
        return int(found["last"]) - count + 1

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Error translation of reads: nothing was changed."""
        with mongo_errors(), pymongo.timeout(self.deadlines.read_s):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Error translation of writes outside a transaction: without an answer the outcome is unknown."""
        with _races(), mongo_errors(writes=True), pymongo.timeout(self.deadlines.write_s):
            yield

    async def step(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run the writes in one transaction, again on conflicts; without transactions just run them.

        Raises StaleWrite, Unavailable, OutcomeUnknown.
        """
        if not self.transactions:
            with self.writing():
                return await work(None)
        with _races(), mongo_errors(), pymongo.timeout(self.deadlines.write_s):
            return await CONFLICT_RETRIES.call(lambda: self._transact(work), lambda error: _may_pass(error, _TRANSIENT))

    async def _transact(self, work: Callable[[Session], Awaitable[T]]) -> T:
        async with self._client.start_session() as session:
            await session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=DURABLE)
            try:
                result = await work(session)
            except BaseException:
                await _abort(session)
                raise
            await _commit(session)
            return result


async def _commit(session: AsyncClientSession) -> None:
    """Raises OutcomeUnknown if there is no answer; repeating it commits nothing twice."""
    try:
        await COMMIT_RETRIES.call(session.commit_transaction, lambda error: _may_pass(error, _UNKNOWN_COMMIT))
    except PyMongoError as error:
        if not error.has_error_label(_UNKNOWN_COMMIT):
            raise
        raise DocumentStoreOutcomeUnknown(f"no answer to a commit: {error}"[:300]) from error


def _may_pass(error: Exception, label: str) -> bool:
    return isinstance(error, PyMongoError) and not error.timeout and error.has_error_label(label)


async def _abort(session: AsyncClientSession) -> None:
    """Best effort: without it the server ends the transaction itself after a while."""
    with suppress(PyMongoError, TimeoutError):
        async with asyncio.timeout(ABORT_TIMEOUT_S):
            await session.abort_transaction()


@contextmanager
def _races() -> Iterator[None]:
    """Translates conflicts with concurrent writes to StaleWrite."""
    try:
        yield
    except DuplicateKeyError as error:
        raise StaleWrite("somebody else took this key") from error
    except BulkWriteError as error:
        codes = {one.get("code") for one in error.details.get("writeErrors", ())}
        if codes and codes <= _CONFLICTS | {_DUPLICATE_KEY}:
            raise StaleWrite("somebody else took one of these keys") from error
        if not codes:  # written, but not by the majority in time
            raise DocumentStoreOutcomeUnknown("the members did not confirm a write") from error
        raise
    except OperationFailure as error:
        if error.code in _CONFLICTS:
            raise StaleWrite("another transaction wrote the same documents") from error
        raise
