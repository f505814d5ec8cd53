"""The ports of search. Every index passes one contract suite, ``tests/ports/test_search_index*.py``."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from renga.domains.search.contract import Pins, SearchQuery, Suggestion, Synonyms, ZeroResult
from renga.domains.search.model.document import Document
from renga.kernel.events import Event

#: ``total`` counts up to here, and facets at least up to here. An index may estimate a ``total`` of a thousand or more.
COUNTED_MAX = 10_000


class Removal(msgspec.Struct, frozen=True):
    """A product that must no longer be found, as of this version of it."""

    product_id: str
    version: int


class IndexQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A validated query with its synonyms and pins.

    ``texts``    the text, then its variants by synonyms; empty: everything
    ``pinned``   ids that come first, in this order, even if the words do not match (filters and scope must)
    ``hidden``   ids that are excluded
    ``within``   only these slugs (a collection); None for all
    """

    query: SearchQuery
    texts: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    within: tuple[str, ...] | None = None


class FoundHit(msgspec.Struct, frozen=True, kw_only=True):
    """``sku`` is set if the text was a sku, GTIN or part number."""

    product_id: str
    slug: str
    sku: str | None = None
    score: float = 0.0


class ValueCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Products per value of one facet, with all filters except its own; most products first."""

    facet: str
    counts: tuple[tuple[str, int], ...]


class NumberSpan(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one facet, with all filters except its own: range, number of products, histogram (from, to, count)."""

    facet: str
    least: float
    greatest: float
    count: int
    parts: tuple[tuple[float, float, int], ...] = ()


class IndexFindings(msgspec.Struct, frozen=True, kw_only=True):
    """The result of an index. ``next`` is the cursor of the following page. Facets are unordered.

    ``loose``: the words were not found as given, but misspelt, scattered over descriptions, or only some of them.
    """

    hits: tuple[FoundHit, ...]
    total: int
    values: tuple[ValueCounts, ...] = ()
    numbers: tuple[NumberSpan, ...] = ()
    next: str | None = None
    loose: bool = False


class SearchIndex(Protocol):
    """An index of documents. Every method raises SearchUnavailable when the engine is unavailable or times out.

    There is one live generation, and during a rebuild a second one that is being built. In each, a document or removal never
    overwrites a later version; removals are remembered.
    """

    async def prepare(self) -> None:
        """Create a first, empty generation if there is none. Idempotent; may run in several processes at once."""
        ...

    async def put(self, documents: Sequence[Document]) -> None:
        """Write to the live generation and to the one being built. The documents can be found within a second.

        The popularity of an existing document is kept.
        """
        ...

    async def remove(self, removals: Sequence[Removal]) -> None:
        """Remove from the live generation and from the one being built."""
        ...

    async def set_popularity(self, scores: Mapping[str, float]) -> None:
        """Set the popularity of products by id (0 to 1); unknown ids are ignored."""
        ...

    async def search(self, question: IndexQuestion) -> IndexFindings:
        """Products that are sold in the channel, meet the filters and match the words, best first.

        A text that is a sku, GTIN or part number finds its product first; a brand's name finds the brand's products first.
        Raises SearchCursorInvalid.
        """
        ...

    async def suggest(self, text: str, *, language: str, channel: str, limit: int) -> tuple[Suggestion, ...]:
        """Products, brands and words that begin with the text (products by popularity). At most ``limit``."""
        ...

    async def correct(self, text: str, *, language: str) -> str | None:
        """The text with unknown words replaced by the nearest known ones; None if no word is unknown or none is near."""
        ...

    async def begin_rebuild(self) -> str:
        """Create an empty generation beside the live one; an unfinished earlier one is abandoned."""
        ...

    async def put_into(self, generation: str, documents: Sequence[Document]) -> None:
        """Write to a generation that is being built. Raises RebuildLost if it is no longer being built."""
        ...

    async def finish_rebuild(self, generation: str) -> None:
        """Make it the live one, atomically; the previous one is dropped when it has no readers. Raises RebuildLost."""
        ...

    async def abandon_rebuild(self, generation: str) -> None:
        """Drop it; no error if it does not exist."""
        ...

    async def versions(self, *, after: str, limit: int) -> Sequence[tuple[str, int]]:
        """Ids and versions of the live documents with an id above ``after``, by id."""
        ...

    async def count(self) -> int:
        """Number of live documents."""
        ...

    async def close(self) -> None:
        """Close the index's own connections."""
        ...


class SteeringStore(Protocol):
    """Synonyms, pins, texts without results, demand for products. Raises ``Unavailable``."""

    async def synonyms(self) -> Mapping[str, tuple[Synonyms, ...]]:
        """All synonyms, by language."""
        ...

    async def set_synonyms(self, language: str, synonyms: Sequence[Synonyms], event: Event) -> None:
        """Replace all synonyms of a language, with the event in one transaction."""
        ...

    async def pins(self) -> tuple[Pins, ...]:
        """All pins, by language and text."""
        ...

    async def set_pins(self, pins: Pins, event: Event) -> None:
        """Set the pins of one text (empty ones are removed), with the event in one transaction."""
        ...

    async def note_nothing(self, counts: Mapping[tuple[str, str], int], at: str) -> None:
        """Add the counts of texts (language, text) without results."""
        ...

    async def zero_results(self, limit: int) -> tuple[ZeroResult, ...]:
        """The most frequent first."""
        ...

    async def add_demand(self, seen: Mapping[str, float], now_ms: int) -> Mapping[str, float]:
        """Add to the demand of products by id, which halves every DEMAND_HALF_LIFE_MS; returns their popularity (0 to 1)."""
        ...

    async def popularity(self, ids: Sequence[str], now_ms: int) -> Mapping[str, float]:
        """The popularity of these products (0 to 1); those without demand are absent."""
        ...
