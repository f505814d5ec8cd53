"""What others may ask of search: find products by words and facets, suggest while typing, steer what is found. A read model.

Search answers with ids and the order; whoever shows products asks the catalogue for them. Prices are minor units.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from renga.kernel.caller import Caller
from renga.kernel.errors import Conflict, Invalid, Unavailable, Unprocessable

#: Bounds of one question.
LIMIT_MAX = 100
TEXT_CHARS_MAX = 200
FILTERS_MAX = 20
VALUES_MAX = 50
FACETS_MAX = 30
#: Most values of one facet in an answer.
BUCKETS_MAX = 50
SUGGESTIONS_MAX = 10
ZERO_RESULTS_MAX = 1_000
#: The tag of every answer of search in caches and in CDNs.
SEARCH_TAG = "search"

Sort = Literal["relevance", "price_asc", "price_desc", "newest", "title"]


#: The scope of who steers the shop's search.
MERCHANDISING = "search:manage"


class SearchInvalid(Invalid):
    """``field`` says which part of the question is wrong."""

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
    """Narrows by one facet: any of ``values`` (terms), or a number from ``at_least`` to ``at_most`` (both inclusive).

    ``facet`` is ``brand``, ``category`` (those below count too), ``merchant``, ``type``, ``availability``, ``price`` (minor units
    of the question's currency), ``option.<code>`` or ``attribute.<code>``. Values of attributes are the codes of enums, else the
    texts in the question's language; ``true`` and ``false`` for booleans. Several filters are all to be met.
    """

    facet: str
    values: tuple[str, ...] = ()
    at_least: float | None = None
    at_most: float | None = None


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A question. Without ``text`` everything is found: with ``category`` or ``collection`` that makes the page of a shelf.

    ``language``   of the words and of facet values (BCP 47); ``currency`` of prices; ``channel`` in which products must be sold
    ``facets``     which to count; None: those that fit what is found, at most FACETS_MAX
    ``limit``      from 0 (only counts) to LIMIT_MAX
    ``cursor``     ``next`` of the page before, of the same question
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
    """One value of a facet with the number of products that would be found with it. ``label`` is what to show."""

    value: str
    label: str
    count: int
    selected: bool = False


class Range(msgspec.Struct, frozen=True, kw_only=True):
    """The least and the greatest number among what is found, and a histogram of at most ten parts: (from, to, count)."""

    least: float
    greatest: float
    parts: tuple[tuple[float, float, int], ...] = ()


class Facet(msgspec.Struct, frozen=True, kw_only=True):
    """A way to narrow. Counts are under all other filters but not this facet's own, so that several of its values can be chosen.

    ``kind``: ``terms`` have ``buckets`` (most products first), ``tree`` too (categories, their ``value`` is the slug), ``range``
    has ``range`` (numbers, prices in minor units) with its ``unit``.
    """

    facet: str
    label: str
    kind: Literal["terms", "range", "tree"]
    buckets: tuple[Bucket, ...] = ()
    range: Range | None = None
    unit: str | None = None


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A product that was found. ``sku`` is the variant that fits best (it was asked for, or it meets the filters), None for any.

    ``pinned``: a merchandiser put it here.
    """

    product_id: str
    slug: str
    sku: str | None = None
    score: float = 0.0
    pinned: bool = False


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    """``total`` counts up to 10,000; where facets are not asked for, a large index on PostgreSQL estimates it from some 1,500 on
    (within some 5 %). ``corrected`` is the text that was searched for instead, where the one asked for finds nothing;
    ``did_you_mean`` a better text where it finds little. ``next`` is None on the last page.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: tuple[Facet, ...] = ()
    next: str | None = None
    corrected: str | None = None
    did_you_mean: str | None = None


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """What may be meant by what was typed so far: words to search for, a product or a category to go to."""

    kind: Literal["query", "product", "category", "brand"]
    text: str
    slug: str | None = None
    image: str | None = None


class Synonyms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that mean the same in one language: ``("celular", "smartphone")``. With ``to`` they lead to these, not back."""

    words: tuple[str, ...]
    to: tuple[str, ...] = ()


class Pins(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A merchandiser's ruling for one text: ``pinned`` products (slugs) come first, in this order; ``hidden`` ones never come."""

    text: str
    language: str
    pinned: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


class ZeroResult(msgspec.Struct, frozen=True, kw_only=True):
    """A text that found nothing: how often, and when last (RFC 3339)."""

    text: str
    language: str
    count: int
    last_at: str


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """Index against catalogue. ``missing``, ``stale`` and ``surplus`` name ids, at most 100 each; the counts are whole."""

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
    """Search as others see it. Every method raises SearchUnavailable when the index is away or late."""

    async def search(self, query: SearchQuery) -> SearchPage:
        """Raises SearchInvalid, SearchCursorInvalid."""
        ...

    async def suggest(
        self, text: str, *, language: str = "pt-BR", channel: str = "web", limit: int = 8
    ) -> tuple[Suggestion, ...]:
        """What may be meant by these first letters; nothing for an empty text. Raises SearchInvalid."""
        ...


class Merchandising(Protocol):
    """How a merchandiser steers search. Changes count for questions from then on, on every process within a second.

    The caller comes first and needs MERCHANDISING. Every method raises Unauthenticated, InsufficientScope.
    """

    async def synonyms(self, caller: Caller, language: str) -> tuple[Synonyms, ...]:
        """Those of a language (BCP 47)."""
        ...

    async def set_synonyms(self, caller: Caller, language: str, synonyms: Sequence[Synonyms]) -> None:
        """All of a language at once. Raises SynonymsInvalid."""
        ...

    async def pins(self, caller: Caller) -> tuple[Pins, ...]:
        """All rulings, by language and text."""
        ...

    async def set_pins(self, caller: Caller, pins: Pins) -> None:
        """One ruling; an empty one is removed. Raises PinsInvalid."""
        ...

    async def zero_results(self, caller: Caller, limit: int = 100) -> tuple[ZeroResult, ...]:
        """The texts that found nothing, the most frequent first; 1 to ZERO_RESULTS_MAX. Raises SearchInvalid."""
        ...
