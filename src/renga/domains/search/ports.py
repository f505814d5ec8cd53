"""What search needs of an index and of stores. Every index passes one contract suite, ``tests/ports/test_search_index*.py``."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from renga.domains.search.contract import Pins, SearchQuery, Suggestion, Synonyms, ZeroResult
from renga.domains.search.model.document import Document
from renga.kernel.events import Event

#: ``total`` counts up to here, and facets at least up to here. An index may estimate a ``total`` of a thousand or more.
COUNTED_MAX = 10_000


class Removal(msgspec.Struct, frozen=True):
    """A product that is not to be found any more, as of this version of it."""

    product_id: str
    version: int


class IndexQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """A checked question with what was ruled for it.

    ``texts``    the text and, after it, what means the same; empty: everything
    ``pinned``   ids that come first, in this order, whether or not they match (if they meet filters and scope)
    ``hidden``   ids that never come
    ``within``   slugs that alone may come, None for all (a collection)
    """

    query: SearchQuery
    texts: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    within: tuple[str, ...] | None = None


class FoundHit(msgspec.Struct, frozen=True, kw_only=True):
    """``sku`` is set where the text was a sku, GTIN or part number."""

    product_id: str
    slug: str
    sku: str | None = None
    score: float = 0.0


class ValueCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Products per value of one facet, under all filters but its own; most products first."""

    facet: str
    counts: tuple[tuple[str, int], ...]


class NumberSpan(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one facet, under all filters but its own: ends, number of products, histogram of (from, to, count)."""

    facet: str
    least: float
    greatest: float
    count: int
    parts: tuple[tuple[float, float, int], ...] = ()


class IndexFindings(msgspec.Struct, frozen=True, kw_only=True):
    """What an index found. ``next`` is the cursor of the following page. Facets come in no order.

    ``loose``: the words were not found as they were asked, but mistyped, scattered, or only some of them.
    """

    hits: tuple[FoundHit, ...]
    total: int
    values: tuple[ValueCounts, ...] = ()
    numbers: tuple[NumberSpan, ...] = ()
    next: str | None = None
    loose: bool = False


class SearchIndex(Protocol):
    """Documents and the ways to find them. Every method raises SearchUnavailable when the engine is away or late.

    There is one live generation, and perhaps one that is being built beside it. Versions count in each: a document or removal
    never overwrites a later one; removals are remembered.
    """

    async def prepare(self) -> None:
        """Make what is missing (a first, empty generation). Idempotent; may run in several processes at once."""
        ...

    async def put(self, documents: Sequence[Document]) -> None:
        """Into the live generation, and into the one that is being built. They are found from at most a second later on.

        The popularity of a document that is there already stays as it is.
        """
        ...

    async def remove(self, removals: Sequence[Removal]) -> None:
        """From the live generation and from the one that is being built."""
        ...

    async def set_popularity(self, scores: Mapping[str, float]) -> None:
        """How popular these products are, by id (0 to 1); unknown ids are passed over."""
        ...

    async def search(self, question: IndexQuestion) -> IndexFindings:
        """Products that are sold in the channel, meet the filters and match the words, best first.

        A text that is a sku, GTIN or part number finds its product first; a brand's name finds the brand's products first.
        Raises SearchCursorInvalid.
        """
        ...

    async def suggest(self, text: str, *, language: str, channel: str, limit: int) -> tuple[Suggestion, ...]:
        """Products, brands and words whose beginnings fit the text (products by popularity). Never more than ``limit``."""
        ...

    async def correct(self, text: str, *, language: str) -> str | None:
        """The text with its unknown words replaced by the nearest known ones; None if nothing is unknown, or nothing near."""
        ...

    async def begin_rebuild(self) -> str:
        """A new, empty generation beside the live one; one that was begun before and not finished is abandoned."""
        ...

    async def put_into(self, generation: str, documents: Sequence[Document]) -> None:
        """Into a generation that is being built. Raises RebuildLost when it is not being built any more."""
        ...

    async def finish_rebuild(self, generation: str) -> None:
        """Make it the live one, in one step; the one before is dropped when nobody reads it any more. Raises RebuildLost."""
        ...

    async def abandon_rebuild(self, generation: str) -> None:
        """Drop it; a generation that is not there is fine."""
        ...

    async def versions(self, *, after: str, limit: int) -> Sequence[tuple[str, int]]:
        """Ids and versions of the live documents with an id above ``after``, by id."""
        ...

    async def count(self) -> int:
        """Live documents."""
        ...

    async def close(self) -> None:
        """Let go of connections that are the index's own."""
        ...


class SteeringStore(Protocol):
    """What merchandisers ruled, what found nothing, what is popular. Raises ``Unavailable``."""

    async def synonyms(self) -> Mapping[str, tuple[Synonyms, ...]]:
        """All, by language."""
        ...

    async def set_synonyms(self, language: str, synonyms: Sequence[Synonyms], event: Event) -> None:
        """All of a language at once, with the event in one step."""
        ...

    async def pins(self) -> tuple[Pins, ...]:
        """All rulings, by language and text."""
        ...

    async def set_pins(self, pins: Pins, event: Event) -> None:
        """One ruling (an empty one is removed), with the event in one step."""
        ...

    async def note_nothing(self, counts: Mapping[tuple[str, str], int], at: str) -> None:
        """Texts (language, text) that found nothing, so many times."""
        ...

    async def zero_results(self, limit: int) -> tuple[ZeroResult, ...]:
        """The most frequent first."""
        ...

    async def add_demand(self, seen: Mapping[str, float], now_ms: int) -> Mapping[str, float]:
        """Add to the demand of products, by id, which halves every DEMAND_HALF_LIFE_MS; their popularity now (0 to 1)."""
        ...

    async def popularity(self, ids: Sequence[str], now_ms: int) -> Mapping[str, float]:
        """How popular these products are now (0 to 1); those that nobody asked for are absent."""
        ...
