"""Pure: facets as aggregations, and their results as counts: each facet with all filters except its own."""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from renga.domains.search.contract import BUCKETS_MAX
from renga.domains.search.model.folding import primary
from renga.domains.search.model.tokens import parts_of, token
from renga.domains.search.ports import IndexQuestion, NumberSpan, ValueCounts
from renga.domains.search.stores.opensearch.asking import PRICE, Clause, condition

#: Values and numbers read over all facets, the most frequent first.
TOKENS_MAX, NUMBERS_MAX = 3_000, 60
COVER_MIN = 0.02
PARTS_MAX = 10
_ALL = "all"


def aggregations(question: IndexQuestion) -> dict[str, Any]:
    """Aggregation ``all`` with every filter; ``own:<n>`` for the n-th filter's facet with the other filters."""
    filters = question.query.filters
    conditions = [condition(one, question) for one in filters]
    found = {_ALL: _under(conditions, _everything(question))}
    for place, one in enumerate(filters):
        others = [clause for n, clause in enumerate(conditions) if n != place]
        inner = {"values": _values(one.facet)} if one.values else {"numbers": _numbers(question, one.facet)}
        found[f"own:{place}"] = _under(others, inner)
    return found


def _under(filters: Sequence[Clause], inner: dict[str, Any]) -> dict[str, Any]:
    clause: Clause = {"bool": {"filter": list(filters)}} if filters else {"match_all": {}}
    return {"filter": clause, "aggs": inner}


def _everything(question: IndexQuestion) -> dict[str, Any]:
    return {
        **_tokens(question),
        "numbers": {
            "nested": {"path": "numbers"},
            "aggs": {
                "facets": {
                    "terms": {"field": "numbers.facet", "size": NUMBERS_MAX},
                    "aggs": {"span": {"stats": {"field": "numbers.number"}}},
                }
            },
        },
        PRICE: {"stats": {"field": f"prices.{question.query.currency}"}},
    }


def _tokens(question: IndexQuestion) -> dict[str, Any]:
    """The facets that are not attributes are aggregated separately, so that many attributes do not displace brands."""
    wanted = question.query.facets
    if wanted is not None:
        pattern = "|".join(map(_begins_with, wanted))
        return {"values": {"terms": {"field": "tokens", "size": TOKENS_MAX, "include": pattern}}}
    attributes = {"terms": {"field": "tokens", "size": TOKENS_MAX, "include": "attribute\\..*"}}
    return {"values": {"terms": {"field": "common", "size": TOKENS_MAX}}, "attributes": attributes}


def _values(facet: str) -> dict[str, Any]:
    return {"terms": {"field": "tokens", "size": TOKENS_MAX, "include": _begins_with(facet)}}


def _begins_with(facet: str) -> str:
    """A regular expression for the tokens of a facet; characters of its name are escaped."""
    return re.sub(r"[^A-Za-z0-9]", lambda sign: f"\\{sign[0]}", token(facet, "")[: len(facet) + 1]) + ".*"


def _numbers(question: IndexQuestion, facet: str) -> dict[str, Any]:
    if facet == PRICE:
        return {"stats": {"field": f"prices.{question.query.currency}"}}
    inner = {"filter": {"term": {"numbers.facet": facet}}, "aggs": {"span": {"stats": {"field": "numbers.number"}}}}
    return {"nested": {"path": "numbers"}, "aggs": {"facet": inner}}


