"""Memberships in rule collections: stored in the product, so that a page of members is an index scan."""

import re
from collections.abc import Mapping, Sequence

from pymongo import UpdateOne

from renga.domains.catalog.ports import StaleWrite
from renga.domains.catalog.stores.mongo.connecting import MongoCatalogue, Session
from renga.domains.catalog.stores.mongo.documents import ABSENT, GATHERED, placement, placements
from renga.platform.mongo.client import Document

#: Attempts to set memberships that conflict with concurrent writes of the products.
ATTEMPTS_MAX = 8
#: Products per command.
BULK_MAX = 1_000

_FIELDS = {"version": 1, "gathered": 1, "gathered_version": 1, "product.channels": 1, "product.categories": 1}
_EVERYWHERE = ("*",)


async def set_members(catalogue: MongoCatalogue, memberships: Mapping[str, tuple[int, Sequence[str]]]) -> None:
    """Each product atomically. Raises StaleWrite after ATTEMPTS_MAX conflicts."""
    by_rule = await _by_rule(catalogue, {slug for _, slugs in memberships.values() for slug in slugs})
    wanted = {
        product_id: (version, sorted(by_rule.intersection(slugs)))
        for product_id, (version, slugs) in memberships.items()
    }
    ids = list(wanted)
    for start in range(0, len(ids), BULK_MAX):
        part = {product_id: wanted[product_id] for product_id in ids[start : start + BULK_MAX]}
        for _ in range(ATTEMPTS_MAX):
            if await _set(catalogue, part):
                break
        else:
            raise StaleWrite


async def clear_shelf(catalogue: MongoCatalogue, shelf: str, session: Session) -> None:
    """Remove all products from this shelf."""
    start = f"^{re.escape(placement(shelf, ''))}"
    pulled: Document = {"placed": {"$regex": start}}
    if shelf.startswith(GATHERED):
        pulled["gathered"] = shelf.removeprefix(GATHERED)
    await catalogue.products.update_many({"placed": {"$regex": start}}, {"$pull": pulled}, session=session)


async def _by_rule(catalogue: MongoCatalogue, slugs: set[str]) -> frozenset[str]:
    there = {"_id": {"$in": sorted(slugs)}, "by_rule": True, "version": {"$exists": True}}
    return frozenset(row["_id"] for row in await catalogue.find(catalogue.collections, there, fields={"_id": 1}))


async def _set(catalogue: MongoCatalogue, wanted: Mapping[str, tuple[int, list[str]]]) -> bool:
    """False if a product was written meanwhile; memberships that were set are skipped at the next attempt."""
    rows = await catalogue.find(catalogue.products, {"_id": {"$in": list(wanted)}}, fields=_FIELDS)
    operations = [update for row in rows if (update := _update_of(row, *wanted[row["_id"]])) is not None]
    if not operations:
        return True
    with catalogue.writing():
        done = await catalogue.products.bulk_write(operations, ordered=False)
    return done.matched_count == len(operations)


def _update_of(row: Document, version: int, gathered: list[str]) -> UpdateOne | None:
    """None if it is set already, or was set as of a later version."""
    known = row.get("gathered_version", 0)
    if known > version or (known == version and row.get("gathered", []) == gathered):
        return None
    body = row["product"]
    found = {
        "placed": placements(body.get("channels", _EVERYWHERE), body.get("categories", ()), gathered),
        "gathered_version": version,
    }
    update: Document = (
        {"$set": found | {"gathered": gathered}} if gathered else {"$set": found, "$unset": {"gathered": ""}}
    )
    same = {
        "_id": row["_id"],
        "version": row["version"],
        "gathered": row.get("gathered", ABSENT),
        "gathered_version": row.get("gathered_version", ABSENT),
    }
    return UpdateOne(same, update)
