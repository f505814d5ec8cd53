"""Counts matches and facet values: each facet with all filters except its own."""

import time
from collections import OrderedDict
from collections.abc import Sequence

import asyncpg
import msgspec

from renga.domains.search.contract import BUCKETS_MAX
from renga.domains.search.model.folding import primary
from renga.domains.search.model.tokens import token
from renga.domains.search.ports import COUNTED_MAX, IndexQuestion, NumberSpan, ValueCounts
from renga.domains.search.stores.postgres import tiers
from renga.domains.search.stores.postgres.candidates import DRAWN, DRAWN_MIN
from renga.domains.search.stores.postgres.filters import Arguments, conditions, scope
from renga.domains.search.stores.postgres.generations import Tables

#: Counts are cached briefly: further pages and reloads need the same ones.
KEPT_S, KEPT_MAX = 5.0, 512
#: Facets of fewer than this share of the matches are not returned.
COVER_MIN = 0.02
PARTS_MAX = 10
#: Attributes are only counted for at most so many matches (or on request): with more they cost much and help little.
ATTRIBUTES_MAX = 2_000
PRICE = "price"
#: The name of the row with the number of matches.
_TOTAL = ""
#: Expected size of the sample for counting facets.
DRAWN_FOR_FACETS = 2_500


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """SQL for the matches. ``words``: without keys and pins; ``expected``, ``unfiltered``: estimated numbers with all filters
    and without; 0: unknown."""

    sql: str
    words: str = ""
    expected: float = 0.0
    unfiltered: float = 0.0