def values_of(question: IndexQuestion, answer: Mapping[str, Any], total: int) -> tuple[ValueCounts, ...]:
    """Counts per facet, in the query's language."""
    tag, filters = primary(question.query.language), question.query.filters
    own = {one.facet: n for n, one in enumerate(filters) if one.values}
    everything = answer[_ALL]
    buckets = [*everything["values"]["buckets"], *everything.get("attributes", {"buckets": ()})["buckets"]]
    found = _grouped(buckets, tag)
    for facet, place in own.items():
        found[facet] = _grouped(answer[f"own:{place}"]["values"]["buckets"], tag).get(facet, [])
    wanted = question.query.facets
    shown = []
    for facet, counts in found.items():
        cover = sum(count for _, count in counts)
        if facet not in own and (
            (wanted is None and cover < COVER_MIN * total) or (wanted is not None and facet not in wanted)
        ):
            continue
        chosen = set(filters[own[facet]].values) if facet in own else set()
        ordered = sorted(counts, key=lambda one: (-one[1], one[0]))
        kept = [one for place, one in enumerate(ordered) if place < BUCKETS_MAX or one[0] in chosen]
        shown.append(ValueCounts(facet=facet, counts=tuple(kept)))
    return tuple(shown)


def _grouped(buckets: Iterable[Mapping[str, Any]], tag: str) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for bucket in buckets:
        facet, language, value = parts_of(bucket["key"])
        if language in ("", tag):
            found.setdefault(facet, []).append((value, bucket["doc_count"]))
    return found


def spans_of(question: IndexQuestion, answer: Mapping[str, Any], total: int) -> list[NumberSpan]:
    """Ranges and counts, without histograms yet."""
    own = {one.facet: n for n, one in enumerate(question.query.filters) if not one.values}
    stats = {PRICE: answer[_ALL][PRICE]}
    for bucket in answer[_ALL]["numbers"]["facets"]["buckets"]:
        stats[bucket["key"]] = bucket["span"]
    for facet, place in own.items():
        inner = answer[f"own:{place}"]["numbers"]
        stats[facet] = inner if facet == PRICE else inner["facet"]["span"]
    wanted = question.query.facets
    return [
        NumberSpan(facet=facet, least=one["min"], greatest=one["max"], count=one["count"])
        for facet, one in stats.items()
        if one["count"] and (facet in own or (one["count"] >= COVER_MIN * total if wanted is None else facet in wanted))
    ]


def histograms(question: IndexQuestion, spans: Sequence[NumberSpan]) -> dict[str, Any]:
    """One aggregation per range with a width, with the same filters as the range."""
    filters = question.query.filters
    conditions = [condition(one, question) for one in filters]
    found = {}
    for number, span in enumerate(spans):
        if span.least < span.greatest:
            others = [c for c, one in zip(conditions, filters, strict=True) if one.facet != span.facet]
            found[str(number)] = _under(others, {"parts": _histogram(question, span)})
    return found


def _histogram(question: IndexQuestion, span: NumberSpan) -> dict[str, Any]:
    width = (span.greatest - span.least) / PARTS_MAX
    edges = [span.least + width * n for n in range(PARTS_MAX + 1)]
    ranges: list[dict[str, float]] = [{"from": low, "to": high} for low, high in itertools.pairwise(edges[:-1])]
    ranges.append({"from": edges[-2]})
    if span.facet == PRICE:
        return {"range": {"field": f"prices.{question.query.currency}", "ranges": ranges}}
    inner = {"filter": {"term": {"numbers.facet": span.facet}},
             "aggs": {"parts": {"range": {"field": "numbers.number", "ranges": ranges}}}}  # fmt: skip
    return {"nested": {"path": "numbers"}, "aggs": {"facet": inner}}


def with_parts(spans: Sequence[NumberSpan], answer: Mapping[str, Any]) -> tuple[NumberSpan, ...]:
    found = []
    for number, span in enumerate(spans):
        inner = answer.get(str(number))
        parts: list[tuple[float, float, int]] = [(span.least, span.greatest, span.count)]
        if inner is not None:
            buckets = (inner["parts"] if span.facet == PRICE else inner["parts"]["facet"]["parts"])["buckets"]
            parts = [(one["from"], one.get("to", span.greatest), one["doc_count"]) for one in buckets]
        found.append(
            NumberSpan(facet=span.facet, least=span.least, greatest=span.greatest, count=span.count, parts=tuple(parts))
        )
    return tuple(found)
