"""Opens the client that a process shares, and reads a server's version and capabilities."""

import asyncio
from contextlib import suppress
from typing import Any, TypeAlias

import msgspec
import pymongo
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConfigurationError, InvalidURI
from pymongo.write_concern import WriteConcern

from renga.kernel.errors import Invalid
from renga.platform.mongo.errors import mongo_errors
from renga.platform.settings import mask_url

Document: TypeAlias = dict[str, Any]
Client: TypeAlias = AsyncMongoClient[Document]
Database: TypeAlias = AsyncDatabase[Document]

SCHEMES = ("mongodb", "mongodb+srv")
#: The database if the URL names none.
DATABASE = "renga"
CONNECT_TIMEOUT_S = 5.0
#: How long a call waits for a server (during a fail-over, say), if its own deadline is not earlier.
SELECTION_TIMEOUT_S = 5.0
POOL_MAX = 50
#: Deadline of ``ask_server``.
ASK_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 2.0
PING_TIMEOUT_S = 2.0
#: A write is acknowledged when a majority of the members has journalled it.
DURABLE = WriteConcern(w="majority", j=True)


class MongoUrlInvalid(Invalid):
    code = "mongo_url_invalid"
    title = "This is no URL of a MongoDB"


class Server(msgspec.Struct, frozen=True):
    """A server's version, and whether it has transactions (replica sets and sharded clusters do, standalone servers do not)."""

    version: str
    transactions: bool


def open_client(url: str) -> Client:
    """A client that connects when it is first used; close it. Raises MongoUrlInvalid."""
    try:
        return AsyncMongoClient(
            url,
            appname="renga",
            connectTimeoutMS=int(CONNECT_TIMEOUT_S * 1000),
            serverSelectionTimeoutMS=int(SELECTION_TIMEOUT_S * 1000),
            maxPoolSize=POOL_MAX,
        )
    except (ConfigurationError, InvalidURI, ValueError) as error:
        raise MongoUrlInvalid(f"{mask_url(url)}: {type(error).__name__}") from error


def database_of(client: Client, name: str = "") -> Database:
    """The database that the client's URL names, or the one named here."""
    return client.get_database(name or client.get_default_database(DATABASE).name, write_concern=DURABLE)


async def close_client(client: Client) -> None:
    """Close the client without waiting for a server that hangs."""
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await client.close()


async def ask_server(client: Client, timeout_s: float = ASK_TIMEOUT_S) -> Server:
    """Raises DocumentStoreUnavailable."""
    with mongo_errors(), pymongo.timeout(timeout_s):
        hello = await client.admin.command("hello")
        about = await client.admin.command("buildInfo")
    transactions = "setName" in hello or hello.get("msg") == "isdbgrid"
    return Server(version=str(about.get("version", "")), transactions=transactions)


async def ping(client: Client, timeout_s: float = PING_TIMEOUT_S) -> None:
    """Raises DocumentStoreUnavailable."""
    with mongo_errors(), pymongo.timeout(timeout_s):
        await client.admin.command("ping")
