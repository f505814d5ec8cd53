"""The catalogue in PostgreSQL: documents in JSONB, beside them what is looked up by index, and the outbox."""

from renga.domains.catalog.stores.postgres.products import PostgresProducts
from renga.domains.catalog.stores.postgres.taxonomy import PostgresTaxonomy

__all__ = ["PostgresProducts", "PostgresTaxonomy"]
