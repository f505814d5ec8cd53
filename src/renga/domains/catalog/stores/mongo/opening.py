"""Opens the catalogue's stores on MongoDB. Imported only if MongoDB is configured."""

from renga.domains.catalog.stores.mongo import MongoCatalogue, MongoOutbox, MongoProducts, MongoTaxonomy, ensure_indexes
from renga.domains.catalog.stores.opened import Stores
from renga.kernel.clock import Clock
from renga.platform.mongo.client import Client, ask_server, close_client, database_of, open_client, ping


async def prepare_mongo(url: str) -> None:
    """Create the indexes. Raises MongoUrlInvalid, Unavailable."""
    client = open_client(url)
    try:
        await ensure_indexes(database_of(client))
    finally:
        await close_client(client)


async def open_on_mongo(client: Client, clock: Clock) -> Stores:
    """The stores in the database of the client's URL; creates missing indexes. Raises Unavailable."""
    server = await ask_server(client)
    database = database_of(client)
    await ensure_indexes(database)
    catalogue = MongoCatalogue(client, database, transactions=server.transactions, clock=clock)

    async def check() -> None:
        await ping(client)

    return Stores(
        products=MongoProducts(catalogue),
        taxonomy=MongoTaxonomy(catalogue),
        outbox=MongoOutbox(catalogue),
        checks={"catalog_store": check},
    )
