"""The catalogue in PostgreSQL: documents in JSONB, indexed columns, and the outbox."""

from renga.domains.catalog.stores.postgres.products import PostgresProducts
from renga.domains.catalog.stores.postgres.taxonomy import PostgresTaxonomy

__all__ = ["PostgresProducts", "PostgresTaxonomy"]
