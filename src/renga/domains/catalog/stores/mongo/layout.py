"""The collections of the catalogue and their indexes: declared here, created at every start if missing."""

import pymongo
from pymongo import ASCENDING, DESCENDING, IndexModel

from renga.platform.mongo.client import Database
from renga.platform.mongo.errors import mongo_errors

PRODUCTS, CATEGORIES, COLLECTIONS, TYPES = "products", "categories", "collections", "product_types"
OUTBOX, IMPORTS, COUNTERS = "outbox", "imports", "counters"

#: Documents of ``counters``: the last position of a product, the last number of an event, the lock on the tree of categories.
POSITIONS, EVENTS, TREE = "positions", "events", "tree"

#: Deadline for building an index over existing products.
BUILD_TIMEOUT_S = 600.0

_PENDING = IndexModel([("pending.position", ASCENDING)], name="pending", sparse=True)

INDEXES: dict[str, tuple[IndexModel, ...]] = {
    PRODUCTS: (
        IndexModel([("slug", ASCENDING)], name="slug", unique=True),
        # sparse, and an empty list of skus is omitted: two empty lists would collide
        IndexModel([("skus", ASCENDING)], name="skus", unique=True, sparse=True),
        IndexModel([("position", ASCENDING)], name="position", unique=True),
        IndexModel([("placed", ASCENDING), ("position", DESCENDING)], name="placed"),
        IndexModel([("merchant", ASCENDING), ("status", ASCENDING), ("position", DESCENDING)], name="merchant"),
        IndexModel([("status", ASCENDING), ("position", DESCENDING)], name="status"),
        IndexModel([("type", ASCENDING)], name="type", sparse=True),
        IndexModel([("due_at", ASCENDING)], name="due", sparse=True),
        _PENDING,
    ),
    CATEGORIES: (IndexModel([("parent", ASCENDING)], name="parent"), _PENDING),
    COLLECTIONS: (_PENDING,),
    TYPES: (_PENDING,),
}


async def ensure_indexes(database: Database) -> None:
    """Raises DocumentStoreUnavailable."""
    with mongo_errors(), pymongo.timeout(BUILD_TIMEOUT_S):
        for name, indexes in INDEXES.items():
            await database[name].create_indexes(list(indexes))
        for counter in (POSITIONS, EVENTS, TREE):
            start = {"last": 0, "until": 0}
            await database[COUNTERS].update_one({"_id": counter}, {"$setOnInsert": start}, upsert=True)
