"""TaxonomyStore in MongoDB: categories, collections with their members, product types, each with its event."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
from pymongo import ASCENDING, UpdateOne

from renga.domains.catalog.contract import Category, Collection, ProductType
from renga.domains.catalog.ports import Listed, StaleWrite
from renga.domains.catalog.stores.mongo.connecting import MongoCatalogue, Session, Shelf
from renga.domains.catalog.stores.mongo.documents import ABSENT, GATHERED
from renga.domains.catalog.stores.mongo.members import clear_shelf, set_members
from renga.domains.catalog.stores.mongo.outbox_writing import append_events, number_events, with_events
from renga.domains.catalog.stores.mongo.products import page_of
from renga.domains.catalog.stores.mongo.tree import change_tree, check_parent
from renga.kernel.events import Event
from renga.platform.mongo.client import Document

V = TypeVar("V", Category, Collection, ProductType)

#: Existing documents: a deleted one that still contains its event has no version.
_THERE = {"version": {"$exists": True}}
_GONE = {"version": ABSENT}
_SEEDED = {"version": 0}


class MongoTaxonomy:
    """TaxonomyStore on a catalogue that has its indexes."""

    def __init__(self, catalogue: MongoCatalogue) -> None:
        self._catalogue = catalogue

    async def categories(self) -> tuple[Category, ...]:
        order = [("position", ASCENDING), ("_id", ASCENDING)]
        rows = await self._catalogue.find(self._catalogue.categories, _THERE, sort=order)
        return tuple(_value(row, Category) for row in rows)

    async def seed_categories(self, categories: Sequence[Category]) -> None:
        shelf = self._catalogue.categories

        async def work(session: Session) -> None:
            wanted = {"_id": {"$in": [c.slug for c in categories]}} | _THERE
            old = {
                row["_id"]: _value(row, Category) for row in await self._catalogue.find(shelf, wanted, session=session)
            }
            seeded = [
                msgspec.structs.replace(c, version=old[c.slug].version if c.slug in old else 0) for c in categories
            ]
            changed = [c for c in seeded if c != old.get(c.slug)]
            operations = [
                UpdateOne({"_id": c.slug}, {"$set": _category(c), "$unset": {"gone": ""}}, upsert=True) for c in changed
            ]
            if operations:
                await shelf.bulk_write(operations, session=session)

        await change_tree(self._catalogue, work)

    async def put_category(self, category: Category, event: Event) -> None:
        events = await number_events(self._catalogue, [event])

        async def work(session: Session) -> None:
            if category.parent is not None:
                await check_parent(self._catalogue, category.slug, category.parent, session)
            await self._put(self._catalogue.categories, category.slug, _category(category), events, session)

        await change_tree(self._catalogue, work)

    async def drop_category(self, slug: str, version: int, event: Event) -> None:
        events = await number_events(self._catalogue, [event])

        async def work(session: Session) -> None:
            below = await self._catalogue.find(
                self._catalogue.categories, {"parent": slug}, fields={"_id": 1}, limit=1, session=session
            )
            if below:
                raise StaleWrite(f"{below[0]['_id']!r} stands below {slug!r}")
            await self._drop(self._catalogue.categories, slug, version, events, session)
            await clear_shelf(self._catalogue, slug, session)

        await change_tree(self._catalogue, work)

    async def collections(self) -> tuple[Collection, ...]:
        rows = await self._catalogue.find(
            self._catalogue.collections, _THERE, fields={"value.products": 0}, sort=[("_id", ASCENDING)]
        )
        return tuple(_value(row, Collection) for row in rows)

    async def collection(self, slug: str) -> Collection | None:
        rows = await self._catalogue.find(self._catalogue.collections, {"_id": slug} | _THERE, limit=1)
        return _value(rows[0], Collection) if rows else None

    async def put_collection(self, collection: Collection, event: Event) -> None:
        by_rule = collection.rule is not None
        events = await number_events(self._catalogue, [event])

        async def work(session: Session) -> None:
            fields = _fields(collection) | {"by_rule": by_rule}
            await self._put(self._catalogue.collections, collection.slug, fields, events, session)
            if not by_rule:
                await clear_shelf(self._catalogue, f"{GATHERED}{collection.slug}", session)

        await self._catalogue.step(work)

    async def drop_collection(self, slug: str, version: int, event: Event) -> None:
        events = await number_events(self._catalogue, [event])

        async def work(session: Session) -> None:
            await self._drop(self._catalogue.collections, slug, version, events, session)
            await clear_shelf(self._catalogue, f"{GATHERED}{slug}", session)

        await self._catalogue.step(work)

    async def members(self, slug: str, *, limit: int, before: int | None, channel: str) -> Sequence[Listed]:
        return await page_of(self._catalogue, [f"{GATHERED}{slug}"], channel, before, limit)

    async def set_members(self, memberships: Mapping[str, tuple[int, Sequence[str]]]) -> None:
        await set_members(self._catalogue, memberships)

    async def product_types(self) -> tuple[ProductType, ...]:
        rows = await self._catalogue.find(self._catalogue.types, _THERE, sort=[("_id", ASCENDING)])
        return tuple(_value(row, ProductType) for row in rows)

    async def put_product_type(self, product_type: ProductType, event: Event) -> None:
        events = await number_events(self._catalogue, [event])

        async def work(session: Session) -> None:
            await self._put(self._catalogue.types, product_type.code, _fields(product_type), events, session)

        await self._catalogue.step(work)

    async def drop_product_type(self, code: str, version: int, event: Event) -> None:
        events = await number_events(self._catalogue, [event])

        async def work(session: Session) -> None:
            held = await self._catalogue.find(
                self._catalogue.products, {"type": code}, fields={"_id": 1}, limit=1, session=session
            )
            if held:
                raise StaleWrite(f"products are of the type {code!r}")
            await self._drop(self._catalogue.types, code, version, events, session)

        await self._catalogue.step(work)

    async def _put(
        self, shelf: Shelf, key: str, fields: Document, events: Sequence[Document], session: Session
    ) -> None:
        """Version 1 must not exist yet (or follow a seeded one), version n must be at n - 1."""
        version = fields["version"]
        update = with_events({"$set": fields, "$unset": {"gone": ""}}, events, session)
        if version == 1:
            # if another version exists, the upsert raises a duplicate key
            await shelf.update_one({"_id": key, "$or": [_GONE, _SEEDED]}, update, upsert=True, session=session)
        elif not (await shelf.update_one({"_id": key, "version": version - 1}, update, session=session)).matched_count:
            raise StaleWrite
        await append_events(self._catalogue, events, session)

    async def _drop(self, shelf: Shelf, key: str, version: int, events: Sequence[Document], session: Session) -> None:
        """Without a transaction the document is kept, empty, until its event is published."""
        wanted = {"_id": key, "version": version}
        if session is not None:
            hit = (await shelf.delete_one(wanted, session=session)).deleted_count
        else:
            emptied = dict.fromkeys(("version", "value", "parent", "position", "by_rule", "held"), "")
            update = with_events({"$set": {"gone": True}, "$unset": emptied}, events, session)
            hit = (await shelf.update_one(wanted, update)).matched_count
        if not hit:
            raise StaleWrite
        await append_events(self._catalogue, events, session)


def _fields(value: Category | Collection | ProductType) -> Document:
    return {"version": value.version, "value": msgspec.to_builtins(value)}


def _category(category: Category) -> Document:
    return _fields(category) | {"parent": category.parent, "position": category.position}


def _value(row: Document, kind: type[V]) -> V:
    return msgspec.convert(row["value"], kind)
