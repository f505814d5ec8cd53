"""The tree of categories: subcategories, ancestors, and the lock for changes of the tree."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from renga.domains.catalog.contract import CategoryCycle, CategoryNotFound
from renga.domains.catalog.stores.mongo import layout
from renga.domains.catalog.stores.mongo.connecting import MongoCatalogue, Session
from renga.platform.mongo.away import DocumentStoreUnavailable

#: Without transactions: lifetime of a crashed holder's lock. Others wait up to the deadline of a read.
LOCK_MS = 120_000
LOCK_POLL_S = 0.02


async def category_and_below(catalogue: MongoCatalogue, slug: str) -> list[str]:
    """This category and its subcategories, empty if it does not exist; one round trip per level."""
    rows = await catalogue.find(
        catalogue.categories,
        {"version": {"$exists": True}, "$or": [{"_id": slug}, {"parent": slug}]},
        fields={"_id": 1},
    )
    found = {str(row["_id"]) for row in rows}
    if slug not in found:
        return []
    level = found - {slug}
    while level:
        rows = await catalogue.find(catalogue.categories, {"parent": {"$in": sorted(level)}}, fields={"_id": 1})
        level = {str(row["_id"]) for row in rows} - found
        found |= level
    return sorted(found)


async def check_parent(catalogue: MongoCatalogue, slug: str, parent: str, session: Session) -> None:
    """Raises CategoryNotFound, and CategoryCycle if the parent is the category itself or one of its subcategories."""
    rows = await catalogue.find(
        catalogue.categories, {"version": {"$exists": True}}, fields={"parent": 1}, session=session
    )
    parents = {row["_id"]: row["parent"] for row in rows}
    if parent not in parents:
        raise CategoryNotFound(f"there is no category {parent!r}", category=parent)
    seen: set[str] = set()
    above: str | None = parent
    while above is not None and above not in seen:
        if above == slug:
            raise CategoryCycle(f"{parent!r} stands below {slug!r}")
        seen.add(above)
        above = parents.get(above)


async def change_tree(catalogue: MongoCatalogue, work: Callable[[Session], Awaitable[None]]) -> None:
    """Run the step while no other one can change the tree."""
    if catalogue.transactions:

        async def touching(session: Session) -> None:
            # both transactions write this document: one of them is retried and sees the other's change
            await catalogue.counters.update_one({"_id": layout.TREE}, {"$inc": {"last": 1}}, session=session)
            await work(session)

        await catalogue.step(touching)
        return
    async with _locked(catalogue):
        await catalogue.step(work)


@asynccontextmanager
async def _locked(catalogue: MongoCatalogue) -> AsyncIterator[None]:
    """A lease on the tree, by this machine's clock; the holder's write deadline ends long before the lease."""
    holder = secrets.token_hex(8)
    deadline = time.monotonic() + catalogue.deadlines.read_s
    while not await _acquire(catalogue, holder):
        if time.monotonic() > deadline:
            raise DocumentStoreUnavailable("somebody else holds the tree of categories")
        await asyncio.sleep(LOCK_POLL_S)
    try:
        yield
    finally:
        with catalogue.reading():
            await catalogue.counters.update_one({"_id": layout.TREE, "holder": holder}, {"$set": {"until": 0}})


async def _acquire(catalogue: MongoCatalogue, holder: str) -> bool:
    now_ms = catalogue.clock.now_ms()
    free = {"_id": layout.TREE, "until": {"$lte": now_ms}}
    with catalogue.reading():
        taken = await catalogue.counters.update_one(free, {"$set": {"until": now_ms + LOCK_MS, "holder": holder}})
    return taken.modified_count == 1
