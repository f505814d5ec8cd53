"""The catalogue in MongoDB: products as documents with what is looked up by index, events in the same step."""

from renga.domains.catalog.stores.mongo.connecting import MongoCatalogue, MongoDeadlines
from renga.domains.catalog.stores.mongo.layout import ensure_indexes
from renga.domains.catalog.stores.mongo.outbox import MongoOutbox
from renga.domains.catalog.stores.mongo.products import MongoProducts
from renga.domains.catalog.stores.mongo.taxonomy import MongoTaxonomy

__all__ = ["MongoCatalogue", "MongoDeadlines", "MongoOutbox", "MongoProducts", "MongoTaxonomy", "ensure_indexes"]
