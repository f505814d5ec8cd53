"""The room of MongoDB: what a server is, and what its failures are to us."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.errors import (
    AutoReconnect,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
)

from renga.platform.doctor.mongo import check_mongo
from renga.platform.mongo.away import DocumentStoreOutcomeUnknown, DocumentStoreUnavailable
from renga.platform.mongo.client import (
    MongoUrlInvalid,
    Server,
    ask_server,
    close_client,
    database_of,
    open_client,
    ping,
)
from renga.platform.mongo.errors import mongo_errors
from tests.engines.process import free_port

pytestmark = pytest.mark.usefixtures("sockets_left_by_pymongo")


@pytest.mark.parametrize(("options", "transactions"), [((), True), (("--standalone",), False)])
async def test_a_server_says_whether_it_has_transactions(
    start_engine: Callable[..., Any], options: tuple[str, ...], transactions: bool
) -> None:
    server = start_engine("secantusdb", *options)
    client = open_client(server.url)
    assert await ask_server(client) == Server(version="8.2.11", transactions=transactions)
    await ping(client)
    await close_client(client)
    with pytest.raises(DocumentStoreUnavailable):
        await ping(client)
    found = {
        check.name: check.status
        for check in await check_mongo(server.url, "RENGA_CATALOG_STORE", setting="catalog.store")
    }
    assert found == {"mongodb": "ok", "mongodb transactions": "ok" if transactions else "warn"}


async def test_the_doctor_says_what_is_wrong_and_no_password() -> None:
    (away,) = await check_mongo(
        f"mongodb://user:hidden@127.0.0.1:{free_port()}/shop", "RENGA_CATALOG_STORE", setting="catalog.store"
    )
    (unreadable,) = await check_mongo(
        "mongodb://user:hidden@host:port/shop", "RENGA_CATALOG_STORE", setting="catalog.store"
    )
    assert (away.status, unreadable.status) == ("fail", "fail")
    assert away.mend
    assert unreadable.mend
    assert "hidden" not in f"{away} {unreadable}"
    (foreign,) = await check_mongo("mysql://user:hidden@host/shop", "RENGA_CATALOG_STORE", setting="catalog.store")
    assert (foreign.status, "hidden" in foreign.detail) == ("fail", False)
    assert foreign.mend == "Start RENGA_CATALOG_STORE with mongodb:// or mongodb+srv://."


async def test_the_url_names_the_database() -> None:
    for url, name in (("mongodb://host/shop", "shop"), ("mongodb://host", "renga"), ("mongodb://host/?w=1", "renga")):
        client = open_client(url)
        assert database_of(client).name == name
        assert database_of(client, "other").name == "other"
        await close_client(client)


@pytest.mark.parametrize("url", ["mongodb://", "mongodb://host:port", "http://host"])
def test_a_url_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(MongoUrlInvalid) as caught:
        open_client(url.replace("host", "u:hidden@host"))
    assert "hidden" not in caught.value.detail


REFUSED = (
    ServerSelectionTimeoutError("x"),
    WaitQueueTimeoutError("x"),
    OperationFailure("x", 18),
    OperationFailure("x", 13),
)
LOST = (
    AutoReconnect("x"),
    NetworkTimeout("x"),
    NotPrimaryError("x"),
    ExecutionTimeout("x", 50),
    OperationFailure("x", 91),
)


@pytest.mark.parametrize("error", REFUSED, ids=lambda error: f"{type(error).__name__}")
@pytest.mark.parametrize("writes", [True, False])
def test_a_refusal_changed_nothing(error: PyMongoError, writes: bool) -> None:
    with pytest.raises(DocumentStoreUnavailable), mongo_errors(writes=writes):
        raise error


@pytest.mark.parametrize("error", LOST, ids=lambda error: f"{type(error).__name__}")
def test_what_was_lost_midway_may_have_been_written(error: PyMongoError) -> None:
    with pytest.raises(DocumentStoreOutcomeUnknown), mongo_errors(writes=True):
        raise error
    with pytest.raises(DocumentStoreUnavailable), mongo_errors():
        raise error


@pytest.mark.parametrize("error", [DuplicateKeyError("x", 11000), OperationFailure("x", 112)])
def test_what_only_the_caller_understands_passes(error: PyMongoError) -> None:
    with pytest.raises(type(error)), mongo_errors(writes=True):
        raise error
