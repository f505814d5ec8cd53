"""Searches: tries the words strictly, then more loosely; ranks a bounded number of candidates; pages by sort keys."""

from collections.abc import Sequence

import asyncpg
import msgspec

from renga.domains.search.model.folding import key_of
from renga.domains.search.ports import COUNTED_MAX, FoundHit, IndexFindings, IndexQuestion
from renga.domains.search.stores import cursors
from renga.domains.search.stores.cursors import Place, Tiers
from renga.domains.search.stores.postgres import asking, attempts, candidates, ordering, tiers, words
from renga.domains.search.stores.postgres.asking import Word
from renga.domains.search.stores.postgres.attempts import Interpretation
from renga.domains.search.stores.postgres.candidates import DRAWN_MIN, RANKED_MIN
from renga.domains.search.stores.postgres.facets import FacetCounter, Matches
from renga.domains.search.stores.postgres.filters import Arguments, conditions, scope
from renga.domains.search.stores.postgres.generations import Tables
from renga.domains.search.stores.postgres.shares import KnownShares, Shares

#: Bonus of the most popular product, and the factor for sold-out ones.
POPULAR, SOLD_OUT = 0.35, 0.6

_skus = msgspec.json.Decoder(dict[str, str])


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """Hits, the cursor of the next page, whether the words are only scattered over descriptions, the number of matches if it is
    known already."""

    hits: list[FoundHit]
    next: str | None
    scattered: bool
    total: int | None


async def find(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tables: Tables,
    question: IndexQuestion,
    facets: FacetCounter,
    known: KnownShares,
) -> IndexFindings:
    """Raises SearchCursorInvalid."""
    mark = cursors.mark_of(question)
    asked = [await words.analyse(connection, tables, text, question.query.language) for text in question.texts]
    place = _place(question, mark, any(asked))
    shares = await known.get(connection, tables) if any(asked) else Shares()
    documents = shares.documents
    if place is not None:
        documents, asked = _weighed_alike(documents, asked, place)
    counts = (documents, *(word.documents for one in asked for word in one)) if any(asked) else ()
    number = place.attempt if place else 0
    last = attempts.LAST if any(asked) and place is None else number
    before: Interpretation | None = None
    while True:
        attempt = await attempts.attempt_at(connection, tables, asked, documents, number) if any(asked) else None
        if attempt and before and attempt.found == before.found and number < last:
            number += 1  # no word has similar words or completions, so the second attempt would find the same
            continue
        before, blank = attempt, Place(mark, number, (), counts)
        page = await _page(connection, tables, question, attempt, place, blank, shares)
        if number == last or (page.hits and not (page.scattered and number == 0)):
            break
        number = last if page.hits else number + 1
    matches = _matches(attempt, question, shares)
    counted = await facets.count(connection, tables, question, matches, f"{mark}:{number}", page.total)
    return IndexFindings(
        hits=tuple(page.hits[: question.query.limit]),
        total=counted.total,
        values=counted.values,
        numbers=counted.numbers,
        next=page.next,
        loose=number > 0,
    )


def _place(question: IndexQuestion, mark: str, has_words: bool) -> Place | None:
    if question.query.cursor is None:
        return None
    keys = ordering.keys_of(question, Arguments(), "0" if has_words else None)
    place = cursors.decode(question.query.cursor, mark, tuple(key.kind for key in keys))
    return msgspec.structs.replace(place, attempt=min(max(place.attempt, 0), attempts.LAST))


def _weighed_alike(documents: int, asked: Sequence[list[Word]], place: Place) -> tuple[int, list[list[Word]]]:
    """The words with the document counts of the first page, if they are still the same words."""
    if len(place.counts) != 1 + sum(len(one) for one in asked):
        return documents, list(asked)
    counts = iter(place.counts)
    documents = max(next(counts), 0)
    weighed = [[msgspec.structs.replace(word, documents=max(next(counts), 0)) for word in one] for one in asked]
    return documents, weighed


def _matches(attempt: Interpretation | None, question: IndexQuestion, shares: Shares) -> Matches:
    """SQL for the matches, pinned products included."""
    if attempt is None:
        return Matches(sql="true")
    key = asking.literal(key_of(question.texts[0]))
    words = attempt.matches("terms", shares)
    found = f"({words}) OR keys && ARRAY[{key}]"
    pinned = ", ".join(asking.literal(one) for one in question.pinned)
    return Matches(
        sql=f"({found} OR product_id IN ({pinned}))" if pinned else f"({found})",
        words=words,
        expected=candidates.expected(attempt, question, shares) if shares.tiers else 0.0,
        unfiltered=candidates.expected(attempt, question, shares, filtered=False) if shares.tiers else 0.0,
    )


