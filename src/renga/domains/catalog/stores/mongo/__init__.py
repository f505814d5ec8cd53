"""The catalogue in MongoDB: products as documents with indexed fields, events in the same transaction."""

from renga.domains.catalog.stores.mongo.connecting import MongoCatalogue, MongoDeadlines
from renga.domains.catalog.stores.mongo.layout import ensure_indexes
from renga.domains.catalog.stores.mongo.outbox import MongoOutbox
from renga.domains.catalog.stores.mongo.products import MongoProducts
from renga.domains.catalog.stores.mongo.taxonomy import MongoTaxonomy

__all__ = ["MongoCatalogue", "MongoDeadlines", "MongoOutbox", "MongoProducts", "MongoTaxonomy", "ensure_indexes"]
