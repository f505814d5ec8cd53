"""What the use cases of the catalogue need."""

import msgspec

from renga.domains.catalog.ports import ProductStore, TaxonomyStore
from renga.kernel.clock import Clock, rfc3339
from renga.kernel.ids import IdSource


class CatalogDependencies(msgspec.Struct, frozen=True, kw_only=True):
    """The stores, the clock and the id source."""

    products: ProductStore
    taxonomy: TaxonomyStore
    clock: Clock
    new_id: IdSource

    def now(self) -> str:
        """The current time as RFC 3339, UTC, milliseconds."""
        return rfc3339(self.clock.now_ms())
