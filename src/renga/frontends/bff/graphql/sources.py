"""What the types of the schema stand for: a thing of the catalogue together with the terms under which it was asked for."""

from collections.abc import Sequence
from typing import Any

import msgspec

from renga.domains.cart.contract import Cart, Line
from renga.domains.catalog.contract import Category, Collection, Product, Terms, Variant
from renga.domains.search.contract import Facet, SearchPage


class Asked(msgspec.Struct, frozen=True, gc=False):
    """Languages wanted (lower case, best first), channel, currency and moment (RFC 3339) of one field of the query."""

    wishes: tuple[str, ...]
    terms: Terms

    @property
    def channel(self) -> str:
        return self.terms.channel

    @property
    def currency(self) -> str:
        return self.terms.currency


class OfProduct(msgspec.Struct, frozen=True):
    product: Product
    asked: Asked


class OfVariant(msgspec.Struct, frozen=True):
    product: Product
    variant: Variant
    asked: Asked


class OfCategory(msgspec.Struct, frozen=True):
    category: Category
    asked: Asked


class OfCollection(msgspec.Struct, frozen=True):
    collection: Collection
    asked: Asked


class OfFacet(msgspec.Struct, frozen=True):
    facet: Facet
    asked: Asked


class OfCart(msgspec.Struct, frozen=True):
    cart: Cart
    asked: Asked


class OfLine(msgspec.Struct, frozen=True):
    line: Line
    asked: Asked


class Page(msgspec.Struct, frozen=True):
    """A piece of a list. ``start`` is the cursor that the contract's page was asked with, ``skipped`` how many were passed over.

    ``next`` is the contract's cursor behind the last entry, None at the end; ``has_more`` also where only the limit cut it.
    ``kind`` tells the lists apart whose cursors must not be mixed.
    """

    nodes: Sequence[Any]
    start: str | None
    skipped: int
    next: str | None
    has_more: bool
    kind: str = "c"


class Edge(msgspec.Struct, frozen=True):
    page: Page
    index: int
    node: Any


class OfSearch(msgspec.Struct, frozen=True):
    """What was found; without ``found`` search was away and ``notice`` says so."""

    page: Page
    asked: Asked
    found: SearchPage | None
    text: str
    notice: Any = None
