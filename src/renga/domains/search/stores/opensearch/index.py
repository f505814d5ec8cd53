"""SearchIndex on OpenSearch and Elasticsearch, over the REST API that both support."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from renga.domains.search.contract import RebuildLost, SearchCursorInvalid, SearchUnavailable, Suggestion
from renga.domains.search.model.document import Document
from renga.domains.search.model.folding import key_of
from renga.domains.search.ports import COUNTED_MAX, FoundHit, IndexFindings, IndexQuestion, Removal
from renga.domains.search.stores import cursors
from renga.domains.search.stores.cursors import Place
from renga.domains.search.stores.opensearch import asking, facets, matching, suggesting, writing
from renga.domains.search.stores.opensearch.connection import OpenSearchConnection, parse
from renga.domains.search.stores.opensearch.generations import Generations
from renga.domains.search.stores.opensearch.writing import Dropped

_SOURCE = ["product_id", "slug", "skus"]


class OpenSearchIndex:
    """On the servers of a URL; see ``connection.parse``."""

    def __init__(self, url: str) -> None:
        self._connection = OpenSearchConnection(parse(url))
        self._generations = Generations(self._connection)

    async def prepare(self) -> None:
        await self._generations.prepare()

    async def put(self, documents: Sequence[Document]) -> None:
        await self._write(lambda alias: writing.put(self._connection, alias, documents))

    async def remove(self, removals: Sequence[Removal]) -> None:
        await self._write(lambda alias: writing.remove(self._connection, alias, removals))

    async def set_popularity(self, scores: Mapping[str, float]) -> None:
        await self._write(lambda alias: writing.set_popularity(self._connection, alias, scores))

    async def _write(self, write: Callable[[str], Awaitable[None]]) -> None:
        """Write to the generation being built first: if it goes live between the two writes, it has the change already."""
        with suppress(Dropped):
            await write(self._generations.building)
        try:
            await write(self._generations.live)
        except Dropped as error:
            raise SearchUnavailable("the index was never made") from error

    async def search(self, question: IndexQuestion) -> IndexFindings:
        mark = cursors.mark_of(question)
        place = _place(question, mark)
        first = place.attempt if place else 0
        last = matching.SOME if question.texts and place is None else first
        pinned = await self._pinned(question)
        attempt = first
        while True:
            answer = await self._ask(question, attempt, place)
            found = bool(answer["hits"]["total"]["value"])
            if attempt == last or pinned or (found and not (attempt == 0 and await self._is_scattered(question))):
                break
            attempt = last if found else attempt + 1
        return await self._found(question, answer, pinned, Place(mark, attempt, ()), place)

    async def suggest(self, text: str, *, language: str, channel: str, limit: int) -> tuple[Suggestion, ...]:
        return await suggesting.suggest(self._connection, self._generations.live, text, language, channel, limit)

    async def correct(self, text: str, *, language: str) -> str | None:
        return await suggesting.correct(self._connection, self._generations.live, text, language)

    async def begin_rebuild(self) -> str:
        return await self._generations.begin()

    async def put_into(self, generation: str, documents: Sequence[Document]) -> None:
        await self._generations.check_building(generation)
        try:
            await writing.put(self._connection, self._generations.filling(generation), documents)
        except Dropped as error:
            raise RebuildLost(f"generation {generation[:60]!r} is not being built any more") from error

    async def finish_rebuild(self, generation: str) -> None:
        await self._generations.finish(generation)

    async def abandon_rebuild(self, generation: str) -> None:
        await self._generations.abandon(generation)

    async def versions(self, *, after: str, limit: int) -> Sequence[tuple[str, int]]:
        body: dict[str, Any] = {
            "size": limit,
            "_source": ["version"],
            "query": {"bool": {"filter": [{"term": {"gone": False}}, {"range": {"product_id": {"gt": after}}}]}},
            "sort": [{"product_id": "asc"}],
        }
        answer = await self._search(body)
        return [(hit["_id"], hit["_source"]["version"]) for hit in answer["hits"]["hits"]]

    async def count(self) -> int:
        body = {"query": {"term": {"gone": False}}}
        answer = await self._connection.call("POST", self._generations.live, "_count", body=body)
        return int(answer["count"])

    async def close(self) -> None:
        await self._connection.close()

    async def _search(self, body: Mapping[str, Any], *, preference: str = "") -> Any:
        params = {"preference": preference} if preference else {}
        return await self._connection.call("POST", self._generations.live, "_search", body=dict(body), params=params)

    async def _ask(self, question: IndexQuestion, attempt: int, place: Place | None) -> Any:
        filters = [asking.condition(one, question) for one in question.query.filters]
        faceted = question.query.facets != ()
        body: dict[str, Any] = {
            # one more than the page, to see whether there is a next page
            "size": question.query.limit + 1 if question.query.limit else 0,
            "_source": _SOURCE,
            "track_total_hits": COUNTED_MAX,
            "query": asking.body(question, attempt, () if faceted else filters),
        }
        if asking.is_ranked(question):
            body["rescore"] = asking.second_look(question, attempt)
        else:
            body["sort"] = asking.sort(question)
        if faceted:
            body["aggs"] = facets.aggregations(question)
        if faceted and filters:  # each facet has other filters
            body["post_filter"] = {"bool": {"filter": filters}}
        if place is not None:
            body |= _from(question, place)
        # the order of hits with equal scores differs between copies of the index, so all pages use the same copy
        return await self._search(body, preference=cursors.mark_of(question))

    async def _is_scattered(self, question: IndexQuestion) -> bool:
        """Whether all matches have the words only scattered over descriptions."""
        strong = asking.strong(question)
        if strong is None:
            return False
        filters = [strong, *(asking.condition(one, question) for one in question.query.filters)]
        body = {"size": 0, "terminate_after": 1, "query": asking.body(question, 0, filters)}
        answer = await self._search(body)
        return not answer["hits"]["total"]["value"]

    async def _pinned(self, question: IndexQuestion) -> list[FoundHit]:
        if not question.pinned:
            return []
        filters = [*asking.scope(question), *(asking.condition(one, question) for one in question.query.filters)]
        query = {"bool": {"filter": [*filters, {"terms": {"product_id": list(question.pinned)}}]}}
        answer = await self._search({"size": len(question.pinned), "_source": _SOURCE, "query": query})
        slugs = {hit["_id"]: hit["_source"]["slug"] for hit in answer["hits"]["hits"]}
        return [FoundHit(product_id=one, slug=slugs[one]) for one in question.pinned if one in slugs]

    async def _found(
        self, question: IndexQuestion, answer: Any, pinned: list[FoundHit], blank: Place, place: Place | None
    ) -> IndexFindings:
        limit = question.query.limit
        total = min(answer["hits"]["total"]["value"] + len(pinned), COUNTED_MAX)
        shown = [] if place else pinned[:limit]
        room = limit - len(shown)
        rows = answer["hits"]["hits"][:room]
        asked = key_of(question.texts[0]) if question.texts else ""
        hits = [
            FoundHit(
                product_id=row["_id"],
                slug=row["_source"]["slug"],
                sku=row["_source"]["skus"].get(asked),
                score=float(row.get("_score") or 0.0),
            )
            for row in rows
        ]
        done = (int(place.keys[0]) if place and asking.is_ranked(question) else 0) + len(rows)
        more = bool(rows) and len(answer["hits"]["hits"]) > room
        following = _next(question, rows, blank, done) if more else None
        values, numbers = await self._facets(question, answer, blank.attempt, total)
        return IndexFindings(
            hits=(*shown, *hits),
            total=total,
            values=values,
            numbers=numbers,
            next=following,
            loose=blank.attempt > 0,
        )

    async def _facets(self, question: IndexQuestion, answer: Any, attempt: int, total: int) -> tuple[Any, Any]:
        if question.query.facets == ():
            return (), ()
        spans = facets.spans_of(question, answer["aggregations"], total)
        wanted = facets.histograms(question, spans)
        parts: Any = {}
        if wanted:
            body = {"size": 0, "query": asking.body(question, attempt, ()), "aggs": wanted}
            parts = (await self._search(body))["aggregations"]
        return facets.values_of(question, answer["aggregations"], total), facets.with_parts(spans, parts)


def _place(question: IndexQuestion, mark: str) -> Place | None:
    if question.query.cursor is None:
        return None
    kinds: tuple[type, ...] = (float,) if asking.is_ranked(question) else _KINDS[question.query.sort]
    place = cursors.decode(question.query.cursor, mark, kinds)
    if not 0 <= place.attempt <= matching.SOME:
        raise SearchCursorInvalid
    return place


_KINDS: dict[str, tuple[type, ...]] = {
    "relevance": (float, str, str),
    "price_asc": (float, str),
    "price_desc": (float, str),
    "newest": (str, str),
    "title": (str, str),
}


def _from(question: IndexQuestion, place: Place) -> dict[str, Any]:
    if asking.is_ranked(question):
        return {"from": min(max(int(place.keys[0]), 0), COUNTED_MAX - question.query.limit - 1)}
    return {"search_after": list(place.keys)}


def _next(question: IndexQuestion, rows: Sequence[Any], blank: Place, done: int) -> str | None:
    keys: tuple[str | float, ...] = (done,) if asking.is_ranked(question) else tuple(rows[-1]["sort"])
    if asking.is_ranked(question) and done + question.query.limit >= COUNTED_MAX:
        return None
    return cursors.encode(msgspec.structs.replace(blank, keys=keys))
