"""The catalogue's store ports. Every adapter passes the same contract suite, ``tests/ports/test_product_store*.py``."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from renga.domains.catalog.contract import Category, Collection, Offer, Product, ProductChanged, ProductType, Status
from renga.domains.catalog.model import ProductWrite
from renga.kernel.events import Event

StaleWrite = ProductChanged


class Listed(msgspec.Struct, frozen=True):
    """A product in the list of all products; ``position`` grows with each new product and never changes."""

    position: int
    product: Product


class ImportMark(msgspec.Struct, frozen=True, kw_only=True):
    """Progress of an import: its rows up to ``line`` are written. ``fingerprint`` identifies the file and its mapping."""

    fingerprint: str
    line: int
    at_ms: int


class ProductStore(Protocol):
    """Products and offers. Every method raises ``Unavailable`` when the engine is unavailable or times out."""

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        """The offers of these skus, in one round trip; skus that are unknown or sold nowhere are absent."""
        ...

    async def page(
        self, *, limit: int, before: int | None, category: str | None = None, channel: str
    ) -> Sequence[Listed]:
        """Up to ``limit`` products sold in the channel with a position below ``before``, highest position first.

        ``category`` includes its subcategories. The cost does not grow with the number of products. Raises CategoryNotFound.
        """
        ...

    async def of_merchants(
        self, merchants: Sequence[str] | None, *, limit: int, before: int | None, status: Status | None = None
    ) -> Sequence[Listed]:
        """Up to ``limit`` products of these merchants (None: of all) in any state, or in one, highest position first."""
        ...

    async def by_slug(self, slugs: Sequence[str]) -> dict[str, Product]:
        """The products with these slugs, in any state; unknown slugs are absent."""
        ...

    async def by_id(self, ids: Sequence[str]) -> dict[str, Product]:
        """The products with these ids, in any state; unknown and malformed ids are absent."""
        ...

    async def by_sku(self, skus: Sequence[str]) -> dict[str, Product]:
        """The products that these skus belong to, in any state; unknown skus are absent."""
        ...

    async def owners(self, skus: Sequence[str]) -> dict[str, str]:
        """The slug of the product that each of these skus belongs to; unknown skus are absent."""
        ...

    async def scan(self, *, after: int, limit: int) -> Sequence[Listed]:
        """Up to ``limit`` products in any state with a position above ``after``, lowest position first."""
        ...

    async def due(self, now: str, limit: int) -> Sequence[Product]:
        """Up to ``limit`` products whose ``due_at`` is not after ``now``, earliest first."""
        ...

    async def write(self, changes: Sequence[ProductWrite], mark: ImportMark | None = None) -> None:
        """Write products, missing categories, events (to the outbox) and the import's mark in one transaction.

        A product of version 1 must be new, one of version n must be at n - 1; slugs and skus belong to one product. Raises
        StaleWrite. (MongoDB without transactions writes each product with its events atomically, the mark last.)
        """
        ...

    async def import_mark(self) -> ImportMark | None:
        """The mark of the last import if it was interrupted, else None."""
        ...

    async def clear_import_mark(self) -> None:
        """Delete the mark: the import has finished."""
        ...


class TaxonomyStore(Protocol):
    """Categories, collections with their members, product types. Raises ``Unavailable`` as ``ProductStore`` does.

    A ``put`` writes the value with its event atomically: version 1 must not exist yet, version n must be at n - 1; a ``drop``
    takes the version to delete. Both raise StaleWrite otherwise. (Seeded and imported categories have version 0: version 1 is
    then their first change.)
    """

    async def categories(self) -> tuple[Category, ...]:
        """All categories by position, then slug."""
        ...

    async def seed_categories(self, categories: Sequence[Category]) -> None:
        """Upsert these categories by slug, without events; each keeps its version.

        Unchanged ones are not written.
        """
        ...

    async def put_category(self, category: Category, event: Event) -> None:
        """Raises StaleWrite, CategoryNotFound (its parent), CategoryCycle (also with concurrent moves)."""
        ...

    async def drop_category(self, slug: str, version: int, event: Event) -> None:
        """Its products are no longer listed in it; a consumer of the event rewrites their documents.

        Raises StaleWrite, also while it has subcategories.
        """
        ...

    async def collections(self) -> tuple[Collection, ...]:
        """All collections by slug, without ``products``."""
        ...

    async def collection(self, slug: str) -> Collection | None:
        """One collection with its ``products``."""
        ...

    async def put_collection(self, collection: Collection, event: Event) -> None:
        """Without a rule, the members of an earlier rule are removed. Raises StaleWrite."""
        ...

    async def drop_collection(self, slug: str, version: int, event: Event) -> None:
        """Raises StaleWrite."""
        ...

    async def members(self, slug: str, *, limit: int, before: int | None, channel: str) -> Sequence[Listed]:
        """As ``ProductStore.page``, of the members of this rule collection."""
        ...

    async def set_members(self, memberships: Mapping[str, tuple[int, Sequence[str]]]) -> None:
        """``memberships`` maps a product's id to its version and the rule collections it belongs to as of that version.

        Memberships of a later version stay. Unknown products and collections are ignored.
        """
        ...

    async def product_types(self) -> tuple[ProductType, ...]:
        """All product types by code."""
        ...

    async def put_product_type(self, product_type: ProductType, event: Event) -> None:
        """Raises StaleWrite."""
        ...

    async def drop_product_type(self, code: str, version: int, event: Event) -> None:
        """Raises StaleWrite, also while a product is of this type."""
        ...
