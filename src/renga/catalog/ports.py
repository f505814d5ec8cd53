"""What the catalogue needs of a store of products. Every adapter passes the same contract suite."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from renga.catalog.contract import Category, Offer, Product
from renga.catalog.model import Change
from renga.kernel.errors import Conflict


class StaleWrite(Conflict):
    """Someone else wrote one of these products, or took one of these slugs or skus, meanwhile. Nothing was written."""

    code = "product_changed"
    title = "The product was changed by someone else at the same time"


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
    """Products, offers and categories. Every method raises ``Unavailable`` when the engine is away or late."""

    async def offers(self, skus: Sequence[str]) -> dict[str, Offer]:
        """The offers of these skus, in one round trip; unknown skus are absent."""
        ...

    async def page(self, *, limit: int, before: int | None, category: str | None) -> Sequence[Listed]:
        """Up to ``limit`` products with a position below ``before``, highest position first.

        ``category`` also finds the products of the categories below it. Raises CategoryNotFound.
        """
        ...

    async def by_slug(self, slugs: Sequence[str]) -> dict[str, Product]:
        """The products with these slugs; unknown slugs are absent."""
        ...

    async def owners(self, skus: Sequence[str]) -> dict[str, str]:
        """The slug of the product that each of these skus belongs to; unknown skus are absent."""
        ...

    async def categories(self) -> tuple[Category, ...]:
        """All categories by position, then slug."""
        ...

    async def put_categories(self, categories: Sequence[Category]) -> None:
        """Make these categories be as given (upsert by slug); those already so are not touched."""
        ...

    async def write(self, changes: Sequence[Change], mark: ImportMark | None = None) -> None:
        """Write products, missing categories, events (to the outbox), the import's mark: all in one step, or nothing.

        A product of version 1 must be new, one of version n must be at n - 1. Raises StaleWrite.
        """
        ...

    async def import_mark(self) -> ImportMark | None:
        """The mark of the import that was interrupted last, None if the last one ended."""
        ...

    async def clear_import_mark(self) -> None:
        """The import has ended: forget its mark."""
        ...
