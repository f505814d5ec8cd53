"""Checks of a module's MongoDB: reachable, new enough, with transactions."""

from renga.kernel.errors import RengaError
from renga.platform.doctor.check import Check
from renga.platform.doctor.conflicts import check_scheme
from renga.platform.settings import mask_url

SCHEMES = ("mongodb", "mongodb+srv")
#: The oldest release with the sparse multikey indexes, retryable writes and transactions that the adapter needs.
VERSION_MIN = (6, 0)


async def check_mongo(url: str, variable: str, *, setting: str) -> list[Check]:
    """The checks of the server at ``url``; ``variable`` (``RENGA_CATALOG_STORE``) and ``setting`` (``catalog.store``) name it."""
    if wrong := check_scheme(setting, url, SCHEMES):
        return wrong
    # imported here: its driver costs time and memory that other shops should not need
    from renga.platform.mongo.client import ask_server, close_client, open_client

    mend = f"Start the server that {variable} names, or leave the setting empty to use the database."
    try:
        client = open_client(url)
    except RengaError as error:
        return [Check("mongodb", "fail", error.detail, f"Let {variable} be mongodb://host/database.")]
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
        "mongodb transactions",
        "warn",
        "no: a standalone server; events are stored in the products until they are published",
        mend,
    )
