"""Source values of the schema's types: a catalogue value with its terms (language, channel, currency, time)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from renga.domains.cart.contract import Cart, Line
from renga.domains.catalog.contract import Category, Collection, PriceTerms, Product, Variant
from renga.domains.search.contract import Facet, SearchPage


class ReaderTerms(msgspec.Struct, frozen=True, gc=False):
    """Languages (lower case, preferred first), channel, currency and time (RFC 3339) of one field of the query."""

    preferred: tuple[str, ...]
    terms: PriceTerms

    @property
    def channel(self) -> str:
        return self.terms.channel

    @property
    def currency(self) -> str:
        return self.terms.currency


class OfProduct(msgspec.Struct, frozen=True):
    product: Product
    asked: ReaderTerms


class OfVariant(msgspec.Struct, frozen=True):
    product: Product
    variant: Variant
    asked: ReaderTerms


class OfCategory(msgspec.Struct, frozen=True):
    category: Category
    asked: ReaderTerms


class OfCollection(msgspec.Struct, frozen=True):
    collection: Collection
    asked: ReaderTerms


class OfFacet(msgspec.Struct, frozen=True):
    facet: Facet
    asked: ReaderTerms


class OfCart(msgspec.Struct, frozen=True):
    cart: Cart
    asked: ReaderTerms


class OfLine(msgspec.Struct, frozen=True):
    line: Line
    asked: ReaderTerms


class ListPage(msgspec.Struct, frozen=True):
    """A page of a list. ``start`` is the cursor of the contract's page, ``skipped`` the number of its entries before this page.

    ``next`` is the contract's cursor after the last entry, None at the end; ``has_more`` is also true if only the limit cut it.
    ``kind`` distinguishes lists whose cursors must not be mixed.
    """

    nodes: Sequence[Any]
    start: str | None
    skipped: int
    next: str | None
    has_more: bool
    kind: str = "c"


class ListEdge(msgspec.Struct, frozen=True):
    page: ListPage
    index: int
    node: Any


class OfSearch(msgspec.Struct, frozen=True):
    """A search result; without ``found`` search was unavailable and ``notice`` says so."""

    page: ListPage
    asked: ReaderTerms
    found: SearchPage | None
    text: str
    notice: Any = None
