"""The public contract of search: find products by words and facets, suggest completions, manage synonyms and pins.

Search is a read model: it returns ids in order; callers read the products from the catalogue. Prices are minor units.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from renga.kernel.caller import Caller
from renga.kernel.errors import Conflict, Invalid, Unavailable, Unprocessable

#: Limits of one query.
LIMIT_MAX = 100
TEXT_CHARS_MAX = 200
FILTERS_MAX = 20
VALUES_MAX = 50
FACETS_MAX = 30
#: Values of one facet in a result.
BUCKETS_MAX = 50
SUGGESTIONS_MAX = 10
ZERO_RESULTS_MAX = 1_000
#: The tag of every response of search in caches and CDNs.
SEARCH_TAG = "search"

Sort = Literal["relevance", "price_asc", "price_desc", "newest", "title"]


#: Scope for managing synonyms and pins.
MERCHANDISING = "search:manage"


class SearchInvalid(Invalid):
    """``field`` is the invalid part of the query."""

    code = "search_invalid"
    title = "This search cannot be asked"


class SearchCursorInvalid(Invalid):
    code = "search_cursor_invalid"
    title = "This cursor was not made by this search"


class SearchUnavailable(Unavailable):
    code = "search_unavailable"
    title = "Search is away"


class SynonymsInvalid(Unprocessable):
    code = "synonyms_invalid"
    title = "These synonyms cannot be kept"


class PinsInvalid(Unprocessable):
    code = "pins_invalid"
    title = "These pins cannot be kept"


class RebuildLost(Conflict):
    code = "search_rebuild_lost"
    title = "Another rebuild of the index began, or this one was ended"


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """A filter by one facet: any of ``values`` (terms), or a number from ``at_least`` to ``at_most`` (both inclusive).

    ``facet`` is ``brand``, ``category`` (including subcategories), ``merchant``, ``type``, ``availability``, ``price`` (minor
    units of the query's currency), ``option.<code>`` or ``attribute.<code>``. Values of attributes are codes of enums, else
    texts in the query's language; ``true`` and ``false`` for booleans. All filters of a query must be met.
    """

    facet: str
    values: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query. Without ``text`` everything matches: with ``category`` or ``collection`` it lists that category or collection.

    ``language``   of the words and facet values (BCP 47); ``currency`` of prices; ``channel`` in which products must be sold
    ``facets``     which to count; None: those relevant to the results, at most FACETS_MAX
    ``limit``      from 0 (only counts) to LIMIT_MAX
    ``cursor``     ``next`` of the previous page of the same query
    """

    text: str = ""
    language: str = "pt-BR"
    currency: str = "BRL"
    channel: str = "web"
    category: str | None = None
    collection: str | None = None
    filters: tuple[Filter, ...] = ()
    sort: Sort = "relevance"
    facets: tuple[str, ...] | None = None
    limit: int = 20
    cursor: str | None = None


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a facet with the number of products that match with it. ``label`` is its display text."""

    value: str
    label: str
    count: int
    selected: bool = False


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """The least and greatest number among the results, and a histogram of at most ten parts: (from, to, count)."""

    least: float
    greatest: float
    parts: tuple[tuple[float, float, int], ...] = ()


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """A facet. Counts apply all filters except this facet's own, so that several of its values can be selected.

    ``kind``: ``terms`` has ``buckets`` (most products first), ``tree`` too (categories; ``value`` is the slug), ``range`` has
    ``range`` (numbers, prices in minor units) with its ``unit``.
    """

    facet: str
    label: str
    kind: Literal["terms", "range", "tree"]
    buckets: tuple[Bucket, ...] = ()
    range: Range | None = None
    unit: str | None = None


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A found product. ``sku`` is the variant that matched (by its sku, GTIN or part number), None for any.

    ``pinned``: it is here by a merchandiser's pin.
    """

    product_id: str
    slug: str
    sku: str | None = None
    score: float = 0.0
    pinned: bool = False


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    """``total`` counts up to 10,000; without facets a large index on PostgreSQL estimates it above about 1,500 (within about
    5 %). ``corrected`` is the text that was searched instead, if the given one finds nothing; ``did_you_mean`` is a better
    text if it finds little. ``next`` is None on the last page.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: tuple[Facet, ...] = ()
    next: str | None = None
    corrected: str | None = None
    did_you_mean: str | None = None


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A suggestion for a partial text: words to search for, or a product, category or brand to open."""

    kind: Literal["query", "product", "category", "brand"]
    text: str
    slug: str | None = None
    image: str | None = None


class Synonyms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Synonyms in one language: ``("celular", "smartphone")``. With ``to`` one-way: ``words`` also find ``to``, not reverse."""

    words: tuple[str, ...]
    to: tuple[str, ...] = ()


class Pins(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pins for one search text: ``pinned`` products (slugs) come first, in this order; ``hidden`` ones are excluded."""

    text: str
    language: str
    pinned: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


class ZeroResult(msgspec.Struct, frozen=True, kw_only=True):
    """A search text without results: how often, and when last (RFC 3339)."""

    text: str
    language: str
    count: int
    last_at: str


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """Comparison of index and catalogue. ``missing``, ``stale`` and ``surplus`` are ids, at most 100 each; counts are exact."""

    products: int
    documents: int
    missing_count: int = 0
    stale_count: int = 0
    surplus_count: int = 0
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether index and catalogue agree."""
        return not (self.missing_count or self.stale_count or self.surplus_count)


class Search(Protocol):
    """Product search. Every method raises SearchUnavailable when the index is unavailable or times out."""

    async def search(self, query: SearchQuery) -> SearchPage:
        """One page of results. Raises SearchInvalid, SearchCursorInvalid."""
        ...

    async def suggest(
        self, text: str, *, language: str = "pt-BR", channel: str = "web", limit: int = 8
    ) -> tuple[Suggestion, ...]:
        """Suggestions for a partial text; none for an empty text. Raises SearchInvalid."""
        ...


class Merchandising(Protocol):
    """Synonyms, pins and searches without results. Changes take effect in every process within a second.

    The caller is the first argument and needs MERCHANDISING. Every method raises Unauthenticated, InsufficientScope.
    """

    async def synonyms(self, caller: Caller, language: str) -> tuple[Synonyms, ...]:
        """The synonyms of a language (BCP 47)."""
        ...

    async def set_synonyms(self, caller: Caller, language: str, synonyms: Sequence[Synonyms]) -> None:
        """Replace all synonyms of a language. Raises SynonymsInvalid."""
        ...

    async def pins(self, caller: Caller) -> tuple[Pins, ...]:
        """All pins, by language and text."""
        ...

    async def set_pins(self, caller: Caller, pins: Pins) -> None:
        """Set the pins of one text; empty pins are removed. Raises PinsInvalid."""
        ...

    async def zero_results(self, caller: Caller, limit: int = 100) -> tuple[ZeroResult, ...]:
        """Texts without results, the most frequent first; ``limit`` from 1 to ZERO_RESULTS_MAX. Raises SearchInvalid."""
        ...