async def _page(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tables: Tables,
    question: IndexQuestion,
    attempt: Interpretation | None,
    place: Place | None,
    blank: Place,
    shares: Shares,
) -> _Page:
    limit = question.query.limit
    pinned = [] if place else await _pinned(connection, tables, question)
    if limit == 0:
        limit, pinned = 1, []  # one hit is needed to see whether this attempt has results
    room = max(limit - len(pinned), 0)
    ranked = attempt is not None and question.query.sort == "relevance"
    looked = place.tiers if place else None
    if attempt is not None and ranked and place is None:
        looked = candidates.tiers_for(attempt, question, shares)
    rows, keys = await _rows(connection, tables, question, attempt, place, room + 1, shares, looked)
    if looked is not None and place is None and (not rows or rows[0]["candidates"] < RANKED_MIN):
        looked = None
        rows, keys = await _rows(connection, tables, question, attempt, place, room + 1, shares, looked)
    asked_key = key_of(question.texts[0]) if question.texts else ""
    hits = [
        FoundHit(
            product_id=row["product_id"],
            slug=row["slug"],
            sku=_skus.decode(row["skus"]).get(asked_key),
            score=float(row["key0"]) if attempt and isinstance(row["key0"], float) else 0.0,
        )
        for row in rows[:room]
    ]
    following = None
    if len(rows) > room and question.query.limit and room:
        values = tuple(rows[room - 1][f"key{n}"] for n in range(keys))
        following = cursors.encode(msgspec.structs.replace(blank, keys=values, tiers=looked))
    return _Page(
        hits=[*pinned, *hits],
        next=following,
        scattered=not pinned and not any(row["strong"] for row in rows),
        # pinned products are not among the rows, but count too
        total=_total(rows[0], looked, shares) if ranked and rows and not question.pinned else None,
    )


def _total(row: asyncpg.Record, looked: Tiers | None, shares: Shares) -> int | None:
    """The number of matches: if all were read, if the sample is large enough, or if matches in titles alone exceed the counted
    maximum. None: unknown."""
    counted = int(row["total"])
    if looked is None:
        return counted
    if looked.anywhere is None:
        titles = int(counted / shares.tiers.get(looked.titled, 1.0))
        return titles if titles > COUNTED_MAX else None
    return counted * tiers.times(looked.drawn) if looked.drawn and counted >= DRAWN_MIN else None


async def _pinned(
    connection: "asyncpg.Connection[asyncpg.Record]", tables: Tables, question: IndexQuestion
) -> list[FoundHit]:
    if not question.pinned:
        return []
    arguments = Arguments(list(question.pinned))
    where = " AND ".join(
        ["product_id = ANY($1::text[])", *scope(question, arguments), *conditions(question, arguments)]
    )
    rows = await connection.fetch(f"SELECT product_id, slug FROM {tables.documents} WHERE {where}", *arguments.values)
    slugs = {row[0]: row[1] for row in rows}
    found = [FoundHit(product_id=one, slug=slugs[one]) for one in question.pinned if one in slugs]
    return found[: question.query.limit]


async def _rows(
    connection: "asyncpg.Connection[asyncpg.Record]",
    tables: Tables,
    question: IndexQuestion,
    attempt: Interpretation | None,
    place: Place | None,
    limit: int,
    shares: Shares,
    looked: Tiers | None,
) -> tuple[list[asyncpg.Record], int]:
    """Hits after the place, and their number of sort keys. Ranked ones include the numbers of candidates and matches."""
    arguments = Arguments()
    where = [*scope(question, arguments), *conditions(question, arguments)]
    if question.pinned:
        where.append(f"product_id <> ALL({arguments.add(list(question.pinned), 'text[]')})")
    score = _score(attempt, question) if attempt is not None else None
    keys = ordering.keys_of(question, arguments, score)
    columns = ", ".join(f"{key.expression} AS key{n}" for n, key in enumerate(keys))
    shown = f"product_id, slug, skus::text AS skus, {_strong(attempt, question)} AS strong, {columns}"
    sorted_by = [f"key{n}" for n in range(len(keys))]
    if attempt is not None and question.query.sort == "relevance":
        best, total = candidates.source(tables, attempt, question, where, shares, looked)
        counted = f"(SELECT count(*) FROM best) AS candidates, {total} AS total"
        source = f"SELECT {shown} FROM {tables.documents} WHERE ctid = ANY(ARRAY(SELECT at FROM best))"
        statement = f"{best} SELECT *, {counted} FROM ({source}) AS found"
    else:
        where += [_matches(attempt, question, shares).sql] if attempt else []
        statement = f"SELECT {shown} FROM {tables.documents} WHERE {' AND '.join(where)}"
        if place is None:
            # the order of an index, so that only the page is read
            sorted_by = [key.expression for key in keys]
    if place is not None:
        after = ordering.after(keys, sorted_by, place.keys, arguments)
        statement = f"SELECT * FROM ({statement}) AS found WHERE {after}"
    order = [f"{by}{' DESC' if key.descending else ''}" for by, key in zip(sorted_by, keys, strict=True)]
    statement += f" ORDER BY {', '.join(order)} LIMIT {arguments.add(limit, 'bigint')}"
    return await connection.fetch(statement, *arguments.values), len(keys)


def _strong(attempt: Interpretation | None, question: IndexQuestion) -> str:
    """SQL: are the query's words in the title or words of the product, or are they its key?"""
    if attempt is None or all(len(one) < 2 for one in attempt.sets):
        return "true"
    key = asking.literal(key_of(question.texts[0]))
    return f"(terms @@ {asking.literal(attempt.found_in('AB'))}::tsquery OR keys && ARRAY[{key}])"


def _score(attempt: Interpretation, question: IndexQuestion) -> str:
    key = key_of(question.texts[0])
    exact = f"CASE WHEN keys && ARRAY[{asking.literal(key)}] THEN {asking.KEY} ELSE 0 END"
    title = f"CASE WHEN keys && ARRAY[{asking.literal(f'title:{key}')}] THEN {asking.WHOLE_TITLE} ELSE 0 END"
    brand = f"CASE WHEN brand_key = {asking.literal(key)} THEN {asking.WHOLE_BRAND} ELSE 0 END"
    standing = f"(1 + {POPULAR} * popularity) * CASE WHEN available THEN 1 ELSE {SOLD_OUT} END"
    return f"(({attempt.score} + {title} + {brand}) * {standing} + {exact})::float8"
