"""The catalogue's outbox in MongoDB: a collection if there are transactions, else the changed documents themselves.

Both are read, because a standalone server may have become a replica set; one counter numbers the events of both.
"""

import asyncio
from collections.abc import Sequence

from pymongo import ASCENDING

from renga.domains.catalog.stores.mongo.connecting import MongoCatalogue, Shelf
from renga.kernel.events import decode
from renga.platform.mongo.client import Document
from renga.platform.outbox.port import Pending

NAME = "catalog"


class MongoOutbox:
    """``Outbox`` on a catalogue that has its indexes."""

    def __init__(self, catalogue: MongoCatalogue) -> None:
        self._catalogue = catalogue
        self._documents = (catalogue.products, catalogue.categories, catalogue.collections, catalogue.types)

    @property
    def name(self) -> str:
        return NAME

    async def read(self, limit: int) -> Sequence[Pending]:
        parts = await asyncio.gather(self._rows(limit), *(self._embedded(shelf, limit) for shelf in self._documents))
        oldest = sorted((found for part in parts for found in part), key=_position)[:limit]
        return [Pending(str(found["position"]), decode(found["event"])) for found in oldest]

    async def trim(self, positions: Sequence[str]) -> None:
        numbers = [int(position) for position in positions]
        with self._catalogue.writing():
            await asyncio.gather(
                self._catalogue.outbox.delete_many({"_id": {"$in": numbers}}),
                *(self._remove_embedded(shelf, numbers) for shelf in self._documents),
            )

    async def _rows(self, limit: int) -> list[Document]:
        rows = await self._catalogue.find(self._catalogue.outbox, {}, sort=[("_id", ASCENDING)], limit=limit)
        return [{"position": row["_id"], "event": row["event"]} for row in rows]

    async def _embedded(self, shelf: Shelf, limit: int) -> list[Document]:
        """Documents are sorted by their oldest event, so the oldest events of all are in the first documents."""
        rows = await self._catalogue.find(
            shelf,
            {"pending.position": {"$exists": True}},
            fields={"pending": 1},
            sort=[("pending.position", ASCENDING)],
            limit=limit,
        )
        return [event for row in rows for event in row["pending"]]

    async def _remove_embedded(self, shelf: Shelf, numbers: Sequence[int]) -> None:
        """Remove published events, and deleted documents that were kept only for their event."""
        there = {"pending.position": {"$in": numbers}}
        ids = [row["_id"] for row in await self._catalogue.find(shelf, there, fields={"_id": 1})]
        if not ids:
            return
        await shelf.update_many({"_id": {"$in": ids}}, {"$pull": {"pending": {"position": {"$in": numbers}}}})
        await shelf.update_many({"_id": {"$in": ids}, "pending": []}, {"$unset": {"pending": ""}})
        await shelf.delete_many({"_id": {"$in": ids}, "gone": True, "pending": {"$exists": False}})


def _position(found: Document) -> int:
    return int(found["position"])