class FacetCounts(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    values: tuple[ValueCounts, ...] = ()
    numbers: tuple[NumberSpan, ...] = ()


class FacetCounter:
    """Counts, with a short cache."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[float, FacetCounts]] = OrderedDict()

    async def count(
        self,
        connection: "asyncpg.Connection[asyncpg.Record]",
        tables: Tables,
        question: IndexQuestion,
        matches: Matches,
        mark: str,
        total: int | None,
    ) -> FacetCounts:
        """``mark`` identifies query and attempt without the page; ``total`` is the number of matches, if known."""
        name = f"{tables.id}:{mark}:{question.query.facets!r}"
        kept = self._kept.get(name)
        if kept is not None and time.monotonic() - kept[0] < KEPT_S:
            return kept[1]
        counts = await _count(connection, tables, question, matches, total)
        self._kept[name] = (time.monotonic(), counts)
        self._kept.move_to_end(name)
        while len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)
        return counts


async def _count(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tables: Tables,
    question: IndexQuestion,
    matches: Matches,
    total: int | None,
) -> FacetCounts:
    if total is None:
        total = await _estimate(connection, tables, question, matches)
    if total is None:
        total = await _exactly(connection, tables, question, matches)
    if question.query.facets == ():
        return FacetCounts(total=min(total, COUNTED_MAX))
    sample = _sample(question, matches)
    if sample is not None and tables.tiers is not None:
        drawn = f"{matches.words} AND {tiers.within(tables.tiers, sample)}"
        counts, _ = await _facets(connection, tables, question, drawn, broad=True, times=tiers.times(sample))
        return msgspec.structs.replace(counts, total=min(total, COUNTED_MAX))
    broad = question.query.facets is None and total > ATTRIBUTES_MAX
    counts, looked_at = await _facets(connection, tables, question, matches.sql, broad=broad)
    # if all matches were read, the exact count replaces the estimate
    return counts if looked_at < COUNTED_MAX else msgspec.structs.replace(counts, total=min(total, COUNTED_MAX))


def _sample(question: IndexQuestion, matches: Matches) -> int | None:
    """The sample for counting facets, if there are too many matches to read; larger if filters reduce it."""
    wanted = COUNTED_MAX // 2 if question.query.filters else DRAWN_FOR_FACETS
    return tiers.sample_of(matches.unfiltered, wanted) if matches.unfiltered > COUNTED_MAX else None


async def _exactly(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, question: IndexQuestion, matches: Matches
) -> int:
    """Up to COUNTED_MAX."""
    arguments = Arguments()
    where = " AND ".join([*scope(question, arguments), matches.sql, *conditions(question, arguments)])
    counted = f"SELECT 1 FROM {tables.documents} WHERE {where} LIMIT {COUNTED_MAX}"
    return int(await connection.fetchval(f"SELECT count(*) FROM ({counted}) AS found", *arguments.values))


async def _estimate(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, question: IndexQuestion, matches: Matches
) -> int | None:
    """An estimate from a sample; None if the matches are few enough to be counted."""
    sample = tiers.sample_of(matches.expected, DRAWN)
    if sample is None or tables.tiers is None:
        return None
    arguments = Arguments()
    within = tiers.within(tables.tiers, sample)
    where = " AND ".join([*scope(question, arguments), matches.words, within, *conditions(question, arguments)])
    counted = f"SELECT 1 FROM {tables.documents} WHERE {where} OFFSET 0"
    drawn = int(await connection.fetchval(f"SELECT count(*) FROM ({counted}) AS found", *arguments.values))
    return drawn * tiers.times(sample) if drawn >= DRAWN_MIN else None


async def _facets(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tables: Tables,
    question: IndexQuestion,
    matches: str,
    *,
    broad: bool,
    times: int = 1,
) -> tuple[FacetCounts, int]:
    """Counts, and the number of documents read. ``times``: how many documents each sampled one represents."""
    arguments = Arguments()
    where = " AND ".join([*scope(question, arguments), matches])
    met = [f"{one} AS met{n}" for n, one in enumerate(conditions(question, arguments))]
    currency = arguments.add(question.query.currency, "text")
    narrowed = any(one.facet.startswith("attribute.") for one in question.query.filters)
    tokens = "common AS tokens" if broad and not narrowed else "tokens"
    columns = ", ".join([tokens, "numbers", f"(prices ->> {currency})::float8 AS price", *met])
    base = (
        f"WITH base AS MATERIALIZED (SELECT {columns} FROM {tables.documents} WHERE {where} LIMIT {COUNTED_MAX}), "
        "size AS (SELECT count(*) AS n FROM base)"
    )
    parts = [
        f"SELECT '{_TOTAL}', (SELECT n FROM size)::text, count(*), NULL::float8[] FROM base WHERE {_met(question)}",
        *_value_parts(question, arguments),
        *_number_parts(question, arguments, broad=broad),
    ]
    rows = await connection.fetch(f"{base} {' UNION ALL '.join(parts)}", *arguments.values)
    values: dict[str, list[tuple[str, int]]] = {}
    numbers: list[NumberSpan] = []
    for facet, value, count, found in rows:
        if found is None:
            values.setdefault(facet, []).append((value, count * times))
        elif found:
            numbers.append(span_of(facet, found, times))
    ((looked_at, total),) = values.pop(_TOTAL)
    ordered = (ValueCounts(facet=f, counts=tuple(sorted(c, key=lambda p: (-p[1], p[0])))) for f, c in values.items())
    return FacetCounts(total=total, values=tuple(ordered), numbers=tuple(numbers)), int(looked_at)


def _met(question: IndexQuestion, but: int | None = None) -> str:
    """SQL: all filters are met, except filter ``but``."""
    others = [f"coalesce(met{n}, false)" for n in range(len(question.query.filters)) if n != but]
    return " AND ".join(others) or "true"


def _value_parts(question: IndexQuestion, arguments: Arguments) -> list[str]:
    """One query for the facets without filter, one for each facet with a filter."""
    filters = question.query.filters
    tag = arguments.add(primary(question.query.language), "text")
    chosen = {one.facet: n for n, one in enumerate(filters) if one.values}
    wanted = question.query.facets
    some = f"AND facet = ANY({arguments.add(list(wanted), 'text[]')})" if wanted is not None else ""
    left_out = arguments.add([one.facet for one in filters], "text[]")
    cover = "" if wanted is not None else f"AND cover >= {COVER_MIN} * (SELECT n FROM size)"
    parts = [_counted(_met(question), f"facet <> ALL({left_out}) {some}", tag, cover, "")]
    for facet, place in chosen.items():
        name = arguments.add(facet, "text")
        begins = arguments.add(token(facet, "").rstrip("\x1f") + "\x1f", "text")
        selected = arguments.add(list(filters[place].values), "text[]")
        parts.append(
            _counted(
                _met(question, place),
                f"facet = {name}",
                tag,
                "",
                f"OR value = ANY({selected})",
                f"starts_with(token, {begins})",
            )
        )
    return parts


def _counted(met: str, facets: str, tag: str, cover: str, or_chosen: str, tokens: str = "true") -> str:
    return f"""
        SELECT facet, value, n, NULL::float8[] FROM (
            SELECT facet, value, n, sum(n) OVER (PARTITION BY facet) AS cover,
                   row_number() OVER (PARTITION BY facet ORDER BY n DESC, value) AS place
            FROM (
                SELECT split_part(token, E'\\x1f', 1) AS facet, split_part(token, E'\\x1f', 2) AS tag,
                       split_part(token, E'\\x1f', 3) AS value, n
                FROM (SELECT token, count(*) AS n FROM base, unnest(tokens) AS token WHERE {met} AND {tokens} GROUP BY token) AS t
            ) AS named WHERE tag IN ('', {tag}) AND {facets}
        ) AS ranked WHERE (place <= {BUCKETS_MAX} {or_chosen}) {cover}
    """


def _number_parts(question: IndexQuestion, arguments: Arguments, *, broad: bool) -> list[str]:
    filters, wanted = question.query.filters, question.query.facets
    chosen = {one.facet: n for n, one in enumerate(filters) if not one.values}
    parts = []
    if wanted is None or PRICE in wanted:
        met = _met(question, chosen.get(PRICE))
        parts.append(
            f"SELECT 'price', '', count(*), coalesce(array_agg(price), '{{}}') FROM base WHERE {met} AND price IS NOT NULL"
        )
    if not broad:
        parts.append(_all_numbers(question, arguments, list(chosen)))
    for facet, place in chosen.items():
        if facet != PRICE:
            name = arguments.add(facet, "text")
            parts.append(
                f"SELECT {name}, '', count(*), coalesce(array_agg((numbers ->> {name})::float8), '{{}}') FROM base "
                f"WHERE {_met(question, place)} AND numbers ? {name}"
            )
    return parts


def _all_numbers(question: IndexQuestion, arguments: Arguments, chosen: list[str]) -> str:
    wanted = question.query.facets
    some = f"AND name = ANY({arguments.add(list(wanted), 'text[]')})" if wanted is not None else ""
    left_out = arguments.add(chosen, "text[]")
    cover = "" if wanted is not None else f"HAVING count(*) >= {COVER_MIN} * (SELECT n FROM size)"
    return (
        f"SELECT name, '', count(*), array_agg(value::float8) FROM base, jsonb_each_text(numbers) AS each(name, value) "
        f"WHERE {_met(question)} AND name <> ALL({left_out}) {some} GROUP BY name {cover}"
    )


def span_of(facet: str, numbers: Sequence[float], times: int = 1) -> NumberSpan:
    """Range and histogram: at most PARTS_MAX parts of equal width, also empty ones. Each number counts ``times``."""
    least, greatest = min(numbers), max(numbers)
    return NumberSpan(
        facet=facet,
        least=least,
        greatest=greatest,
        count=len(numbers) * times,
        parts=tuple((low, high, count * times) for low, high, count in _parts(numbers, least, greatest)),
    )


def _parts(numbers: Sequence[float], least: float, greatest: float) -> list[tuple[float, float, int]]:
    if least == greatest:
        return [(least, greatest, len(numbers))]
    width = (greatest - least) / PARTS_MAX
    counts = [0] * PARTS_MAX
    for number in numbers:
        counts[min(int((number - least) / width), PARTS_MAX - 1)] += 1
    return [(least + width * n, least + width * (n + 1), count) for n, count in enumerate(counts)]
