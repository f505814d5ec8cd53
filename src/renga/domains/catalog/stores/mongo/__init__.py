"""The catalogue in MongoDB: products as documents with what is looked up by index, events in the same step."""

from renga.domains.catalog.stores.mongo.connecting import Catalogue, Deadlines
from renga.domains.catalog.stores.mongo.layout import ensure_indexes
from renga.domains.catalog.stores.mongo.outbox import MongoOutbox
from renga.domains.catalog.stores.mongo.products import MongoProducts
from renga.domains.catalog.stores.mongo.shelves import MongoShelves

__all__ = ["Catalogue", "Deadlines", "MongoOutbox", "MongoProducts", "MongoShelves", "ensure_indexes"]
