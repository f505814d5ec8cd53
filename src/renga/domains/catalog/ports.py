"""What the catalogue needs of a store. Every adapter passes the same contract suite, ``tests/ports/test_product_store*.py``."""

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
    """How far an import came: its rows up to ``line`` are written. ``fingerprint`` names the file and its mapping."""

    fingerprint: str
    line: int
    at_ms: int


class ProductStore(Protocol):
    """Products and offers. Every method raises ``Unavailable`` when the engine is away or late."""

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        """The offers of these skus, in one round trip; skus that are unknown or sold nowhere are absent."""
        ...

    async def page(
        self, *, limit: int, before: int | None, category: str | None = None, channel: str
    ) -> Sequence[Listed]:
        """Up to ``limit`` products sold in the channel with a position below ``before``, highest position first.

        ``category`` also finds the products of the categories below it. The cost does not grow with the number of products,
        sold or not. Raises CategoryNotFound.
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
        """The products with these ids, in any state; unknown ids (and texts that are none) are absent."""
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
        """Up to ``limit`` products whose ``due_at`` has come, earliest first."""
        ...

    async def write(self, changes: Sequence[ProductWrite], mark: ImportMark | None = None) -> None:
        """Write products, missing categories, events (to the outbox), the import's mark: all in one step, or nothing.

        A product of version 1 must be new, one of version n must be at n - 1; slugs and skus belong to one product. Raises
        StaleWrite. (A MongoDB without transactions writes product by product: each with its events in one step, the mark last.)
        """
        ...

    async def import_mark(self) -> ImportMark | None:
        """The mark of the import that was interrupted last, None if the last one ended."""
        ...

    async def clear_import_mark(self) -> None:
        """The import has ended: forget its mark."""
        ...


class TaxonomyStore(Protocol):
    """Categories, collections with their members, product types. Raises ``Unavailable`` as ``ProductStore`` does.

    A ``put`` writes the value with its event in one step: version 1 must be new, version n must be at n - 1; a ``drop`` names the
    version that is to go. Both raise StaleWrite otherwise. (A category that was seeded or imported is there at version 0: version
    1 of it is new, or follows that.)
    """

    async def categories(self) -> tuple[Category, ...]:
        """All categories by position, then slug."""
        ...

    async def seed_categories(self, categories: Sequence[Category]) -> None:
        """Make these categories be as given, without events (upsert by slug; each keeps its version).

        Those already so are not touched.
        """
        ...

    async def put_category(self, category: Category, event: Event) -> None:
        """Raises StaleWrite, CategoryNotFound (its parent), CategoryCycle (also one that two moves at once would make)."""
        ...

    async def drop_category(self, slug: str, version: int, event: Event) -> None:
        """Its products are no longer listed by it; their documents are rewritten by a reaction to the event.

        Raises StaleWrite, also while other categories are below it.
        """
        ...

    async def collections(self) -> tuple[Collection, ...]:
        """All collections by slug, with ``products`` of none."""
        ...

    async def collection(self, slug: str) -> Collection | None:
        """One collection, whole."""
        ...

    async def put_collection(self, collection: Collection, event: Event) -> None:
        """One without a rule loses what an earlier rule gathered. Raises StaleWrite."""
        ...

    async def drop_collection(self, slug: str, version: int, event: Event) -> None:
        """Raises StaleWrite."""
        ...

    async def members(self, slug: str, *, limit: int, before: int | None, channel: str) -> Sequence[Listed]:
        """As ``ProductStore.page``, of the products that the rule of this collection gathered."""
        ...

    async def set_members(self, memberships: Mapping[str, tuple[int, Sequence[str]]]) -> None:
        """For each product id: as of this version of it, it belongs to these collections by rule, and to no other.

        A membership that was set as of a later version stays. Products and collections that are unknown are passed over.
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
