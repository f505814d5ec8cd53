"""Writes a batch of product changes with their categories, events and the import's mark."""

from collections.abc import Mapping, Sequence

import msgspec
from pymongo import DESCENDING, InsertOne, UpdateOne

from renga.domains.catalog.contract import Category, Texts
from renga.domains.catalog.model import ProductWrite
from renga.domains.catalog.ports import StaleWrite
from renga.domains.catalog.stores.mongo import layout
from renga.domains.catalog.stores.mongo.connecting import MongoCatalogue, Session
from renga.domains.catalog.stores.mongo.documents import ABSENT, OPTIONAL, columns
from renga.domains.catalog.stores.mongo.outbox_writing import append_events, number_events, with_events
from renga.platform.mongo.client import Document

#: Operations per command.
BULK_MAX = 1_000


class Planned(msgspec.Struct, frozen=True):
    """A change with its reserved numbers: the position of a new product, the numbered events."""

    change: ProductWrite
    position: int
    events: list[Document]


async def plan(catalogue: MongoCatalogue, changes: Sequence[ProductWrite]) -> list[Planned]:
    """Reserves the numbers before the transaction, so that writers of different products do not conflict at a counter."""
    position = await catalogue.take(layout.POSITIONS, sum(change.is_new for change in changes))
    events = iter(await number_events(catalogue, [event for change in changes for event in change.events]))
    planned = []
    for change in changes:
        planned.append(Planned(change, position, [next(events) for _ in change.events]))
        position += change.is_new
    return planned


async def write_changes(catalogue: MongoCatalogue, planned: Sequence[Planned], session: Session) -> None:
    """Raises StaleWrite, or the driver's duplicate key error, if a product is not at the expected version."""
    taxonomy = {slug: title for one in planned for slug, title in one.change.taxonomy.items()}
    if taxonomy:
        await _add_missing_categories(catalogue, taxonomy, session)
    old = await _old(catalogue, [one for one in planned if not one.change.is_new], session)
    await _lock_types(catalogue, planned, old, session)
    await _update(catalogue, [one for one in planned if not one.change.is_new], old, session)
    await _insert(catalogue, [one for one in planned if one.change.is_new], session)
    await append_events(catalogue, [event for one in planned for event in one.events], session)


async def _old(catalogue: MongoCatalogue, changed: Sequence[Planned], session: Session) -> dict[str, Document]:
    if not changed:
        return {}
    ids = [one.change.product.id for one in changed]
    fields = {"gathered": 1, "skus": 1, "type": 1}
    rows = await catalogue.find(catalogue.products, {"_id": {"$in": ids}}, fields=fields, session=session)
    return {row["_id"]: row for row in rows}


async def _lock_types(
    catalogue: MongoCatalogue, planned: Sequence[Planned], old: Mapping[str, Document], session: Session
) -> None:
    """Newly used product types must exist; writing to them makes a transaction that deletes one conflict with this one."""
    products = [one.change.product for one in planned]
    codes = {p.type for p in products if p.type is not None and old.get(p.id, {}).get("type") != p.type}
    for code in sorted(codes):
        there = {"_id": code, "version": {"$exists": True}}
        if session is None:
            found = await catalogue.types.count_documents(there, limit=1)
        else:
            found = (await catalogue.types.update_one(there, {"$inc": {"held": 1}}, session=session)).matched_count
        if not found:
            raise StaleWrite(f"there is no product type {code!r}")


async def _update(
    catalogue: MongoCatalogue, changed: Sequence[Planned], old: Mapping[str, Document], session: Session
) -> None:
    """A sku may move between these products: the products that lose one are written first."""
    owners = {sku: id for id, row in old.items() for sku in row.get("skus", ())}
    giving = {
        owners[variant.sku]
        for one in changed
        for variant in one.change.product.variants
        if owners.get(variant.sku, one.change.product.id) != one.change.product.id
    }
    if giving and session is not None:
        wanted = {"_id": {"$in": sorted(giving)}}
        await catalogue.products.update_many(wanted, {"$unset": {"skus": ""}}, session=session)
    for part in (
        [one for one in changed if one.change.product.id in giving],
        [one for one in changed if one.change.product.id not in giving],
    ):
        operations = [_update_of(one, old.get(one.change.product.id, {}), session) for one in part]
        await _bulk(catalogue, operations, session)


def _update_of(one: Planned, old: Document, session: Session) -> UpdateOne:
    """Also fails to match if the product's rule collections changed since it was read."""
    product = one.change.product
    found = columns(product, old.get("gathered", ()))
    update: Document = {"$set": found}
    if gone := [name for name in OPTIONAL if name not in found]:
        update["$unset"] = dict.fromkeys(gone, "")
    wanted = {"_id": product.id, "version": product.version - 1, "gathered": old.get("gathered", ABSENT)}
    return UpdateOne(wanted, with_events(update, one.events, session))


async def _insert(catalogue: MongoCatalogue, created: Sequence[Planned], session: Session) -> None:
    operations = []
    for one in created:
        product = one.change.product
        document = {"_id": product.id, "slug": product.slug, "position": one.position, **columns(product, ())}
        if session is None and one.events:
            document["pending"] = one.events
        operations.append(InsertOne(document))
    await _bulk(catalogue, operations, session)


async def _bulk(
    catalogue: MongoCatalogue, operations: Sequence[InsertOne[Document] | UpdateOne], session: Session
) -> None:
    """Every operation must match, else StaleWrite; without a transaction the other operations are done anyway."""
    hit = 0
    for start in range(0, len(operations), BULK_MAX):
        done = await catalogue.products.bulk_write(
            operations[start : start + BULK_MAX], ordered=session is not None, session=session
        )
        hit += done.matched_count + done.inserted_count
    if hit != len(operations):
        raise StaleWrite


async def _add_missing_categories(catalogue: MongoCatalogue, taxonomy: Mapping[str, Texts], session: Session) -> None:
    """New categories are positioned after the others."""
    there = {"_id": {"$in": list(taxonomy)}, "version": {"$exists": True}}
    known = {
        row["_id"] for row in await catalogue.find(catalogue.categories, there, fields={"_id": 1}, session=session)
    }
    missing = [slug for slug in taxonomy if slug not in known]
    if not missing:
        return
    last = await catalogue.find(
        catalogue.categories, {}, fields={"position": 1}, sort=[("position", DESCENDING)], limit=1, session=session
    )
    behind = last[0].get("position", 0) if last else 0
    operations = []
    for nth, slug in enumerate(missing, 1):
        category = Category(slug=slug, title=taxonomy[slug], position=behind + nth)
        made = {"version": 0, "parent": None, "position": category.position, "value": msgspec.to_builtins(category)}
        absent = {"_id": slug, "version": ABSENT}
        operations.append(UpdateOne(absent, {"$set": made, "$unset": {"gone": ""}}, upsert=True))
    await catalogue.categories.bulk_write(operations, session=session)
