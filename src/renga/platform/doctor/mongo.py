"""Checks of the MongoDB that the catalogue may be in: reachable, new enough, with transactions."""

from renga.kernel.errors import RengaError
from renga.platform.doctor.check import Check
from renga.platform.settings import mask_url

#: The oldest release whose sparse multikey indexes, retryable writes and transactions the adapter counts on.
VERSION_MIN = (6, 0)


async def check_mongo(url: str) -> list[Check]:
    """Nothing to say where the catalogue is in the database."""
    if not url:
        return []
    # its driver costs time and memory that a shop without it need not pay
    from renga.platform.mongo.client import ask_server, close_client, open_client

    mend = (
        "Start the server that RENGA_CATALOG names, or leave the setting empty to keep the catalogue in the database."
    )
    try:
        client = open_client(url)
    except RengaError as error:
        return [Check("mongodb", "fail", error.detail, "Let RENGA_CATALOG be mongodb://host/database.")]
    try:
        server = await ask_server(client)
    except RengaError as error:
        return [Check("mongodb", "fail", f"{mask_url(url)}: {error.detail}", mend)]
    finally:
        await close_client(client)
    numbers = tuple(int(part) for part in server.version.split(".")[:2] if part.isdigit())
    if numbers < VERSION_MIN:
        return [Check("mongodb", "fail", f"MongoDB {server.version}", "Upgrade to MongoDB 6.0 or newer.")]
    return [Check("mongodb", "ok", f"MongoDB {server.version}"), _transactions(server.transactions)]


def _transactions(has: bool) -> Check:
    if has:
        return Check("mongodb transactions", "ok", "yes: products and their events are one transaction")
    mend = "Make it a replica set (one member is enough): a batch is then written as one step, not product by product."
    return Check(
        "mongodb transactions", "warn", "no: a lone server; events stand in the products until they are told", mend
    )
