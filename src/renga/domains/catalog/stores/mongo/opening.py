"""Opens the catalogue's stores on MongoDB. Imported only where a URL names one."""

from renga.domains.catalog.stores.mongo import Catalogue, MongoOutbox, MongoProducts, MongoShelves, ensure_indexes
from renga.domains.catalog.stores.opened import Stores
from renga.kernel.clock import Clock
from renga.platform.mongo.client import ask_server, close_client, database_of, open_client, ping


async def prepare_mongo(url: str) -> None:
    """Make the indexes. Raises MongoUrlInvalid, Unavailable."""
    client = open_client(url)
    try:
        await ensure_indexes(database_of(client))
    finally:
        await close_client(client)


async def open_on_mongo(url: str, clock: Clock) -> Stores:
    """The stores at a URL, their indexes made. Raises MongoUrlInvalid, Unavailable."""
    client = open_client(url)
    try:
        server = await ask_server(client)
        database = database_of(client)
        await ensure_indexes(database)
    except BaseException:
        await close_client(client)
        raise
    catalogue = Catalogue(client, database, transactions=server.transactions, clock=clock)

    async def check() -> None:
        await ping(client)

    async def close() -> None:
        await close_client(client)

    return Stores(
        products=MongoProducts(catalogue),
        shelves=MongoShelves(catalogue),
        outbox=MongoOutbox(catalogue),
        checks={"catalog_store": check},
        close=close,
    )
